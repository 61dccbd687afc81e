import { type Caller, newCaller } from "../../capture/caller.ts";
import { BROKEN, GOES_ON } from "../../http1/chunks.ts";
import { clear, type Input, inputLength, keepRest, lend, newInput } from "../../http1/input.ts";
import { type RequestReader, requestReader } from "../../http1/messages.ts";
import type { RequestHead } from "../../http1/request-head.ts";
import type { Admitted } from "../accept/admit.ts";
import type { Turns } from "../accept/turns.ts";
import type { DoorInside } from "../exchange/door-inside.ts";
import { beginExchange, bodyArrived, clientEnded, clientGone, tunnelUp } from "../exchange/exchange.ts";
import { ownAnswer } from "../exchange/own-answer.ts";
import type { ProxyExchange } from "../exchange/proxy-exchange.ts";
import { expireHead } from "../exchange/response.ts";

/** Pipelined or early bytes after which reading stops. One more read may come on top: 64 KiB in all. */
const INPUT_MOST = 16 * 1024;
/** The same of a request that is held by hand: its body may be edited. */
const HELD_MOST = 1024 * 1024;
/** An idle connection is closed after this, ms. Longer than browsers keep theirs unused for most pages. */
const IDLE_TIME = 75_000;
/** A head must be whole this long after its first byte, ms: node's own limit. */
const HEAD_TIME = 60_000;
/** After the last answer, the client gets this long without sending to close, ms. */
const CLOSING_TIME = 2_000;
/** And this long altogether, however much it still sends: it may be a long upload that nobody reads, ms. */
const CLOSING_MOST = 30_000;
/** A client that closed its side and takes no bytes for this long is gone, ms: a FIN alone doesn't tell. */
const HALF_CLOSED_TIME = 3_000;

/**
 * `idle`: between requests, or within a head. `exchange`: a request is under way. `tunnel`: upgraded, bytes go both ways as
 * they are. `closing`: answered for the last time, what comes is thrown away.
 */
type Phase = "idle" | "exchange" | "tunnel" | "closing";

/** One connection of a client: its socket, what it sent ahead, and the exchange that it is in. */
export interface Connection extends Admitted {
  readonly door: DoorInside;
  readonly turns: Turns;
  phase: Phase;
  /** When the phase began, or the first byte of an unfinished head came; `performance.now()`. */
  since: number;
  idle: boolean;
  readonly reader: RequestReader;
  /** Bytes that came before their turn: part of a head, pipelined requests, a body whose service isn't ready. */
  readonly input: Input;
  readonly exchange: ProxyExchange;
  caller: Caller | null;
  /** Reading was stopped; someone has to resume it. */
  paused: boolean;
  /** The client sends nothing more: it waits for its answer, or it is gone. */
  ended: boolean;
  /** Bytes written when the client was last seen to take some, after `ended`. */
  taken: number;
  /** The connection serves another request after this one. */
  keepAlive: boolean;
  /** The next request waits for its turn, or for the client to take the answers that it has. */
  queued: boolean;
  /** When `closing` began. */
  closingSince: number;
}

type ConnectionParts = Pick<Connection, "door" | "turns" | "socket" | "owner" | "exchange">;

export function newConnection({ door, turns, socket, owner, exchange }: ConnectionParts): Connection {
  return {
    door,
    turns,
    socket,
    owner,
    exchange,
    phase: "idle",
    idle: true,
    since: performance.now(),
    reader: requestReader(),
    input: newInput(),
    caller: null,
    paused: false,
    ended: false,
    taken: 0,
    keepAlive: true,
    queued: false,
    closingSince: 0,
  };
}

export function callerOf(connection: Connection): Caller {
  const { socket, owner, exchange } = connection;
  connection.caller ??= newCaller(`${exchange.client.address}:${socket.remotePort ?? 0}`, owner.uid, owner.inode);
  return connection.caller;
}

function enter(connection: Connection, phase: Phase, now: number = performance.now()): void {
  connection.phase = phase;
  connection.idle = phase === "idle";
  connection.since = now;
}

/** The protocol changed: bytes pass as they are. */
export function enterTunnel(connection: Connection): void {
  enter(connection, "tunnel");
}

/** The client's bytes: `length` of them at the start of `bytes`. False: stop reading until `resumeReading`. */
export function readClient(connection: Connection, bytes: Buffer, length: number): boolean {
  const { phase, input, exchange } = connection;
  if (phase === "closing") {
    connection.since = performance.now();
    return true;
  }
  if (phase === "tunnel") {
    if (!tunnelUp(exchange, bytes.subarray(0, length))) connection.paused = true;
    return !connection.paused;
  }
  const waited = inputLength(input) > 0;
  lend(input, bytes, length);
  if (phase === "idle") {
    // What waits for its turn keeps waiting, with this behind it.
    if (!connection.queued) {
      if (!waited) connection.since = performance.now();
      readRequest(connection);
    }
  } else bodyArrived(exchange);
  keepRest(input);
  if (inputLength(input) > (exchange.state === "held" ? HELD_MOST : INPUT_MOST)) connection.paused = true;
  return !connection.paused;
}

/** Looks for a whole head in what is there, and begins the exchange that it asks for. */
function readRequest(connection: Connection): void {
  const { input, reader, exchange } = connection;
  const end = reader.readHead(input.bytes, input.from, input.to);
  if (end === GOES_ON) return;
  const { head, fault } = reader;
  if (end === BROKEN || head === null) return refuse(connection, fault?.refused ?? 400, fault?.reason ?? "no request");
  input.from = end;
  begin(connection, exchange, head);
}

function begin(connection: Connection, exchange: ProxyExchange, head: RequestHead): void {
  connection.phase = "exchange";
  connection.idle = false;
  connection.keepAlive = head.keepAlive && !connection.ended;
  beginExchange(exchange, head);
}

/** The exchange is over; the connection goes on to the next request or ends. */
export function finished(connection: Connection, now: number): void {
  if (!connection.keepAlive || connection.ended || connection.reader.inBody) return closeAfter(connection, "");
  enter(connection, "idle", now);
  if (inputLength(connection.input) > 0) takeNext(connection);
  else resumeReading(connection);
}

/**
 * Pipelined requests are taken up one at a time, each on a fresh stack: a thousand of them must neither nest nor keep others
 * waiting. A client that doesn't take its answers gets no further ones until it does.
 */
function takeNext(connection: Connection): void {
  if (connection.queued) return;
  connection.queued = true;
  if (connection.socket.writableNeedDrain) return;
  connection.turns.add(() => next(connection));
}

function next(connection: Connection): void {
  connection.queued = false;
  if (connection.phase !== "idle" || connection.socket.destroyed) return;
  const { input } = connection;
  if (inputLength(input) > 0) {
    readRequest(connection);
    keepRest(input);
  }
  // The rest of a head is wanted, or there is nothing left that was sent ahead.
  if (!connection.queued && (connection.idle || inputLength(input) === 0)) resumeReading(connection);
}

/** The client takes bytes again: so may the service send, and its next request be taken up. */
export function clientDrained(connection: Connection): void {
  connection.exchange.up?.socket.resume();
  if (connection.queued) connection.turns.add(() => next(connection));
}

export function resumeReading(connection: Connection): void {
  if (!connection.paused) return;
  connection.paused = false;
  connection.socket.resume();
}

/** Refuses what is no request. */
function refuse(connection: Connection, status: number, reason: string): void {
  const facts = { status, reason, host: "", port: connection.door.port };
  closeAfter(connection, ownAnswer(null, "bad-request", facts, false));
}

/** Sends the last bytes and closes once the client has them: a close with unread input would destroy them (a reset). */
export function closeAfter(connection: Connection, text: string): void {
  enter(connection, "closing");
  connection.closingSince = connection.since;
  clear(connection.input);
  const { socket } = connection;
  if (text === "") socket.end();
  else socket.end(text, "latin1");
  if (connection.ended) socket.destroySoon();
  resumeReading(connection);
}

/** The client sends nothing more (FIN). */
export function connectionEnded(connection: Connection): void {
  connection.ended = true;
  const { phase, socket, exchange } = connection;
  if (phase === "idle" && connection.queued) return;
  if (phase === "idle" || phase === "closing") return void socket.destroySoon();
  if (clientEnded(exchange) === "give up") return void socket.destroy();
  if (phase === "tunnel") return;
  connection.keepAlive = false;
  connection.since = performance.now();
  connection.taken = socket.bytesWritten;
}

/** The client's connection is closed. */
export function connectionGone(connection: Connection): void {
  clientGone(connection.exchange);
  connection.phase = "closing";
  connection.idle = false;
}

/** Looks at the connection's deadlines; called about once a second. */
export function sweepConnection(connection: Connection, now: number): void {
  const { phase, socket, since } = connection;
  const age = now - since;
  if (phase === "closing") {
    if (age > CLOSING_TIME || now - connection.closingSince > CLOSING_MOST) socket.destroy();
  } else if (phase === "exchange" && connection.ended) {
    if (socket.bytesWritten > connection.taken) {
      connection.taken = socket.bytesWritten;
      connection.since = now;
    } else if (age > HALF_CLOSED_TIME) socket.destroy();
  } else if (phase === "exchange") expireHead(connection.exchange, now);
  else if (phase === "idle" && !connection.queued) {
    if (inputLength(connection.input) > 0 && age > HEAD_TIME) refuse(connection, 408, "a head that took over 60 s");
    else if (inputLength(connection.input) === 0 && age > IDLE_TIME) socket.destroySoon();
  }
}
