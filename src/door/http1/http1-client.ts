import type { Socket } from "node:net";
import type { Peer } from "../../guard/peer.ts";
import { BROKEN, chunkScanner, GOES_ON, type OnData } from "../../http1/chunks.ts";
import { append, clear, inputLength, keepRest } from "../../http1/input.ts";
import type { RequestHead } from "../../http1/request-head.ts";
import type { ResponseHead } from "../../http1/response-head.ts";
import type { Turns } from "../accept/turns.ts";
import { writeText } from "../accept/write-text.ts";
import type { BodyStep, ClientSide, Piece } from "../exchange/client-side.ts";
import type { DoorInside } from "../exchange/door-inside.ts";
import { openExchange, tunnelUp } from "../exchange/exchange.ts";
import {
  type Connection,
  callerOf,
  closeAfter,
  enterTunnel,
  finished,
  newConnection,
  resumeReading,
} from "./connection.ts";

/** A body's first bytes go out in one write with the head up to this size; beyond it a copy costs more than a write. */
const JOIN_MOST = 16 * 1024;

/** A connection that was let in, and its exchange, which sees it as a {@link ClientSide}. */
export function openConnection(door: DoorInside, turns: Turns, socket: Socket, owner: Peer): Connection {
  const exchange = openExchange(
    door,
    http1Client(() => connection, socket, owner),
  );
  const connection: Connection = newConnection({ door, turns, socket, owner, exchange });
  return connection;
}

/** HTTP/1.1's side of an exchange. */
function http1Client(get: () => Connection, socket: Socket, owner: Peer): ClientSide {
  const piece: Piece = { bytes: Buffer.alloc(0), from: 0, to: 0 };
  const secure = isSecure(socket);
  return {
    secure,
    address: socket.remoteAddress ?? "127.0.0.1",
    owner,
    caller: () => callerOf(get()),
    takesChunks: () => get().exchange.head?.minor !== 0,
    piece,
    readBody: (data) => readBody(get(), piece, data),
    bodyDone: () => !get().reader.inBody,
    resume: () => {
      const connection = get();
      keepRest(connection.input);
      resumeReading(connection);
    },
    pause: () => {
      get().paused = true;
    },
    wholeBody: () => wholeBody(get())?.body ?? null,
    replaceBody: (body) => replaceBody(get(), body),
    interim: (head) => interim(get(), head),
    respond: (head, bytes, from, to) => respond(get(), head, bytes, from, to),
    body: (bytes, from, to) => writeBytes(socket, secure, bytes, from, to),
    // TLS has encrypted what it took, and what waits for it are copies.
    waiting: secure ? () => false : () => socket.writableLength > 0,
    full: () => socket.writableNeedDrain,
    finished: () => finished(get()),
    answer: (make) => answer(get(), make),
    cut: () => {
      // Without TLS's own end (close_notify) the client knows that something is missing (RFC 8446 §6.1).
      if (secure) socket.destroy();
      else socket.resetAndDestroy();
    },
    beginTunnel: (head, upgrade) => beginTunnel(get(), head, upgrade),
    endTunnel: () => {
      socket.end();
    },
    since: () => get().since,
    ended: () => get().ended,
    gone: () => socket.destroyed,
  };
}

function readBody({ input, reader }: Connection, piece: Piece, data: OnData | undefined): BodyStep {
  if (!reader.inBody || input.from === input.to) return "nothing";
  piece.bytes = input.bytes;
  piece.from = input.from;
  const end = reader.readBody(input.bytes, input.from, input.to, data);
  if (end === BROKEN) return "broken";
  piece.to = end === GOES_ON ? input.to : end;
  input.from = piece.to;
  return "piece";
}

/** The body of a request that waits, and where it ends in what waits; null where it isn't whole. */
function wholeBody({ input, exchange }: Connection): { body: Buffer; end: number } | null {
  const { bytes, from, to } = input;
  const head = exchange.head;
  if (head === null || head.framing === "none") return { body: Buffer.alloc(0), end: from };
  if (head.framing === "sized") {
    const end = from + head.length;
    return to < end ? null : { body: Buffer.from(bytes.subarray(from, end)), end };
  }
  const runs: Buffer[] = [];
  const end = chunkScanner().scan(bytes, from, to, (start, stop) => runs.push(bytes.subarray(start, stop)));
  return end < 0 ? null : { body: Buffer.concat(runs), end };
}

function replaceBody(connection: Connection, body: Buffer): void {
  const { input, reader } = connection;
  const rest = Buffer.from(input.bytes.subarray(wholeBody(connection)?.end ?? input.to, input.to));
  clear(input);
  append(input, body);
  append(input, rest);
  reader.replaceBody(body.length);
}

/** HTTP/1.0 knows no interim responses. */
function interim({ exchange, socket }: Connection, head: ResponseHead): void {
  if (exchange.head?.minor === 1) socket.write(`HTTP/1.1 ${head.statusText}\r\n${head.fields}\r\n`, "latin1");
}

function respond(connection: Connection, head: ResponseHead, bytes: Buffer, from: number, to: number): void {
  const { socket, reader, exchange } = connection;
  const asked: RequestHead | null = exchange.head;
  const old = asked?.minor === 0;
  // A response before the end of its request, or one that only a close ends, is the connection's last.
  if (reader.inBody || head.framing === "close" || (old && head.framing === "chunked")) connection.keepAlive = false;
  let text = `HTTP/1.1 ${head.statusText}\r\n${head.fields}`;
  if (!old) text += head.coding;
  if (!connection.keepAlive) text += "Connection: close\r\n\r\n";
  else text += old ? "Connection: keep-alive\r\n\r\n" : "\r\n";
  if (to - from <= JOIN_MOST) {
    if (from < to) text += bytes.toString("latin1", from, to);
    // TLS takes one write at a time: a second one straight to its handle would end the process.
    if (exchange.client.secure) socket.write(text, "latin1");
    else writeText(socket, text);
    return;
  }
  const copies = exchange.client.secure && socket.writableLength > 0;
  socket.cork();
  socket.write(text, "latin1");
  socket.write(copies ? Buffer.from(bytes.subarray(from, to)) : bytes.subarray(from, to));
  socket.uncork();
}

/** Whether a connection is encrypted; node:net's own sockets have no such property. */
function isSecure(socket: Socket): boolean {
  return "encrypted" in socket && socket.encrypted === true;
}

/** Without a copy, but for TLS that is still busy with an earlier write: what waits for it must stay as it is. */
function writeBytes(socket: Socket, secure: boolean, bytes: Buffer, from: number, to: number): void {
  const piece = bytes.subarray(from, to);
  socket.write(secure && socket.writableLength > 0 ? Buffer.from(piece) : piece);
}

function answer(connection: Connection, make: (goesOn: boolean) => string): void {
  const { keepAlive, reader, ended, socket } = connection;
  // A body that is still to come is not waited for: the connection ends after the answer.
  const goesOn = keepAlive && !reader.inBody && !ended;
  const text = make(goesOn);
  if (!goesOn) return closeAfter(connection, text);
  socket.write(text, "latin1");
  finished(connection);
}

function beginTunnel(connection: Connection, head: ResponseHead, upgrade: string): void {
  const { socket, input, exchange } = connection;
  enterTunnel(connection);
  socket.write(
    `HTTP/1.1 ${head.statusText}\r\n${head.fields}Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n\r\n`,
    "latin1",
  );
  // What the client sent ahead of the answer belongs to the new protocol.
  if (inputLength(input) > 0) tunnelUp(exchange, input.bytes.subarray(input.from, input.to));
  clear(input);
}
