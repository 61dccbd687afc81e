import { DEFAULT_MAX_FRAME, ERROR, FLAG, FRAME, frameHead, headersFrames, resetFrame } from "../../http2/frames.ts";
import { earn } from "./budget.ts";
import { GATHER_MOST } from "./limits.ts";
import { trailerBlock } from "./response-blocks.ts";
import type { Http2Connection, Stream } from "./state.ts";
import { closeStream } from "./streams.ts";

/** Content up to this size is gathered as text with the other frames of the turn; beyond it a copy costs more than a write. */
const JOIN_MOST = 4 * 1024;
/** Frames of a large body: larger ones cost fewer turns, smaller ones let other streams in between. */
const FRAME_MOST = 64 * 1024;
/** For each DATA frame a client may send two WINDOW_UPDATEs, and a PING that measures. */
const FRAMES_EARNED = 3;

/** Adds frames to what goes out at the end of the turn: frames of many streams share a write. */
export function send(connection: Http2Connection, frames: string): void {
  connection.out += frames;
  if (connection.out.length > GATHER_MOST) flush(connection);
  else if (!connection.flushing) {
    connection.flushing = true;
    setImmediate(flush, connection);
  }
}

/** Writes what was gathered. */
export function flush(connection: Http2Connection): void {
  const { out, socket, phase } = connection;
  connection.flushing = false;
  connection.out = "";
  if (phase === "closing" || socket.destroyed) return;
  if (out !== "") socket.write(out, "latin1");
  // It sends nothing more, and everything was answered.
  if (connection.ended && connection.streams.size === 0) socket.destroySoon();
}

/** A header block on a stream. */
export function sendBlock(stream: Stream, block: string, endStream: boolean): void {
  const { connection } = stream;
  let whole = block;
  if (connection.saysNoTable) {
    connection.saysNoTable = false;
    // RFC 7541 §6.3: a dynamic table of no bytes.
    whole = `\x20${block}`;
  }
  if (endStream) stream.localEnded = true;
  send(connection, headersFrames(whole, stream.id, endStream, Math.min(connection.maxFrame, DEFAULT_MAX_FRAME)));
}

/** The stream ends with an error, on this side's account. */
export function resetStream(stream: Stream, error: number): void {
  if (stream.closed) return;
  send(stream.connection, resetFrame(stream.id, error));
  closeStream(stream, "reset by the door");
}

/** Bytes of a response's body. What no window takes waits, copied. `last`: the body ends with them. */
export function sendBody(stream: Stream, bytes: Buffer, from: number, to: number, last: boolean): void {
  if (stream.localEnded || stream.closed) return;
  const { connection } = stream;
  const length = to - from;
  const room = Math.min(stream.sendWindow, connection.sendWindow);
  if (stream.pendingLength === 0 && length <= JOIN_MOST && length <= room) {
    sendData(stream, length, last, bytes.toString("latin1", from, to));
    return;
  }
  const { socket } = connection;
  let at = from;
  if (stream.pendingLength === 0) {
    // TLS encrypts what it takes at once; what waits for it would still be read here when other bytes are there.
    const copies = connection.secure && socket.writableLength > 0;
    const own = copies ? Buffer.from(bytes.subarray(from, to)) : bytes;
    const shift = copies ? from : 0;
    socket.cork();
    while (at < to && !socket.writableNeedDrain) {
      const size = writeFrame(stream, own, at - shift, to - shift, last);
      if (size === 0) break;
      at += size;
    }
    socket.uncork();
  }
  if (at === to) return;
  stream.pending.push(Buffer.from(bytes.subarray(at, to)));
  stream.pendingLength += to - at;
  connection.blocked.add(stream);
}

/** One DATA frame among those that are gathered. */
function sendData(stream: Stream, length: number, last: boolean, text: string): void {
  const { connection } = stream;
  spendWindows(stream, length, last);
  send(connection, frameHead(length, FRAME.data, last ? FLAG.endStream : 0, stream.id) + text);
}

/** One DATA frame of `bytes[from, to)`, as large as the windows let it be, straight to the socket. Gives its size; 0: none. */
function writeFrame(stream: Stream, bytes: Buffer, from: number, to: number, last: boolean): number {
  const { connection } = stream;
  const most = Math.min(connection.maxFrame, FRAME_MOST, stream.sendWindow, connection.sendWindow);
  const size = Math.min(most, to - from);
  if (size <= 0) return 0;
  const ends = last && from + size === to;
  spendWindows(stream, size, ends);
  const { socket, out } = connection;
  connection.out = "";
  socket.cork();
  socket.write(out + frameHead(size, FRAME.data, ends ? FLAG.endStream : 0, stream.id), "latin1");
  socket.write(bytes.subarray(from, from + size));
  socket.uncork();
  return size;
}

function spendWindows(stream: Stream, length: number, last: boolean): void {
  const { connection } = stream;
  stream.sendWindow -= length;
  connection.sendWindow -= length;
  if (last) stream.localEnded = true;
  earn(connection.idleFrames, FRAMES_EARNED);
}

/** Frames of the streams that wait, one of each in turn, until nothing more may go out. */
export function sendPending(connection: Http2Connection): void {
  const { blocked, socket } = connection;
  socket.cork();
  let progress = true;
  while (progress && blocked.size > 0) {
    progress = false;
    for (const stream of [...blocked]) {
      if (socket.writableNeedDrain || connection.sendWindow <= 0) break;
      if (sendNext(stream)) progress = true;
    }
  }
  socket.uncork();
}

/** The next frame of one that waits. False: its window is used up. */
function sendNext(stream: Stream): boolean {
  const [first] = stream.pending;
  if (first === undefined) return false;
  const final = stream.ends && stream.pending.length === 1 && stream.trailers === "";
  const size = writeFrame(stream, first, 0, first.length, final);
  if (size === 0) return false;
  stream.pendingLength -= size;
  if (size < first.length) stream.pending[0] = first.subarray(size);
  else stream.pending.shift();
  if (stream.pendingLength > 0) return true;
  stream.connection.blocked.delete(stream);
  if (stream.ends) endResponse(stream);
  else stream.exchange.up?.socket.resume();
  return true;
}

/** The response is whole: its end goes out behind what waits, and with it the stream. */
export function endResponse(stream: Stream): void {
  if (stream.closed) return;
  stream.ends = true;
  if (stream.pendingLength > 0) return;
  if (!stream.localEnded) {
    if (stream.trailers !== "") sendBlock(stream, trailerBlock(stream.trailers), true);
    else sendData(stream, 0, true, "");
  }
  // RFC 9113 §8.1: the rest of the request is of no use to anyone.
  if (stream.remoteEnded) closeStream(stream, "ended");
  else resetStream(stream, ERROR.none);
}
