import { BROKEN, GOES_ON } from "../../http1/chunks.ts";
import { clear, inputLength, keepRest, lend } from "../../http1/input.ts";
import type { ResponseHead } from "../../http1/response-head.ts";
import { complete, cut, leaveUpstream } from "./ending.ts";
import { failed } from "./forward.ts";
import type { ProxyExchange } from "./proxy-exchange.ts";
import { recordRefusedHead, recordResponse, recordTunnel } from "./record.ts";
import { keepAtDoor } from "./redirect.ts";

/** As much of a refused response is kept for looking at, bytes. */
const REFUSED_MOST = 16 * 1024;
/** A response's head must be whole this long after its first byte, ms. */
const HEAD_TIME = 60_000;

/** Bytes from the service. False: stop reading until the client has taken what is waiting for it. */
export function readResponse(exchange: ProxyExchange, bytes: Buffer, length: number): boolean {
  exchange.now = performance.now();
  switch (exchange.state) {
    case "tunnel":
      exchange.tunnel?.down(bytes.subarray(0, length), exchange.now);
      return toClient(exchange, bytes, 0, length);
    case "answering":
      return passBody(exchange, bytes, 0, length, null);
    case "asked":
      return readHeads(exchange, bytes, length);
    default:
      // Nobody asked.
      leaveUpstream(exchange);
      return false;
  }
}

/** Interim heads, and the one that counts. */
function readHeads(exchange: ProxyExchange, fresh: Buffer, length: number): boolean {
  const { input, reader, client, context } = exchange;
  if (input.from === input.to) exchange.inputSince = exchange.now;
  lend(input, fresh, length);
  for (;;) {
    const { bytes, from, to } = input;
    const end = reader.readHead(bytes, from, to, context);
    if (end === GOES_ON) {
      keepRest(input);
      return true;
    }
    const { head } = reader;
    if (end === BROKEN || head === null) return notHttp(exchange, textOf(bytes, from, to));
    input.from = end;
    if (head.status === 101) return switchProtocols(exchange, head);
    if (head.status >= 200) return beginResponse(exchange, head);
    client.interim(head);
    if (input.from === input.to) {
      keepRest(input);
      return true;
    }
  }
}

function beginResponse(exchange: ProxyExchange, head: ResponseHead): boolean {
  const { input } = exchange;
  const { bytes, from, to } = input;
  // Where the head came in pieces, the body's first bytes lie in a buffer of the exchange's own: nobody else writes there
  // until the next head that comes in pieces, and by then they are out or copied.
  const flows = passBody(exchange, bytes, from, to, head);
  clear(input);
  return flows;
}

/** Passes the body in `bytes[from, to)` on; with `head`, it and that go out together. */
function passBody(
  exchange: ProxyExchange,
  bytes: Buffer,
  from: number,
  to: number,
  head: ResponseHead | null,
): boolean {
  const { reader, client, record, door } = exchange;
  let end = from;
  if (reader.inBody) {
    // Chunks are taken out of their framing where the client knows none.
    if (reader.head?.framing === "chunked" && !client.takesChunks()) return passData(exchange, bytes, from, to, head);
    const data =
      record === null
        ? undefined
        : (start: number, stop: number) => door.recorder?.responseBody(record, bytes, start, stop);
    end = reader.readBody(bytes, from, to, data);
    if (end === BROKEN) return brokenBody(exchange, head, bytes, from, to);
  }
  const until = end === GOES_ON ? to : end;
  if (head !== null) beginAnswer(exchange, head, bytes, from, until);
  else if (until > from) client.body(bytes, from, until);
  return afterWrite(exchange, end, to);
}

/** HTTP/1.0 and HTTP/2 know no chunks: they get their data; the end is a close there, and a frame's here, behind the trailers. */
function passData(
  exchange: ProxyExchange,
  bytes: Buffer,
  from: number,
  to: number,
  head: ResponseHead | null,
): boolean {
  const { reader, client, record, door } = exchange;
  const runs: number[] = [];
  const end = reader.readBody(bytes, from, to, (start, stop) => {
    if (record !== null) door.recorder?.responseBody(record, bytes, start, stop);
    runs.push(start, stop);
  });
  if (end === BROKEN) return brokenBody(exchange, head, bytes, from, to);
  if (head !== null) beginAnswer(exchange, head, bytes, from, from);
  for (let n = 0; n < runs.length; n += 2) client.body(bytes, runs[n] ?? 0, runs[n + 1] ?? 0);
  const trailers = end === GOES_ON ? "" : reader.trailers();
  if (trailers !== "") client.trailers(trailers);
  return afterWrite(exchange, end, to);
}

function beginAnswer(exchange: ProxyExchange, head: ResponseHead, bytes: Buffer, from: number, to: number): void {
  exchange.state = "answering";
  exchange.response = head;
  recordResponse(exchange, head);
  const { client, route } = exchange;
  const asked = exchange.head?.hostField ?? "";
  client.respond(route === null ? head : keepAtDoor(head, route, asked, client.secure), bytes, from, to);
}

function afterWrite(exchange: ProxyExchange, end: number, to: number): boolean {
  const flows = noteUse(exchange);
  if (end === GOES_ON) return flows;
  complete(exchange, end < to);
  // The connection is the pool's by now, and the next one's to use it: stopped for this client, it would never read again.
  return true;
}

function toClient(exchange: ProxyExchange, bytes: Buffer, from: number, to: number): boolean {
  exchange.client.body(bytes, from, to);
  return noteUse(exchange);
}

/** Writes take no copy: the service's connection reads into another buffer while these bytes have to wait. */
function noteUse({ client, up }: ProxyExchange): boolean {
  if (!client.waiting()) return true;
  if (up !== null) up.bytes.inUse = true;
  return !client.full();
}

function switchProtocols(exchange: ProxyExchange, head: ResponseHead): boolean {
  const { input, client, up } = exchange;
  exchange.state = "tunnel";
  exchange.response = head;
  recordResponse(exchange, head);
  recordTunnel(exchange, head);
  client.beginTunnel(head, head.upgrade ?? exchange.head?.upgrade ?? "");
  const { bytes, from, to } = input;
  if (from < to) {
    exchange.tunnel?.down(bytes.subarray(from, to), exchange.now);
    // A copy: where these bytes lie, the next ones are read.
    const rest = Buffer.from(bytes.subarray(from, to));
    client.body(rest, 0, rest.length);
  }
  clear(input);
  if (client.ended()) up?.socket.end();
  client.resume();
  return !client.full();
}

/** The service said it has nothing more to send (FIN). */
export function responseEnded(exchange: ProxyExchange): void {
  if (exchange.state === "tunnel") return exchange.client.endTunnel();
  exchange.now = performance.now();
  if (exchange.state === "answering" && exchange.reader.endsWithConnection()) return complete(exchange, true);
  exchange.user.gone(null);
}

/** A body that can't be trusted. As long as nothing of the answer is out, the door can still say so. */
function brokenBody(
  exchange: ProxyExchange,
  head: ResponseHead | null,
  bytes: Buffer,
  from: number,
  to: number,
): boolean {
  if (head !== null) return notHttp(exchange, head.text + textOf(bytes, from, to));
  cut(exchange, "EPROTO", "the service's body broke the rules");
  return false;
}

/** A response's head that began must be whole in time: one that never ends would hold its client for ever. */
export function expireHead(exchange: ProxyExchange, now: number): void {
  const { input, reader, state } = exchange;
  if (state !== "asked" || inputLength(input) === 0 || now - exchange.inputSince < HEAD_TIME) return;
  reader.fault = { refused: 502, reason: `a head that was not whole ${HEAD_TIME / 1000} s after its first byte` };
  notHttp(exchange, textOf(input.bytes, input.from, input.to));
}

/** What came is no response that can be passed on: a 502 that says why, and what came is kept for looking at. */
function notHttp(exchange: ProxyExchange, text: string): boolean {
  const { reader, route, input } = exchange;
  const why = reader.fault?.reason ?? "a response that breaks HTTP's rules";
  recordRefusedHead(exchange, text, why);
  clear(input);
  leaveUpstream(exchange);
  route?.report?.(`its response to ${exchange.head?.method} ${exchange.head?.target} was refused: ${why}`);
  if (route !== null) failed(exchange, route, "EPROTO", why);
  return false;
}

/** As much of it as is kept for looking at. */
function textOf(bytes: Buffer, from: number, to: number): string {
  return bytes.toString("latin1", from, Math.min(to, from + REFUSED_MOST));
}
