import type { Socket } from "node:net";

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
  /** Whose it is while it waits. */
  socket: Socket | null;
}

let NewRequest: (new () => WriteRequest) | null = null;
/** A request that ended at once was never looked at: the next write takes the same one. */
let spare: WriteRequest | null = null;

/**
 * Writes a text, a byte for each character (latin1). Returns as `socket.write` does: false asks to wait for `drain`.
 * Straight to the socket's handle where nothing waits there: half of what a stream's write costs besides the system call.
 * Anywhere else, or where node looks different inside, it is `socket.write`.
 */
export function writeText(socket: Socket, text: string): boolean {
  const handle = (socket as unknown as { _handle: Handle | null })._handle;
  if (
    handle === null ||
    socket.connecting ||
    // Order: nothing may overtake what the stream still holds, nor what the handle does.
    socket.writableLength > 0 ||
    text.length > SHORT ||
    !socket.writable ||
    handle.writeQueueSize !== 0
  ) {
    return socket.write(text, "latin1");
  }
  if (NewRequest === null) {
    learn(handle);
    return socket.write(text, "latin1");
  }
  const request = spare ?? newRequest(NewRequest);
  request.socket = socket;
  // An error left nothing written: the stream meets the same one and tells it as every stream does.
  if (handle.writeLatin1String(request, text) !== 0) return socket.write(text, "latin1");
  spare = handle.writeQueueSize === 0 ? request : null;
  return true;
}

function newRequest(Request: new () => WriteRequest): WriteRequest {
  const request = new Request();
  request.oncomplete = completed;
  return request;
}

/** What had to wait is out, or the peer is gone. */
function completed(this: WriteRequest, status: number): void {
  if (status < 0) this.socket?.destroy();
  this.socket = null;
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
