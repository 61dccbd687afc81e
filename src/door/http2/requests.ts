import { randomBytes } from "node:crypto";
import { isHeadFault } from "../../http1/fields.ts";
import { append, clear, inputLength, keepRest } from "../../http1/input.ts";
import type { RequestHead } from "../../http1/request-head.ts";
import type { Frame } from "../../http2/frame-reader.ts";
import { ERROR, FLAG } from "../../http2/frames.ts";
import { isTrailer, requestHead, trailerLines } from "../../http2/request-fields.ts";
import { beginExchange, bodyArrived, clientEnded, clientGone, tunnelUp } from "../exchange/exchange.ts";
import { ownAnswer } from "../exchange/own-answer.ts";
import { answer, newStream } from "./http2-client.ts";
import { countInput, giveBack } from "./input-windows.ts";
import { STREAM_WINDOW } from "./limits.ts";
import { resetStream } from "./output.ts";
import type { Http2Connection, Stream } from "./state.ts";
import { openStream } from "./streams.ts";

/**
 * A request's header block was decoded, into the connection's `fields`: a stream begins. False: it is no request, and was
 * given up.
 *
 * @param tooLarge Its fields were over the bound, and not all of them are there.
 */
export function beginRequest(connection: Http2Connection, { stream: id, flags }: Frame, tooLarge: boolean): boolean {
  const ends = (flags & FLAG.endStream) !== 0;
  const { fields } = connection;
  const stream = connection.free.pop() ?? newStream(connection);
  openStream(stream, id);
  stream.receiveWindow = STREAM_WINDOW;
  stream.remoteEnded = ends;
  const key = fields.protocol === "" ? "" : randomBytes(16).toString("base64");
  const head = requestHead(fields, !ends, key);
  if (tooLarge) refuse(stream, 431, "a list of fields that is too large");
  else if (head === "malformed") return giveUp(stream);
  else if (isHeadFault(head)) refuse(stream, head.refused, head.reason);
  else return begin(stream, head, ends);
  return true;
}

function begin(stream: Stream, head: RequestHead, ends: boolean): boolean {
  stream.upgrade = head.upgrade !== null;
  stream.left = head.contentLength ?? -1;
  // A body that is announced and doesn't come (RFC 9113 §8.1.1).
  if (ends && head.framing !== "none") return giveUp(stream);
  stream.reader.begin(head);
  stream.connection.begun++;
  beginExchange(stream.exchange, head);
  return true;
}

/** RFC 9113 §8.1.1: a malformed message is an error of its stream. */
function giveUp(stream: Stream): false {
  resetStream(stream, ERROR.protocol);
  return false;
}

/** Answers what is no request that may go on. */
function refuse(stream: Stream, status: number, reason: string): void {
  const facts = { status, reason, host: "", port: stream.connection.door.port };
  answer(stream, ownAnswer(null, "bad-request", facts, true));
}

/** DATA on a stream that takes some. An {@link ERROR} of the stream; `ERROR.none`: all is well. */
export function takeData(stream: Stream, { bytes, from, to, flags, length }: Frame): number {
  if (!countInput(stream, length)) return fail(stream, ERROR.flowControl);
  const { exchange, input, reader } = stream;
  const size = to - from;
  if (stream.upgrade) {
    if (exchange.state === "tunnel") {
      if (size > 0 && !tunnelUp(exchange, bytes.subarray(from, to))) stream.paused = true;
    } else append(input, bytes.subarray(from, to));
  } else if (size > 0) {
    if (stream.left >= 0) {
      stream.left -= size;
      if (stream.left < 0) return fail(stream, ERROR.protocol);
      takeSized(stream, bytes, from, to);
    } else {
      append(input, Buffer.from(`${size.toString(16)}\r\n`, "latin1"));
      append(input, bytes.subarray(from, to));
      append(input, CRLF);
    }
    if (reader.inBody && (flags & FLAG.endStream) === 0) bodyArrived(exchange);
  }
  if ((flags & FLAG.endStream) !== 0) return endRequest(stream, "");
  settle(stream);
  return ERROR.none;
}

const CRLF = Buffer.from("\r\n");

/** In place where nothing waits. */
function takeSized({ input }: Stream, bytes: Buffer, from: number, to: number): void {
  if (inputLength(input) > 0) return append(input, bytes.subarray(from, to));
  input.bytes = bytes;
  input.from = from;
  input.to = to;
  input.borrowed = true;
}

/** Trailers, which end a request. */
export function takeTrailers(stream: Stream, { flags }: Frame): number {
  const { fields } = stream.connection;
  if ((flags & FLAG.endStream) === 0 || !isTrailer(fields)) return fail(stream, ERROR.protocol);
  return endRequest(stream, trailerLines(fields));
}

function endRequest(stream: Stream, trailers: string): number {
  const { exchange, input, reader } = stream;
  stream.remoteEnded = true;
  if (stream.upgrade) {
    if (exchange.state === "tunnel" && clientEnded(exchange) === "give up") return fail(stream, ERROR.cancel);
  } else if (stream.left > 0) return fail(stream, ERROR.protocol);
  else if (stream.left === -1 && reader.inBody) append(input, Buffer.from(`0\r\n${trailers}\r\n`, "latin1"));
  if (!stream.upgrade && reader.inBody) bodyArrived(exchange);
  settle(stream);
  return ERROR.none;
}

/** The read is over: what wasn't taken gets a buffer of its own, and windows are given back for what was. */
function settle(stream: Stream): void {
  if (stream.closed) return clear(stream.input);
  keepRest(stream.input);
  giveBack(stream);
}

function fail(stream: Stream, error: number): number {
  clear(stream.input);
  resetStream(stream, error);
  clientGone(stream.exchange);
  return error;
}
