import type { Frame, FrameFault } from "../../http2/frame-reader.ts";
import { ERROR, FLAG, FRAME, MAX_WINDOW, pingAck, resetFrame, SETTING, SETTINGS_ACK } from "../../http2/frames.ts";
import { DEFAULT_TABLE_SIZE } from "../../http2/hpack-decoder.ts";
import { clearFields, takeField } from "../../http2/request-fields.ts";
import { readSettings } from "../../http2/settings.ts";
import { clientGone } from "../exchange/exchange.ts";
import { spend } from "./budget.ts";
import { countConnectionInput, giveBackConnection } from "./input-windows.ts";
import { MAX_STREAMS, OUTPUT_MOST } from "./limits.ts";
import { resetStream, send, sendPending } from "./output.ts";
import { beginRequest, takeData, takeTrailers } from "./requests.ts";
import type { Http2Connection, Stream } from "./state.ts";
import { closeStream } from "./streams.ts";

/** Does what a frame asks for. What the connection can't go on after is told. */
export function takeFrame(connection: Http2Connection): FrameFault | null {
  const { frame } = connection.reader;
  switch (frame.type) {
    case FRAME.data:
      return takeDataFrame(connection, frame);
    case FRAME.headers:
      return takeHeaders(connection, frame);
    case FRAME.reset:
      return takeReset(connection, frame);
    case FRAME.settings:
      return calm(connection) ?? takeSettings(connection, frame);
    case FRAME.ping:
      if ((frame.flags & FLAG.ack) === 0)
        send(connection, pingAck(frame.bytes.toString("latin1", frame.from, frame.to)));
      return calm(connection);
    case FRAME.window:
      return calm(connection) ?? takeWindow(connection, frame);
    case FRAME.priority:
      return calm(connection) ?? (frame.error === ERROR.none ? null : streamError(connection, frame));
    default:
      // GOAWAY: the client begins no more streams. Unknown frames mean nothing (RFC 9113 §4.1).
      return calm(connection);
  }
}

const CALM = ERROR.enhanceYourCalm;

/** Charges a frame that costs its sender nothing. */
function calm(connection: Http2Connection): FrameFault | null {
  if (!spend(connection.idleFrames)) return { error: CALM, reason: "too many frames that do nothing" };
  const waits = connection.out.length + connection.socket.writableLength;
  // Bodies stop long before: these are answers to frames that nobody reads.
  if (connection.out.length > 0 && waits > OUTPUT_MOST && connection.socket.writableNeedDrain) {
    return { error: CALM, reason: "answers that nobody reads" };
  }
  return null;
}

/** Charges a stream that ended before its time by the client's doing. */
function chargeBroken(connection: Http2Connection): FrameFault | null {
  return spend(connection.brokenStreams) ? null : { error: CALM, reason: "too many streams that were given up" };
}

/** A stream ends with an error of the frame's. */
function streamError(connection: Http2Connection, frame: Frame): FrameFault | null {
  const stream = connection.streams.get(frame.stream);
  if (stream === undefined) {
    if (frame.stream > connection.lastStream)
      return { error: frame.error, reason: "an error on a stream that isn't open" };
    return null;
  }
  resetStream(stream, frame.error);
  clientGone(stream.exchange);
  return chargeBroken(connection);
}

function isIdle(connection: Http2Connection, stream: number): boolean {
  return stream > connection.lastStream || stream % 2 === 0;
}

const IDLE: FrameFault = { error: ERROR.protocol, reason: "a frame on a stream that nobody opened" };
const CLOSED: FrameFault = { error: ERROR.streamClosed, reason: "a frame on a stream that has ended" };

function takeDataFrame(connection: Http2Connection, frame: Frame): FrameFault | null {
  if (!countConnectionInput(connection, frame.length)) {
    return { error: ERROR.flowControl, reason: "more DATA than the connection's window" };
  }
  const stream = connection.streams.get(frame.stream);
  if (stream === undefined) {
    giveBackConnection(connection);
    if (isIdle(connection, frame.stream)) return IDLE;
    return late(connection, frame.stream);
  }
  if (stream.remoteEnded) return CLOSED;
  const empty = frame.from === frame.to && (frame.flags & FLAG.endStream) === 0;
  const wrong = empty ? calm(connection) : null;
  if (wrong !== null) return wrong;
  return takeData(stream, frame) === ERROR.none ? null : chargeBroken(connection);
}

/** DATA or HEADERS on a stream that is over (RFC 9113 §5.1): where the door ended it, they were on their way. */
function late(connection: Http2Connection, id: number): FrameFault | null {
  const how = connection.closed.of(id);
  if (how === "reset by the door") return calm(connection);
  if (how !== "reset by the client") return how === "ended" ? CLOSED : IDLE;
  send(connection, resetFrame(id, ERROR.streamClosed));
  return chargeBroken(connection);
}

function takeHeaders(connection: Http2Connection, frame: Frame): FrameFault | null {
  const { fields, hpack, streams } = connection;
  clearFields(fields);
  // Whatever becomes of the stream, the block counts for the table.
  const decoded = hpack.decode(frame.bytes, frame.from, frame.to, (field) => takeField(fields, field));
  if (decoded === "broken") return { error: ERROR.compression, reason: "a header block that can't be decoded" };
  const { stream: id } = frame;
  const stream = streams.get(id);
  if (stream !== undefined) {
    if (stream.remoteEnded) return CLOSED;
    if (frame.error !== ERROR.none || decoded === "too large") {
      return streamError(connection, { ...frame, error: frame.error || ERROR.protocol });
    }
    return takeTrailers(stream, frame) === ERROR.none ? null : chargeBroken(connection);
  }
  if (id % 2 === 0) return { error: ERROR.protocol, reason: "a stream of an even number" };
  if (id <= connection.lastStream) return late(connection, id);
  connection.lastStream = id;
  if (frame.error !== ERROR.none) return turnAway(connection, id, frame.error);
  if (streams.size >= MAX_STREAMS) return turnAway(connection, id, ERROR.refusedStream);
  return beginRequest(connection, frame, decoded === "too large") ? null : chargeBroken(connection);
}

/** A stream that never was one. */
function turnAway(connection: Http2Connection, id: number, error: number): FrameFault | null {
  send(connection, resetFrame(id, error));
  connection.closed.add(id, "reset by the door");
  return chargeBroken(connection);
}

function takeReset(connection: Http2Connection, frame: Frame): FrameFault | null {
  if (isIdle(connection, frame.stream)) return IDLE;
  const stream = connection.streams.get(frame.stream);
  if (stream === undefined) return calm(connection);
  closeStream(stream, "reset by the client");
  clientGone(stream.exchange);
  return chargeBroken(connection);
}

function takeSettings(connection: Http2Connection, frame: Frame): FrameFault | null {
  if ((frame.flags & FLAG.ack) !== 0) {
    connection.settingsSince = 0;
    return null;
  }
  const fault = readSettings(frame, (id, value) => takeSetting(connection, id, value));
  if (fault === null) send(connection, SETTINGS_ACK);
  if (connection.blocked.size > 0) sendPending(connection);
  return fault;
}

function takeSetting(connection: Http2Connection, id: number, value: number): FrameFault | null {
  if (id === SETTING.maxFrame) connection.maxFrame = value;
  else if (id === SETTING.tableSize) connection.saysNoTable ||= value < DEFAULT_TABLE_SIZE;
  else if (id === SETTING.initialWindow) {
    const more = value - connection.initialWindow;
    connection.initialWindow = value;
    // RFC 9113 §6.9.2: the windows of open streams change with it, below zero too.
    for (const stream of connection.streams.values()) {
      stream.sendWindow += more;
      if (stream.sendWindow > MAX_WINDOW) return { error: ERROR.flowControl, reason: "a window over 2^31-1" };
    }
  }
  return null;
}

function takeWindow(connection: Http2Connection, frame: Frame): FrameFault | null {
  const stream: Stream | undefined = connection.streams.get(frame.stream);
  const more = frame.bytes.readUInt32BE(frame.from) & MAX_WINDOW;
  if (frame.stream === 0) {
    connection.sendWindow += more;
    if (connection.sendWindow > MAX_WINDOW) return { error: ERROR.flowControl, reason: "a window over 2^31-1" };
  } else if (isIdle(connection, frame.stream)) return IDLE;
  else if (stream === undefined) return null;
  else {
    stream.sendWindow += more;
    if (stream.sendWindow > MAX_WINDOW) frame.error = ERROR.flowControl;
    if (frame.error !== ERROR.none) return streamError(connection, frame);
  }
  if (connection.blocked.size > 0) sendPending(connection);
  return null;
}
