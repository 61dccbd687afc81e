import type { Socket } from "node:net";
import { BROKEN, GOES_ON } from "../../http1/chunks.ts";
import { type Input, keepRest, lend, newInput } from "../../http1/input.ts";
import { type Frame, type FrameReader, frameReader, PARTIAL } from "../../http2/frame-reader.ts";
import {
  DEFAULT_MAX_FRAME,
  DEFAULT_WINDOW,
  ERROR,
  FLAG,
  FRAME,
  goAwayFrame,
  MAX_WINDOW,
  PREFACE,
  pingAck,
  SETTING,
  SETTINGS_ACK,
  settingsFrame,
  windowFrame,
} from "../../http2/frames.ts";
import { type HpackDecoder, hpackDecoder } from "../../http2/hpack-decoder.ts";
import { readSettings } from "../../http2/settings.ts";
import { type H2cFields, takeResponseField } from "./h2c-messages.ts";

/** A stream's window: bytes of a response that may come while its client takes none. */
export const STREAM_WINDOW = 256 * 1024;
/** Of all streams; given back as it comes, since each stream's own window bounds what waits. */
const SESSION_WINDOW = 4 * 1024 * 1024;
/** As of responses in HTTP/1.1, each field counted with 32 bytes more. */
const MAX_FIELDS = 256 * 1024;
/** Streams at once as long as the service says nothing of it. */
const FIRST_STREAMS = 100;
/** Identifiers are used up there: a new connection begins again. */
const LAST_STREAM = 0x7fff_fff0;
/** Without streams it is closed after this, ms. */
const IDLE_TIME = 60_000;

/** What a session tells one of its streams. */
export interface H2cEvents {
  /** A whole header block. */
  readonly fields: (fields: H2cFields, ends: boolean) => void;
  /** Bytes, valid until it returns. `length`: what they count in the window. */
  readonly data: (bytes: Buffer, from: number, to: number, length: number, ends: boolean) => void;
  /** Its window grew, or the socket takes bytes again. */
  readonly writable: () => void;
  /** It is over before its end: `code` as node names errors. */
  readonly gone: (code: string) => void;
  sendWindow: number;
}

/** A connection to a service that speaks HTTP/2 without TLS, with prior knowledge. Its streams are many clients'. */
export interface H2cSession {
  readonly socket: Socket;
  readonly streams: Map<number, H2cEvents>;
  /** It takes no more streams. */
  leaving: boolean;
  connectedAt: number;
  /** Without streams, since when; `performance.now()`. */
  idleSince: number;
  nextStream: number;
  maxStreams: number;
  sendWindow: number;
  initialWindow: number;
  maxFrame: number;
  uncredited: number;
  /** The service made its table smaller: the next block says that this side uses none (RFC 7541 §4.2). */
  saysNoTable: boolean;
  out: string;
  flushing: boolean;
  readonly reader: FrameReader;
  readonly hpack: HpackDecoder;
  readonly input: Input;
}

/** `socket` is being connected; whoever made it hands its bytes to {@link readSession}. */
export function newSession(socket: Socket): H2cSession {
  const session: H2cSession = {
    ...{ socket, streams: new Map(), leaving: false, connectedAt: 0, idleSince: performance.now(), nextStream: 1 },
    ...{ maxStreams: FIRST_STREAMS, sendWindow: DEFAULT_WINDOW, initialWindow: DEFAULT_WINDOW },
    ...{ maxFrame: DEFAULT_MAX_FRAME, uncredited: 0, saysNoTable: false, out: "", flushing: false },
    ...{ reader: frameReader(), hpack: hpackDecoder(MAX_FIELDS), input: newInput() },
  };
  const settings = settingsFrame([
    [SETTING.enablePush, 0],
    [SETTING.initialWindow, STREAM_WINDOW],
    [SETTING.maxHeaderList, MAX_FIELDS],
  ]);
  sendFrames(session, PREFACE + settings + windowFrame(0, SESSION_WINDOW - DEFAULT_WINDOW));
  // Every exchange that waits for the connection listens.
  socket.setMaxListeners(0);
  let code = "closed";
  socket.on("error", (error: NodeJS.ErrnoException) => {
    code = error.code ?? "closed";
  });
  socket.on("end", () => socket.destroy());
  socket.on("drain", () => tellWritable(session));
  socket.on("close", () => {
    session.leaving = true;
    endStreams(session, 0, code);
  });
  return session;
}

/** Whether another stream may begin. */
export function takesStream({ leaving, socket, streams, maxStreams, nextStream }: H2cSession): boolean {
  return !leaving && !socket.destroyed && streams.size < maxStreams && nextStream < LAST_STREAM;
}

/** Closes a session that has nothing to do. */
export function sweepSession(session: H2cSession, now: number): void {
  if (session.streams.size === 0 && now - session.idleSince > IDLE_TIME) closeSession(session);
}

export function closeSession(session: H2cSession): void {
  session.leaving = true;
  session.socket.end(session.out + goAwayFrame(0, ERROR.none), "latin1");
  session.out = "";
  session.socket.destroySoon();
}

/** Adds frames to what goes out at the end of the turn. */
export function sendFrames(session: H2cSession, frames: string): void {
  session.out += frames;
  if (session.flushing) return;
  session.flushing = true;
  setImmediate(flushSession, session);
}

export function flushSession(session: H2cSession): void {
  const { out, socket } = session;
  session.flushing = false;
  session.out = "";
  if (out !== "" && !socket.destroyed) socket.write(out, "latin1");
}

/** A stream is over. */
export function forgetStream(session: H2cSession, id: number): void {
  session.streams.delete(id);
  session.idleSince = performance.now();
  if (session.leaving && session.streams.size === 0) session.socket.destroySoon();
}

function endStreams(session: H2cSession, after: number, code: string): void {
  for (const [id, stream] of [...session.streams]) {
    if (id <= after) continue;
    forgetStream(session, id);
    stream.gone(code);
  }
}

function tellWritable(session: H2cSession): void {
  for (const stream of [...session.streams.values()]) stream.writable();
}

/** The service's bytes. */
export function readSession(session: H2cSession, bytes: Buffer, length: number): boolean {
  const { input, reader, socket } = session;
  lend(input, bytes, length);
  for (;;) {
    const end = reader.read(input.bytes, input.from, input.to);
    if (end === GOES_ON) break;
    if (end === BROKEN || !takeFrame(session, reader.frame, end)) {
      socket.destroy(Object.assign(new Error("no HTTP/2"), { code: "EPROTO" }));
      return false;
    }
  }
  keepRest(input);
  return true;
}

/** False: the connection can't go on. */
function takeFrame(session: H2cSession, frame: Frame, end: number): boolean {
  session.input.from = end;
  const { stream: id, flags, bytes, from, to } = frame;
  switch (frame.type) {
    case FRAME.data:
      return takeData(session, frame);
    case FRAME.headers:
      return takeHeaders(session, frame);
    case FRAME.reset:
      return takeReset(session, frame);
    case FRAME.settings:
      return (flags & FLAG.ack) !== 0 || takeSettings(session, frame);
    case FRAME.ping:
      if ((flags & FLAG.ack) === 0) sendFrames(session, pingAck(bytes.toString("latin1", from, to)));
      return true;
    case FRAME.goAway:
      session.leaving = true;
      endStreams(session, bytes.readUInt32BE(from) & MAX_WINDOW, "closed");
      return true;
    case FRAME.window: {
      const more = bytes.readUInt32BE(from) & MAX_WINDOW;
      const stream = session.streams.get(id);
      if (id === 0) session.sendWindow += more;
      else if (stream !== undefined) stream.sendWindow += more;
      tellWritable(session);
      return session.sendWindow <= MAX_WINDOW;
    }
    default:
      return frame.type === PARTIAL || frame.type > FRAME.continuation || frame.type === FRAME.priority;
  }
}

function takeData(session: H2cSession, frame: Frame): boolean {
  session.uncredited += frame.length;
  if (session.uncredited >= SESSION_WINDOW / 2) {
    sendFrames(session, windowFrame(0, session.uncredited));
    session.uncredited = 0;
  }
  const stream = session.streams.get(frame.stream);
  stream?.data(frame.bytes, frame.from, frame.to, frame.length, (frame.flags & FLAG.endStream) !== 0);
  return true;
}

function takeHeaders(session: H2cSession, { bytes, from, to, stream: id, flags }: Frame): boolean {
  const fields: H2cFields = { status: 0, lines: "", malformed: false };
  const done = session.hpack.decode(bytes, from, to, (field) => takeResponseField(fields, field));
  if (done === "broken") return false;
  if (done === "too large") fields.malformed = true;
  session.streams.get(id)?.fields(fields, (flags & FLAG.endStream) !== 0);
  return true;
}

function takeReset(session: H2cSession, { stream: id }: Frame): boolean {
  const stream = session.streams.get(id);
  if (stream === undefined) return true;
  forgetStream(session, id);
  stream.gone("ECONNRESET");
  return true;
}

function takeSettings(session: H2cSession, frame: Frame): boolean {
  const fault = readSettings(frame, (id, value) => {
    if (id === SETTING.maxStreams) session.maxStreams = value;
    else if (id === SETTING.maxFrame) session.maxFrame = value;
    else if (id === SETTING.tableSize) session.saysNoTable = true;
    else if (id === SETTING.initialWindow) {
      for (const stream of session.streams.values()) stream.sendWindow += value - session.initialWindow;
      session.initialWindow = value;
    }
    return null;
  });
  sendFrames(session, SETTINGS_ACK);
  tellWritable(session);
  return fault === null;
}
