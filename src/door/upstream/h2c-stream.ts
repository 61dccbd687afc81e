import { BROKEN, type ChunkScanner, chunkScanner, GOES_ON } from "../../http1/chunks.ts";
import {
  DEFAULT_MAX_FRAME,
  ERROR,
  FLAG,
  FRAME,
  frameHead,
  headersFrames,
  resetFrame,
  windowFrame,
} from "../../http2/frames.ts";
import { encodeLines } from "../../http2/hpack-encoder.ts";
import { type H2cFields, type H2cRequest, requestBlock, responseHead, trailerSection } from "./h2c-messages.ts";
import {
  flushSession,
  forgetStream,
  type H2cEvents,
  type H2cSession,
  STREAM_WINDOW,
  sendFrames,
} from "./h2c-session.ts";
import type { UpstreamSocket } from "./upstream-socket.ts";

/** Of a request's body, bytes that wait for a window before its sender is asked to stop. */
const PENDING_MOST = 64 * 1024;
/** Content up to this size is gathered with other frames; beyond it a copy costs more than a write. */
const JOIN_MOST = 4 * 1024;

/** What a stream tells its user, as a connection of HTTP/1.1 does. */
interface StreamUser {
  readonly read: (bytes: Buffer) => boolean;
  readonly drained: () => void;
  readonly gone: (code: string) => void;
}

interface StreamState {
  readonly session: H2cSession;
  readonly user: StreamUser;
  readonly events: H2cEvents;
  id: number;
  closed: boolean;
  request: H2cRequest | null;
  /** Reads the chunks of a request's body. */
  chunks: ChunkScanner | null;
  left: number;
  readonly pending: Buffer[];
  pendingLength: number;
  /** Its sender was asked to stop. */
  stopped: boolean;
  /** The request ends behind them; with these trailers. */
  ends: boolean;
  trailers: string;
  localEnded: boolean;

  response: "none" | "sized" | "chunked" | null;
  responseLeft: number;
  remoteEnded: boolean;
  /** The client takes no more: what comes waits here. */
  paused: boolean;
  readonly held: Buffer[];
  uncredited: number;
}

/** Opens a stream for one exchange. To it, it is a connection of HTTP/1.1 that serves one request. */
export function h2cStream(session: H2cSession, user: StreamUser): UpstreamSocket {
  const events: H2cEvents = {
    fields: (fields, ends) => takeFields(stream, fields, ends),
    data: (bytes, from, to, length, ends) => takeData(stream, bytes.subarray(from, to), length, ends),
    writable: () => sendPending(stream),
    gone: (code) => goneBy(stream, code),
    sendWindow: session.initialWindow,
  };
  const stream: StreamState = {
    ...{ session, user, events, id: session.nextStream, closed: false, request: null, chunks: null, left: 0 },
    ...{ pending: [], pendingLength: 0, stopped: false, ends: false, trailers: "", localEnded: false },
    ...{ response: null, responseLeft: 0, remoteEnded: false, paused: false, held: [], uncredited: 0 },
  };
  session.nextStream += 2;
  session.streams.set(stream.id, events);
  return {
    get connecting() {
      return session.socket.connecting;
    },
    get readableEnded() {
      return stream.remoteEnded;
    },
    cork: () => {},
    uncork: () => {},
    once: (event, listener) => session.socket.once(event, listener),
    write: (data) => write(stream, typeof data === "string" ? Buffer.from(data, "latin1") : (data as Buffer)),
    end: () => {},
    destroy: () => leave(stream, ERROR.cancel),
    resume: () => resume(stream),
  };
}

const HEAD_END = Buffer.from("\r\n\r\n");

/** HTTP/1.1's bytes: first the head, whole, then the body. */
function write(stream: StreamState, bytes: Buffer): boolean {
  if (stream.closed) return true;
  if (stream.request !== null) return writeBody(stream, bytes);
  const end = bytes.indexOf(HEAD_END) + HEAD_END.length;
  const request = requestBlock(bytes.toString("latin1", 0, end));
  stream.request = request;
  stream.left = request.length;
  if (request.framing === "chunked") stream.chunks = chunkScanner();
  if (request.framing === "none") stream.localEnded = true;
  sendBlock(stream, request.block, stream.localEnded);
  return end === bytes.length || writeBody(stream, bytes.subarray(end));
}

function writeBody(stream: StreamState, bytes: Buffer): boolean {
  const { chunks } = stream;
  if (chunks === null) {
    stream.left -= bytes.length;
    push(stream, bytes);
    if (stream.left <= 0) stream.ends = true;
  } else {
    const end = chunks.scan(bytes, 0, bytes.length, (from, to) => push(stream, bytes.subarray(from, to)));
    if (end === BROKEN) {
      leave(stream, ERROR.internal);
      return true;
    }
    if (end !== GOES_ON) {
      stream.ends = true;
      stream.trailers = chunks.trailers();
    }
  }
  sendPending(stream);
  stream.stopped = stream.pendingLength >= PENDING_MOST;
  return !stream.stopped;
}

function push(stream: StreamState, bytes: Buffer): void {
  stream.pending.push(bytes);
  stream.pendingLength += bytes.length;
}

function sendBlock({ session, id }: StreamState, block: string, ends: boolean): void {
  const whole = session.saysNoTable ? `\x20${block}` : block;
  session.saysNoTable = false;
  sendFrames(session, headersFrames(whole, id, ends, DEFAULT_MAX_FRAME));
}

/** Sends what waits, as far as the windows and the socket let it, and the request's end behind it. */
function sendPending(stream: StreamState): void {
  if (stream.closed || stream.localEnded || stream.request === null) return;
  const { session, pending } = stream;
  for (let [first] = pending; first !== undefined; [first] = pending) {
    const size = sendFrame(stream, first);
    if (size === 0) return;
    stream.pendingLength -= size;
    if (size < first.length) pending[0] = first.subarray(size);
    else pending.shift();
  }
  if (stream.ends) {
    stream.localEnded = true;
    if (stream.trailers !== "") sendBlock(stream, encodeLines(stream.trailers), true);
    else sendFrames(session, frameHead(0, FRAME.data, FLAG.endStream, stream.id));
    endIfOver(stream);
  } else if (stream.stopped) {
    stream.stopped = false;
    stream.user.drained();
  }
}

function sendFrame({ session, events, id }: StreamState, bytes: Buffer): number {
  const { socket } = session;
  if (socket.writableNeedDrain) return 0;
  const size = Math.min(bytes.length, session.maxFrame, events.sendWindow, session.sendWindow);
  if (size <= 0) return 0;
  session.sendWindow -= size;
  events.sendWindow -= size;
  const head = frameHead(size, FRAME.data, 0, id);
  if (size <= JOIN_MOST) sendFrames(session, head + bytes.toString("latin1", 0, size));
  else {
    sendFrames(session, head);
    socket.cork();
    flushSession(session);
    socket.write(bytes.subarray(0, size));
    socket.uncork();
  }
  return size;
}

function takeFields(stream: StreamState, fields: H2cFields, ends: boolean): void {
  const isTrailer = stream.response !== null;
  if (fields.malformed || (isTrailer ? !ends || fields.status !== 0 : fields.status === 0)) return broken(stream);
  if (isTrailer) return takeEnd(stream, trailerSection(fields.lines));
  const { head, framing, length } = responseHead(fields, stream.request?.method ?? "", ends);
  const interim = fields.status < 200;
  if (interim && (ends || fields.status === 101)) return broken(stream);
  if (!interim) {
    stream.response = framing;
    stream.responseLeft = length;
    if (ends && framing === "sized" && length > 0) return broken(stream);
    if (ends) stream.remoteEnded = true;
  }
  give(stream, Buffer.from(head, "latin1"));
  if (ends) endIfOver(stream);
}

function takeData(stream: StreamState, bytes: Buffer, length: number, ends: boolean): void {
  stream.uncredited += length;
  if (stream.uncredited > STREAM_WINDOW) return broken(stream);
  const { response } = stream;
  if (response === null || (response === "none" && bytes.length > 0)) return broken(stream);
  if (response === "sized") {
    stream.responseLeft -= bytes.length;
    if (stream.responseLeft < 0 || (ends && stream.responseLeft > 0)) return broken(stream);
    if (ends) stream.remoteEnded = true;
    // A copy: where these bytes lie, the next ones are read.
    if (bytes.length > 0) give(stream, Buffer.from(bytes));
    if (ends) endIfOver(stream);
  } else {
    if (bytes.length > 0) give(stream, chunk(bytes));
    if (ends) takeEnd(stream, "");
  }
  giveBack(stream);
}

function chunk(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`, "latin1"), bytes, CRLF]);
}

const CRLF = Buffer.from("\r\n");

function takeEnd(stream: StreamState, trailers: string): void {
  if (stream.closed) return;
  if (stream.response === "sized" && stream.responseLeft > 0) return broken(stream);
  stream.remoteEnded = true;
  if (stream.response === "chunked") give(stream, Buffer.from(`0\r\n${trailers}\r\n`, "latin1"));
  endIfOver(stream);
}

/** Hands bytes to the exchange, or keeps them while it takes none. */
function give(stream: StreamState, bytes: Buffer): void {
  if (stream.closed) return;
  if (stream.paused) stream.held.push(bytes);
  else if (!stream.user.read(bytes)) stream.paused = true;
}

function resume(stream: StreamState): void {
  if (!stream.paused) return;
  stream.paused = false;
  while (!stream.paused && !stream.closed) {
    const next = stream.held.shift();
    if (next === undefined) break;
    if (!stream.user.read(next)) stream.paused = true;
  }
  giveBack(stream);
  endIfOver(stream);
}

function giveBack(stream: StreamState): void {
  if (stream.paused || stream.closed || stream.remoteEnded || stream.uncredited < STREAM_WINDOW / 2) return;
  sendFrames(stream.session, windowFrame(stream.id, stream.uncredited));
  stream.uncredited = 0;
}

/** Both sides have ended, and its user has all of it. */
function endIfOver(stream: StreamState): void {
  if (stream.closed || !stream.remoteEnded || !stream.localEnded || stream.held.length > 0) return;
  stream.closed = true;
  forgetStream(stream.session, stream.id);
}

/** The exchange has no use for it any more. */
function leave(stream: StreamState, error: number): void {
  if (stream.closed) return;
  stream.closed = true;
  stream.held.length = 0;
  stream.pending.length = 0;
  if (!stream.remoteEnded || !stream.localEnded) sendFrames(stream.session, resetFrame(stream.id, error));
  forgetStream(stream.session, stream.id);
}

/** The service's response breaks the rules. */
function broken(stream: StreamState): void {
  if (stream.closed) return;
  leave(stream, ERROR.protocol);
  stream.user.gone("EPROTO");
}

function goneBy(stream: StreamState, code: string): void {
  if (stream.closed) return;
  stream.closed = true;
  // What came whole is still handed on.
  if (!stream.remoteEnded) stream.user.gone(code);
}
