import { newCaller } from "../../capture/caller.ts";
import { clear, inputLength, keepRest, newInput } from "../../http1/input.ts";
import { requestReader } from "../../http1/messages.ts";
import type { ResponseHead } from "../../http1/response-head.ts";
import { ERROR } from "../../http2/frames.ts";
import { isSecure } from "../accept/secure.ts";
import type { ClientSide, Piece } from "../exchange/client-side.ts";
import { clientGone, openExchange, tunnelUp } from "../exchange/exchange.ts";
import { readBody, replaceBody, wholeBody } from "../exchange/request-body.ts";
import { giveBack } from "./input-windows.ts";
import { endResponse, resetStream, sendBlock, sendBody } from "./output.ts";
import { responseBlock } from "./response-blocks.ts";
import type { Http2Connection, Stream } from "./state.ts";

/** A stream, and its exchange, which sees it as a {@link ClientSide}. */
export function newStream(connection: Http2Connection): Stream {
  const exchange = openExchange(
    connection.door,
    http2Client(() => stream, connection),
  );
  const stream: Stream = {
    ...{ connection, exchange, id: 0, since: 0, closed: true, remoteEnded: false, localEnded: false, upgrade: false },
    ...{
      input: newInput(),
      reader: requestReader(),
      left: 0,
      receiveWindow: 0,
      uncredited: 0,
      waiting: 0,
      paused: false,
    },
    ...{ sendWindow: 0, responseLeft: -1, pending: [], pendingLength: 0, ends: false, trailers: "" },
  };
  return stream;
}

/** HTTP/2's side of an exchange. */
function http2Client(get: () => Stream, connection: Http2Connection): ClientSide {
  const { socket, owner, address } = connection;
  const piece: Piece = { bytes: Buffer.alloc(0), from: 0, to: 0 };
  return {
    address,
    owner,
    version: "2",
    secure: isSecure(socket),
    caller: () => {
      connection.caller ??= newCaller(`${address}:${socket.remotePort ?? 0}`, owner.uid, owner.inode);
      return connection.caller;
    },
    takesChunks: () => false,
    piece,
    readBody: (data) => readBody(get(), piece, data),
    bodyDone: () => !get().reader.inBody,
    resume: () => resume(get()),
    pause: () => {
      get().paused = true;
    },
    wholeBody: () => wholeBody(get(), get().exchange.head)?.body ?? null,
    replaceBody: (body) => replaceBody(get(), get().exchange.head, body),
    interim: (head) => interim(get(), head),
    respond: (head, bytes, from, to) => respond(get(), head, bytes, from, to),
    body: (bytes, from, to) => body(get(), bytes, from, to),
    trailers: (lines) => {
      get().trailers = lines;
    },
    waiting: () => socket.writableLength > 0 || get().pendingLength > 0,
    full: () => socket.writableNeedDrain || get().pendingLength > 0,
    finished: () => endResponse(get()),
    answer: (make) => answer(get(), make(true)),
    cut: () => cut(get()),
    beginTunnel: (head) => beginTunnel(get(), head),
    endTunnel: () => endResponse(get()),
    since: () => get().since,
    ended: () => get().remoteEnded,
    gone: () => get().closed || socket.destroyed,
  };
}

function resume(stream: Stream): void {
  if (stream.closed) return;
  keepRest(stream.input);
  stream.paused = false;
  giveBack(stream);
}

function interim(stream: Stream, head: ResponseHead): void {
  if (!stream.closed) sendBlock(stream, responseBlock(head.status, head.fields), false);
}

function respond(stream: Stream, head: ResponseHead, bytes: Buffer, from: number, to: number): void {
  if (stream.closed) return;
  if (!canPass(stream, head)) return sendBlock(stream, responseBlock(502, "content-length: 0\r\n"), true);
  const bodiless = head.framing === "none";
  stream.responseLeft = head.framing === "sized" ? head.length : -1;
  sendBlock(stream, responseBlock(head.status, head.fields), bodiless);
  body(stream, bytes, from, to);
}

/** What HTTP/2 has no words for: a coding of the transfer, and a success that isn't the one that a CONNECT means. */
function canPass({ upgrade }: Stream, { coding, status }: ResponseHead): boolean {
  if (upgrade && status >= 200 && status < 300) return false;
  return coding === "" || coding === "Transfer-Encoding: chunked\r\n";
}

function body(stream: Stream, bytes: Buffer, from: number, to: number): void {
  if (from === to) return;
  let last = false;
  if (stream.responseLeft >= 0) {
    stream.responseLeft -= to - from;
    last = stream.responseLeft === 0;
  }
  sendBody(stream, bytes, from, to, last);
}

/** An answer of the door's own, which is written as HTTP/1.1's text. */
export function answer(stream: Stream, text: string): void {
  if (stream.closed) return;
  const lines = text.indexOf("\r\n") + 2;
  const end = text.indexOf("\r\n\r\n") + 2;
  const content = Buffer.from(text.slice(end + 2), "latin1");
  stream.responseLeft = content.length;
  sendBlock(stream, responseBlock(Number(text.slice(9, 12)), text.slice(lines, end)), content.length === 0);
  body(stream, content, 0, content.length);
  endResponse(stream);
}

/** RFC 9113 §8.1: the client must not take what it has for whole. */
function cut(stream: Stream): void {
  if (stream.closed) return;
  resetStream(stream, ERROR.internal);
  // As after the end of a connection of HTTP/1.1: in a turn of its own.
  setImmediate(clientGone, stream.exchange);
}

/** The service agreed to a WebSocket: to the client that is a 200 (RFC 8441 §5). */
function beginTunnel(stream: Stream, head: ResponseHead): void {
  if (stream.closed) return;
  const fields = head.fields.replace(/^sec-websocket-accept:.*\r\n/gim, "");
  sendBlock(stream, responseBlock(200, fields), false);
  const { input, exchange } = stream;
  // What the client sent ahead of the answer belongs to the new protocol.
  if (inputLength(input) > 0) tunnelUp(exchange, input.bytes.subarray(input.from, input.to));
  clear(input);
}
