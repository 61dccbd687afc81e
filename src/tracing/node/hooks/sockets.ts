import { Socket } from "node:net";
import { type AnyFunction, type Current, runIn } from "./context.ts";
import { beforeReports, planReports, report } from "./reports.ts";

/** Bytes that are sent in one context. */
interface Piece {
  readonly length: number;
  readonly context: Current;
}

/** Bytes that are to be reported. */
interface Span {
  from: number;
  length: number;
  readonly word: string;
}

/** A connection to one of the service's edges. */
interface Tap {
  readonly socket: Socket;
  /** Bytes that were handed to it so far. */
  offset: number;
  writes: number;
  /** For whom the library that has it sends what it sends now; null: no library is known to have it. */
  owner: (() => Current) | null;
  /** What the next write is made of, where a library joins what it sends for several; null: by its owner. */
  pieces: Piece[] | null;
  isNamed: boolean;
  /** Bytes went past the tap: nothing is known from there on. */
  isLost: boolean;
  spans: Span[];
}

/** Every so many writes the count is compared with the socket's own. */
const CHECK = 64;

const TAP = Symbol("cove.tap");
interface Tapped extends Socket {
  [TAP]?: Tap;
}

/** Tells what a write is made of, for libraries whose sockets aren't known: null where it isn't theirs. */
type Recognize = (chunk: unknown) => readonly Piece[] | null;

const recognizers: Recognize[] = [];
const reporting: Tap[] = [];

export function recognizeWrites(recognize: Recognize): void {
  recognizers.push(recognize);
}

/** A library says for whom it sends on this socket. Without effect on connections that aren't to an edge. */
export function ownSocket(socket: unknown, owner: () => Current): void {
  const tap = tapOf(socket);
  if (tap !== undefined && tap.owner === null) tap.owner = owner;
}

/** A library joins what it sends; the next write is of these pieces, in order. */
export function addPiece(socket: unknown, length: number, context: Current): void {
  const tap = tapOf(socket);
  if (tap === undefined) return;
  tap.pieces ??= [];
  tap.pieces.push({ length, context });
}

function tapOf(socket: unknown): Tap | undefined {
  return typeof socket === "object" && socket !== null ? (socket as Tapped)[TAP] : undefined;
}

/** Follows the connections to these ports. */
export function tapSockets(isEdge: (port: number, host: unknown) => boolean): void {
  const connect = Socket.prototype.connect as AnyFunction;
  Socket.prototype.connect = function (this: Tapped, ...args: unknown[]): Socket {
    const [port, host] = targetOf(args);
    if (!isEdge(port, host)) return connect.apply(this, args) as Socket;
    // What its events lead to is not of the request that happened to open it.
    const result = runIn(null, connect, this, args) as Socket;
    tap(this);
    return result;
  } as typeof connect as typeof Socket.prototype.connect;
  beforeReports(gather);
}

/** The arguments of net's connect, also as it passes them on itself: in an array. */
function targetOf([first, second]: readonly unknown[]): [port: number, host: unknown] {
  const target = Array.isArray(first) ? (first[0] as unknown) : first;
  if (typeof target !== "object" || target === null) return [Number(target), second];
  const { port, host } = target as { port?: unknown; host?: unknown };
  return [Number(port), host];
}

function tap(socket: Tapped): void {
  socket[TAP] = {
    ...{ socket, offset: 0, writes: 0, owner: null, pieces: null },
    ...{ isNamed: false, isLost: false, spans: [] },
  };
  // `connect` has just set the socket's own `write` anew.
  const { write, end } = socket;
  socket.write = function (this: Tapped, ...args: unknown[]) {
    take(socket[TAP] as Tap, args[0], args[1]);
    return Reflect.apply(write as AnyFunction, this, args) as boolean;
  } as typeof write;
  socket.end = function (this: Tapped, ...args: unknown[]) {
    if (args[0] != null && typeof args[0] !== "function") take(socket[TAP] as Tap, args[0], args[1]);
    return Reflect.apply(end as AnyFunction, this, args) as Socket;
  } as typeof end;
}

/** The service hands bytes to a socket. */
function take(tap: Tap, chunk: unknown, encoding: unknown): void {
  try {
    const from = tap.offset;
    const length = lengthOf(chunk, encoding);
    if (tap.isLost || isPast(tap)) return;
    tap.offset += length;
    const pieces = piecesOf(tap, chunk, length);
    let at = from;
    for (const piece of pieces) {
      if (piece.context !== null) claim(tap, at, piece);
      at += piece.length;
    }
  } catch {
    tap.isLost = true;
  }
}

const NOTHING: readonly Piece[] = [];

function piecesOf(tap: Tap, chunk: unknown, length: number): readonly Piece[] {
  const { owner, pieces } = tap;
  if (pieces !== null) {
    tap.pieces = [];
    return sumOf(pieces) === length ? pieces : NOTHING;
  }
  if (owner !== null) return [{ length, context: owner() }];
  for (const recognize of recognizers) {
    const found = recognize(chunk);
    if (found !== null) return sumOf(found) === length ? found : NOTHING;
  }
  return NOTHING;
}

function sumOf(pieces: readonly Piece[]): number {
  let sum = 0;
  for (const { length } of pieces) sum += length;
  return sum;
}

/** Whether bytes went past the tap, as far as that can be seen. */
function isPast(tap: Tap): boolean {
  if (tap.writes++ % CHECK !== 0) return false;
  const { socket } = tap;
  tap.isLost = !socket.connecting && socket.writableLength === 0 && socket.bytesWritten !== tap.offset;
  return tap.isLost;
}

export function lengthOf(chunk: unknown, encoding?: unknown): number {
  if (typeof chunk === "string") {
    return Buffer.byteLength(chunk, typeof encoding === "string" ? (encoding as BufferEncoding) : "utf8");
  }
  return (chunk as Uint8Array).byteLength;
}

function claim(tap: Tap, from: number, { length, context }: Piece): void {
  if (length === 0 || tap.socket.connecting) return;
  const word = context?.word ?? "-";
  const last = tap.spans[tap.spans.length - 1];
  if (last !== undefined && last.word === word && last.from + last.length === from) {
    last.length += length;
    return;
  }
  if (tap.spans.length === 0) reporting.push(tap);
  tap.spans.push({ from, length, word });
  planReports();
}

/** Reports what was claimed since the last time. */
function gather(): void {
  for (const tap of reporting.splice(0)) {
    const { socket, spans } = tap;
    tap.spans = [];
    // Where it is led to, which may be another port than the program named.
    const { localPort, remotePort } = socket;
    // It was closed before its ports were asked for.
    if (localPort === undefined || remotePort === undefined) continue;
    const ports = `${localPort} ${remotePort}`;
    if (!tap.isNamed && !name(tap, ports)) continue;
    for (const { from, length, word } of spans) report(`b ${ports} ${from} ${length} ${word}`);
  }
}

function name(tap: Tap, ports: string): boolean {
  if (!report(`o ${ports}`)) return false;
  tap.isNamed = true;
  tap.socket.once("close", () => {
    report(`x ${ports}`);
    planReports();
  });
  return true;
}
