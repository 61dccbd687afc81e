import type { Socket } from "node:net";
import type { Peer } from "../../guard/peer.ts";
import { BROKEN, GOES_ON } from "../../http1/chunks.ts";
import { clear, inputLength, keepRest, lend, newInput } from "../../http1/input.ts";
import { type FrameFault, frameReader, PARTIAL } from "../../http2/frame-reader.ts";
import {
  DEFAULT_MAX_FRAME,
  DEFAULT_WINDOW,
  ERROR,
  FRAME,
  goAwayFrame,
  PREFACE,
  settingsFrame,
  windowFrame,
} from "../../http2/frames.ts";
import { hpackDecoder } from "../../http2/hpack-decoder.ts";
import { newRequestFields } from "../../http2/request-fields.ts";
import { isSecure } from "../accept/secure.ts";
import type { Turns } from "../accept/turns.ts";
import type { DoorInside } from "../exchange/door-inside.ts";
import { clientEnded, clientGone } from "../exchange/exchange.ts";
import { expireHead } from "../exchange/response.ts";
import { newBudget } from "./budget.ts";
import { closedStreams } from "./closed-streams.ts";
import {
  BEGIN_MOST,
  BROKEN_STREAMS,
  CLOSING_TIME,
  CONNECTION_WINDOW,
  HALF_CLOSED_TIME,
  HEAD_TIME,
  IDLE_FRAMES,
  IDLE_TIME,
  MAX_FIELDS,
  SETTINGS,
  SETTINGS_TIME,
} from "./limits.ts";
import { flush, resetStream, send, sendPending } from "./output.ts";
import type { Http2Connection } from "./state.ts";
import { closeStream } from "./streams.ts";
import { takeFrame } from "./take-frame.ts";

/** Streams that are kept for use again, after some idle time, ms. */
const FREE_LEAST = 2;
const FREE_TIME = 5_000;
const PREFACE_BYTES = Buffer.from(PREFACE, "latin1");

/**
 * A client's connection that speaks HTTP/2 (RFC 9113), by prior knowledge or by ALPN. Its bytes, the preface first, are handed
 * to {@link readHttp2}.
 */
export function openHttp2(door: DoorInside, turns: Turns, socket: Socket, owner: Peer): Http2Connection {
  const now = performance.now();
  const connection: Http2Connection = {
    ...{ door, turns, socket, owner, address: socket.remoteAddress ?? "127.0.0.1", caller: null },
    secure: isSecure(socket),
    ...{ phase: "preface", idle: true, since: now, input: newInput(), headSince: now, reader: frameReader() },
    ...{ hpack: hpackDecoder(MAX_FIELDS), fields: newRequestFields() },
    ...{ paused: false, queued: false, begun: 0, ended: false, taken: 0, settingsSince: now },
    ...{ streams: new Map(), closed: closedStreams(), lastStream: 0, free: [] },
    ...{ receiveWindow: CONNECTION_WINDOW, uncredited: 0, waiting: 0, out: "", flushing: false },
    ...{ sendWindow: DEFAULT_WINDOW, initialWindow: DEFAULT_WINDOW, maxFrame: DEFAULT_MAX_FRAME },
    ...{ saysNoTable: false, blocked: new Set() },
    ...{ idleFrames: newBudget(IDLE_FRAMES), brokenStreams: newBudget(BROKEN_STREAMS) },
  };
  send(connection, settingsFrame(SETTINGS) + windowFrame(0, CONNECTION_WINDOW - DEFAULT_WINDOW));
  return connection;
}

/** The client's bytes: `length` of them at the start of `bytes`. False: stop reading until the socket's `resume`. */
export function readHttp2(connection: Http2Connection, bytes: Buffer, length: number): boolean {
  const { phase, input } = connection;
  if (phase === "closing") return true;
  lend(input, bytes, length);
  if (!connection.queued) readFrames(connection);
  keepRest(input);
  return !connection.paused;
}

function readFrames(connection: Http2Connection): void {
  const { input, reader } = connection;
  if (connection.phase === "preface" && !readPreface(connection)) return;
  connection.begun = 0;
  for (;;) {
    const end = reader.read(input.bytes, input.from, input.to);
    if (end === GOES_ON) break;
    if (end === BROKEN) return closeWith(connection, reader.fault ?? { error: ERROR.internal, reason: "" });
    input.from = end;
    if (reader.frame.type === PARTIAL) continue;
    const fault = takeFrame(connection);
    if (fault !== null) return closeWith(connection, fault);
    if (connection.begun >= BEGIN_MOST && input.from < input.to) return takeTurn(connection);
  }
  if (!reader.inBlock) connection.headSince = 0;
  else if (connection.headSince === 0) connection.headSince = performance.now();
}

/** RFC 9113 §3.4. False: it isn't there yet, or is none. */
function readPreface(connection: Http2Connection): boolean {
  const { input } = connection;
  const there = Math.min(inputLength(input), PREFACE_BYTES.length);
  if (PREFACE_BYTES.compare(input.bytes, input.from, input.from + there, 0, there) !== 0) {
    closeWith(connection, { error: ERROR.protocol, reason: "a preface that is none" });
    return false;
  }
  if (there < PREFACE_BYTES.length) return false;
  // SETTINGS come first.
  const type = input.bytes[input.from + there + 3];
  if (inputLength(input) < there + 4) return false;
  if (type !== FRAME.settings) {
    closeWith(connection, { error: ERROR.protocol, reason: "a preface without SETTINGS" });
    return false;
  }
  input.from += there;
  connection.phase = "open";
  return true;
}

/** The rest of the frames wait until others had their turn. */
function takeTurn(connection: Http2Connection): void {
  connection.queued = true;
  connection.paused = true;
  connection.turns.add(() => {
    connection.queued = false;
    if (connection.phase === "closing" || connection.socket.destroyed) return;
    readFrames(connection);
    keepRest(connection.input);
    if (connection.queued) return;
    connection.paused = false;
    connection.socket.resume();
  });
}

/** Nothing on this connection can be trusted any more (RFC 9113 §5.4.1). */
function closeWith(connection: Http2Connection, { error, reason }: FrameFault): void {
  const { socket, lastStream } = connection;
  const text = connection.out + goAwayFrame(lastStream, error, reason);
  leave(connection);
  clear(connection.input);
  socket.end(text, "latin1");
  if (connection.ended) socket.destroySoon();
  if (connection.paused) socket.resume();
}

/** Ends all exchanges; what comes after is thrown away. */
function leave(connection: Http2Connection): void {
  connection.phase = "closing";
  connection.since = performance.now();
  connection.idle = false;
  connection.out = "";
  for (const stream of [...connection.streams.values()]) {
    closeStream(stream, "reset by the door");
    clientGone(stream.exchange);
  }
  connection.free.length = 0;
}

/** The client takes bytes again: so may services send. */
export function http2Drained(connection: Http2Connection): void {
  if (connection.blocked.size > 0) sendPending(connection);
  for (const stream of connection.streams.values()) {
    if (stream.pendingLength === 0) stream.exchange.up?.socket.resume();
  }
}

/** The client sends nothing more (FIN). */
export function http2Ended(connection: Http2Connection): void {
  connection.ended = true;
  const { socket } = connection;
  if (connection.phase === "closing") return void socket.destroySoon();
  for (const stream of [...connection.streams.values()]) {
    if (!stream.remoteEnded && clientEnded(stream.exchange) === "give up") {
      resetStream(stream, ERROR.cancel);
      clientGone(stream.exchange);
    }
  }
  connection.taken = socket.bytesWritten;
  connection.since = performance.now();
  flush(connection);
}

/** The client's connection is closed. */
export function http2Gone(connection: Http2Connection): void {
  leave(connection);
}

/** Looks at the connection's deadlines; called about once a second. */
export function sweepHttp2(connection: Http2Connection, now: number): void {
  const { phase, socket, since } = connection;
  const age = now - since;
  if (phase === "closing") {
    if (age > CLOSING_TIME) socket.destroy();
  } else if (connection.ended) {
    if (socket.bytesWritten > connection.taken) {
      connection.taken = socket.bytesWritten;
      connection.since = now;
    } else if (age > HALF_CLOSED_TIME) socket.destroy();
  } else if (connection.headSince > 0 && now - connection.headSince > HEAD_TIME) {
    closeWith(connection, { error: ERROR.protocol, reason: "a head that took over 60 s" });
  } else if (connection.settingsSince > 0 && now - connection.settingsSince > SETTINGS_TIME) {
    closeWith(connection, { error: ERROR.settingsTimeout, reason: "SETTINGS that nobody acknowledged" });
  } else if (connection.idle) {
    // Kept for the next page; an idle connection keeps few.
    if (age > FREE_TIME) connection.free.length = Math.min(connection.free.length, FREE_LEAST);
    if (age > IDLE_TIME) closeWith(connection, { error: ERROR.none, reason: "" });
  } else for (const stream of connection.streams.values()) expireHead(stream.exchange, now);
}

/** The door closes: a client with GOAWAY knows which of its requests were taken (RFC 9113 §6.8). */
export function shutHttp2(connection: Http2Connection): void {
  const { phase, socket } = connection;
  // A client that takes nothing isn't waited for.
  if (socket.writableLength > 0) return void socket.destroy();
  if (phase !== "closing") closeWith(connection, { error: ERROR.none, reason: "the door closes" });
  socket.destroySoon();
}
