import type { Socket } from "node:net";
import { getSystemErrorName } from "node:util";
import { failWrite } from "./failed-writes.ts";

/** Longer texts go through the stream: with them its cost doesn't count. */
const SHORT = 16 * 1024;

/** What node:net keeps inside, as far as this file needs it. */
interface Handle {
  /** 0, or the system's error; what can't go out at once is queued behind the handle and `request.oncomplete` called. */
  writeLatin1String: (request: WriteRequest, text: string) => number;
  /** Bytes that wait for the peer to read. */
  readonly writeQueueSize: number;
}
interface WriteRequest {
  oncomplete: (this: WriteRequest, status: number) => void;
  /** -1: no write took it, since all went out at once. */
  getAsyncId: () => number;
  /** Whose it is while it waits. */
  socket: Socket | null;
}

/** What node's types keep to themselves. */
type SocketInside = Socket & { readonly _handle: Handle | null };
/** A socket, or what stands for one and has no handle. */
export type TextSocket = SocketInside | { readonly write: (text: string, encoding: "latin1") => boolean };

let NewRequest: (new () => WriteRequest) | null = null;
/** A request that no write took: the next one gets it. */
let spare: WriteRequest | null = null;
/** Texts that wait behind handles. As long as there is none, no handle need be asked what waits there. */
let waiting = 0;

/**
 * Writes a text, a byte for each character (latin1). Returns as `socket.write` does: false asks to wait for `drain`.
 * Straight to the socket's handle where nothing waits there: half of what a stream's write costs besides the system call.
 * Anywhere else, or where node looks different inside, it is `socket.write`.
 */
export function writeText(socket: TextSocket, text: string): boolean {
  if (!("_handle" in socket)) return socket.write(text, "latin1");
  const { _handle: handle } = socket;
  if (
    handle === null ||
    socket.connecting ||
    // Order: nothing may overtake what the stream still holds, nor what the handle does.
    socket.writableLength > 0 ||
    text.length > SHORT ||
    !socket.writable ||
    (waiting > 0 && handle.writeQueueSize !== 0)
  ) {
    return socket.write(text, "latin1");
  }
  if (NewRequest === null) {
    learn(handle);
    return socket.write(text, "latin1");
  }
  const request = spare ?? newRequest(NewRequest);
  request.socket = socket;
  const status = handle.writeLatin1String(request, text);
  // An empty queue wouldn't tell: where the peer makes room between the handle's two tries, or the second one fails, the
  // queue is empty and the request still waits for its `oncomplete`.
  spare = request.getAsyncId() === -1 ? request : null;
  if (status === 0) {
    if (spare === null) waiting++;
    return true;
  }
  // Nothing was written, and the kernel has told its error: the stream would meet another one.
  return failWrite(socket, writeError(status)) || socket.write(text, "latin1");
}

function newRequest(Request: new () => WriteRequest): WriteRequest {
  const request = new Request();
  request.oncomplete = completed;
  return request;
}

/** What had to wait is out, or the peer is gone. */
function completed(this: WriteRequest, status: number): void {
  const { socket } = this;
  waiting--;
  this.socket = null;
  if (status < 0 && socket !== null && !failWrite(socket, writeError(status))) socket.destroy();
}

function writeError(status: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(status);
  return Object.assign(new Error(`write ${code}`), { code, errno: status, syscall: "write" });
}

/** Takes the class of node's write requests off the next ordinary write, since node exports it to nobody. */
function learn(handle: Handle): void {
  if (typeof handle.writeLatin1String !== "function" || handle.writeQueueSize !== 0) return;
  handle.writeLatin1String = (request, text) => {
    NewRequest = request.constructor as new () => WriteRequest;
    Reflect.deleteProperty(handle, "writeLatin1String");
    return handle.writeLatin1String(request, text);
  };
}
