import type { Socket } from "node:net";

type Done = (error?: Error | null) => void;
type Fail = (error: NodeJS.ErrnoException) => void;

/** Of each socket that reads on. */
const fails = new WeakMap<Socket, Fail>();

/**
 * Keeps a socket readable after a write to it has failed. Call it once, before the first write.
 *
 * A peer that answers and closes without reading everything resets the connection: a write to it fails, but what it sent
 * before the reset can still be read (on Linux; other systems may drop it). node:net destroys the whole socket on a failed
 * write, and the answer with it. The failure only reaches the stream through the callback that the stream hands to `_write`
 * (public API of node:stream), so that this callback is wrapped here, and the stream never learns of it.
 *
 * From the failure on:
 * - `failed` was called, once. Writes are dropped, and their callbacks and `drain` come as if they had succeeded.
 * - Reading goes on. The owner must not pause the socket for good: what is left to read is in the kernel, and has an end.
 * - Behind the last byte comes what a reader without writes would see: `end`, then `close`, where the peer had sent a FIN
 *   before its reset, else `error` and `close`. The first failed write after a reset takes the error that the kernel keeps
 *   for the reader, so its code tells which: EPIPE after a FIN (tcp_reset() in net/ipv4/tcp_input.c).
 *
 * Where Node stopped to pass failures to that callback, sockets would behave as without this file.
 */
export function readAfterFailedWrite(socket: Socket, failed: Fail): void {
  const { _write: write, _writev: writev, push } = socket;
  let failure: NodeJS.ErrnoException | null = null;
  /** A stream has one write under way, so that one wrapper serves them all. */
  let done: Done = () => {};

  const written: Done = (error) => {
    if (error === undefined || error === null || socket.destroyed) return done(error);
    fail(error);
    done();
  };

  function fail(error: NodeJS.ErrnoException): void {
    if (failure !== null || socket.destroyed) return;
    failure = error;
    failed(error);
    // All that the peer sent was read before.
    if (socket.readableEnded) socket.destroy();
  }

  fails.set(socket, fail);
  socket._write = (chunk, encoding, callback) => {
    if (failure !== null) return callback();
    done = callback;
    write.call(socket, chunk, encoding, written);
  };
  if (writev !== undefined) {
    socket._writev = (chunks, callback) => {
      if (failure !== null) return callback();
      done = callback;
      writev.call(socket, chunks, written);
    };
  }
  // With `onread` only the end passes here.
  socket.push = (chunk, encoding) => {
    if (chunk !== null || failure === null || failure.code === "EPIPE") return push.call(socket, chunk, encoding);
    socket.destroy(failure);
    return false;
  };
  socket.once("end", () => {
    if (failure !== null) socket.destroy();
  });
}

/** For a write that went past the stream, straight to the handle, and failed: false where the socket doesn't read on. */
export function failWrite(socket: Socket, error: NodeJS.ErrnoException): boolean {
  const fail = fails.get(socket);
  fail?.(error);
  return fail !== undefined;
}
