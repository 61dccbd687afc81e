import type { Socket } from "node:net";
import type { Peer } from "../../guard/peer.ts";
import { clear, inputLength, keepRest } from "../../http1/input.ts";
import type { RequestHead } from "../../http1/request-head.ts";
import type { ResponseHead } from "../../http1/response-head.ts";
import { isSecure } from "../accept/secure.ts";
import type { Turns } from "../accept/turns.ts";
import { writeText } from "../accept/write-text.ts";
import type { ClientSide, Piece } from "../exchange/client-side.ts";
import type { DoorInside } from "../exchange/door-inside.ts";
import { openExchange, tunnelUp } from "../exchange/exchange.ts";
import { readBody, replaceBody, wholeBody } from "../exchange/request-body.ts";
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
    version: "1",
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
    wholeBody: () => wholeBody(get(), get().exchange.head)?.body ?? null,
    replaceBody: (body) => replaceBody(get(), get().exchange.head, body),
    interim: (head) => interim(get(), head),
    respond: (head, bytes, from, to) => respond(get(), head, bytes, from, to),
    body: (bytes, from, to) => writeBytes(socket, secure, bytes, from, to),
    // RFC 9112 §7.1.2: they passed within the chunks.
    trailers: () => {},
    waiting: () => socket.writableLength > 0,
    full: () => socket.writableNeedDrain,
    finished: (now) => finished(get(), now),
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

/** HTTP/1.0 knows no interim responses. */
function interim({ exchange, socket }: Connection, head: ResponseHead): void {
  if (exchange.head?.minor === 1) socket.write(`${head.line}${head.fields}\r\n`, "latin1");
}

function respond(connection: Connection, head: ResponseHead, bytes: Buffer, from: number, to: number): void {
  const { socket, reader, exchange } = connection;
  const asked: RequestHead | null = exchange.head;
  const old = asked?.minor === 0;
  // A response before the end of its request, or one that only a close ends, is the connection's last.
  if (reader.inBody || head.framing === "close" || (old && head.framing === "chunked")) connection.keepAlive = false;
  let text = head.line + head.fields;
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
  finished(connection, performance.now());
}

function beginTunnel(connection: Connection, head: ResponseHead, upgrade: string): void {
  const { socket, input, exchange } = connection;
  enterTunnel(connection);
  socket.write(`${head.line}${head.fields}Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n\r\n`, "latin1");
  // What the client sent ahead of the answer belongs to the new protocol.
  if (inputLength(input) > 0) tunnelUp(exchange, input.bytes.subarray(input.from, input.to));
  clear(input);
}
