import { randomUUID } from "node:crypto";
import { BROKEN, chunkScanner, GOES_ON } from "../../http1/chunks.ts";
import { isRefusal, MAX_HEAD } from "../../http1/fields.ts";
import { parseRequestHead, type RequestHead } from "../../http1/request-head.ts";
import type { PageFacts, PageKind } from "../pages/page.ts";
import type { Route } from "../routes.ts";
import { writeText } from "../write-text.ts";
import { ownAnswer } from "./answer.ts";
import { type Client, stash, type UpstreamEvents } from "./client.ts";
import { judgeRequest, noteStranger } from "./judge.ts";
import { readResponse, responseEnded } from "./response.ts";

const HEAD_END = Buffer.from("\r\n\r\n");
/** Pipelined or early bytes kept before reading stops. */
const INPUT_MOST = 64 * 1024;
/** A body's first bytes go out in one write with the head up to this size; beyond it a copy costs more than a write. */
const JOIN_MOST = 16 * 1024;
/** RFC 9110 §9.2.2: asking twice does what asking once does. */
const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);
/** Other methods get a connection that idled no longer than this, ms: nobody can ask again for them if it is stale. */
const FRESH_ENOUGH = 1_000;

const NOTHING = Buffer.alloc(0);

/** A client's bytes: `length` of them at the start of `bytes`. False: stop reading until `resumeReading`. */
export function readRequest(client: Client, bytes: Buffer, length: number): boolean {
  switch (client.phase) {
    case "idle":
      consume(client, bytes, length);
      return !client.paused;
    case "exchange":
      if (!client.bodyDone) return passBody(client, bytes.subarray(0, length));
      return keepForLater(client, bytes.subarray(0, length));
    case "waiting":
      return keepForLater(client, bytes.subarray(0, length));
    case "tunnel":
      return passTunnel(client, bytes.subarray(0, length));
    case "closing":
      return true;
  }
}

function keepForLater(client: Client, bytes: Buffer): boolean {
  stash(client, bytes);
  if ((client.input?.length ?? 0) <= INPUT_MOST) return true;
  client.paused = true;
  return false;
}

function resumeReading(client: Client): void {
  if (!client.paused) return;
  client.paused = false;
  client.socket.resume();
}

/** Looks for a whole head in what is there. */
function consume(client: Client, fresh: Buffer, length: number): void {
  const { lastHead } = client;
  // Mostly the very bytes of the request before: there's nothing to look for then.
  if (lastHead?.text.length === length && client.input === null) {
    if (fresh.toString("latin1", 0, length) === lastHead.text) {
      client.since = performance.now();
      return begin(client, lastHead, NOTHING);
    }
  }
  let bytes = fresh;
  let to = length;
  if (client.input !== null) {
    bytes = Buffer.concat([client.input, fresh.subarray(0, length)]);
    to = bytes.length;
    client.input = null;
  } else client.since = performance.now();

  // RFC 9112 §2.2: an empty line before a request is passed over; here at most two, since no client needs more.
  let start = 0;
  while (start < 4 && bytes[start] === 0x0d && bytes[start + 1] === 0x0a) start += 2;
  const end = bytes.indexOf(HEAD_END, start);
  // The buffer is reused: what lies beyond this read is left over from an earlier one.
  const whole = end !== -1 && end + 4 <= to;
  if (!whole || end + 4 - start > MAX_HEAD) {
    const read = bytes.subarray(0, to);
    const wrong = whole ? tooLarge(read, start) : wrongSoFar(read, start);
    if (wrong !== null) refuse(client, wrong.refused, wrong.reason);
    else stash(client, read);
    return;
  }
  const head = parseRequestHead(bytes.toString("latin1", start, end + 4), lastHead);
  if (isRefusal(head)) return refuse(client, head.refused, head.reason);
  begin(client, head, end + 4 === to ? NOTHING : bytes.subarray(end + 4, to));
}

/** A head that isn't whole yet: refused as soon as it can't become one. */
function wrongSoFar(bytes: Buffer, start: number): { refused: number; reason: string } | null {
  if (bytes.length - start >= MAX_HEAD) return tooLarge(bytes, start);
  const lf = bytes.indexOf(0x0a, start);
  if (lf === -1) {
    const first = bytes[start];
    // A request begins with a letter; 0x16 would be TLS.
    if (first !== undefined && first !== 0x0d && (first < 0x21 || first > 0x7e)) {
      return { refused: 400, reason: first === 0x16 ? "TLS on a plain connection" : "bytes that are no HTTP" };
    }
    return null;
  }
  if (lf === 0 || bytes[lf - 1] !== 0x0d || bytes.includes("\n\n", start)) {
    return { refused: 400, reason: "a line feed without carriage return" };
  }
  const line = bytes.toString("latin1", start, lf - 1);
  // Whatever follows, a request line that is none stays one.
  const whole = parseRequestHead(`${line}\r\nHost: x\r\n\r\n`);
  return isRefusal(whole) ? whole : null;
}

function tooLarge(bytes: Buffer, start: number): { refused: number; reason: string } {
  const lf = bytes.indexOf(0x0a, start);
  const long = lf === -1 || lf - start > MAX_HEAD / 2;
  return long
    ? { refused: 414, reason: "a request line that is too long" }
    : { refused: 431, reason: `a head over ${MAX_HEAD} bytes` };
}

function begin(client: Client, head: RequestHead, rest: Buffer): void {
  client.head = head;
  client.keepAlive = head.keepAlive && !client.ended;
  client.bodyLeft = head.length;
  client.bodyChunks = head.framing === "chunked" ? chunkScanner() : null;
  client.bodyDone = head.framing === "none";
  client.bodySent = false;
  client.retried = false;
  const { door } = client;

  if (head.via !== "" && head.via.includes(door.via)) {
    return answer(client, "loop", { host: head.hostField, port: door.port }, rest);
  }
  const named = head.port === null || head.port === door.port;
  const route = named ? door.routes.find(head.host) : undefined;
  if (route === undefined) {
    noteStranger(client, head);
    return answer(client, "unknown-name", { host: head.hostField, names: door.routes.names(), port: door.port }, rest);
  }
  const refusal = judgeRequest(client, route, head);
  if (refusal !== null) return answer(client, "refused", { ...factsOf(client, route), log: [], refusal }, rest);
  if (route.state === "ready") forward(client, route, rest);
  else if (route.state === "down") answer(client, "down", factsOf(client, route), rest);
  else void waitFor(client, route, rest);
}

/** Holds the request while its service starts. */
async function waitFor(client: Client, route: Route, rest: Buffer): Promise<void> {
  client.phase = "waiting";
  client.since = performance.now();
  stash(client, rest);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), client.door.startWait);
  });
  const ready = await Promise.race([route.whenReady(), late]);
  clearTimeout(timer);
  if (client.socket.destroyed) return;
  const input = takeInput(client);
  if (ready === true) forward(client, route, input);
  else answer(client, ready === null ? "starting" : "down", factsOf(client, route), input);
  resumeReading(client);
}

function factsOf(client: Client, route: Route): PageFacts {
  return {
    host: client.head?.hostField ?? "",
    service: route.id,
    upstream: route.upstream,
    log: route.logTail(),
    cause: route.cause(),
    shape: route.shape?.() ?? null,
    port: client.door.port,
  };
}

function takeInput(client: Client): Buffer {
  const input = client.input ?? NOTHING;
  client.input = null;
  return input;
}

/** Sends the head, and what is there of the body, to the service. */
function forward(client: Client, route: Route, rest: Buffer): void {
  const head = client.head;
  if (head === null) return;
  client.phase = "exchange";
  client.response = null;
  client.responseInput = null;

  const idempotent = IDEMPOTENT.has(head.method);
  client.route = route;
  const maxIdle = idempotent ? Number.POSITIVE_INFINITY : FRESH_ENOUGH;
  const up = client.door.pool.take(route.upstream, client.user, client.retried, maxIdle);
  client.up = up;

  const text = forwardedHead(client, head);
  const bodyEnd = client.bodyDone ? 0 : bodyWithin(client, rest, 0);
  if (bodyEnd === BROKEN) return brokenBody(client);
  const until = bodyEnd === GOES_ON ? rest.length : bodyEnd;
  if (until > 0) client.bodySent = true;
  // latin1 both ways: each byte becomes the character of its number and back.
  if (until <= JOIN_MOST) writeText(up.socket, until === 0 ? text : text + rest.toString("latin1", 0, until));
  else {
    up.socket.cork();
    up.socket.write(text, "latin1");
    up.socket.write(Buffer.from(rest.subarray(0, until)));
    up.socket.uncork();
  }
  if (until < rest.length) stash(client, rest.subarray(until));
}

/** What an upstream connection tells while an exchange of this client is on it. */
export const upstreamEvents: UpstreamEvents = {
  read: (client, bytes, length) => readResponse(client, bytes, length, finished),
  drained: resumeReading,
  ended: (client) => responseEnded(client, finished, (reason) => failed(client, reason)),
  gone: failed,
};

/** The head as the service gets it: who asked, and by which name, is the door's to say. */
function forwardedHead(client: Client, head: RequestHead): string {
  if (client.lastHead === head) return client.lastForwarded;
  client.lastHead = head;
  client.lastForwarded =
    `${head.method} ${head.target} HTTP/1.1\r\n` +
    head.fields +
    (head.framing === "chunked" ? "Transfer-Encoding: chunked\r\n" : "") +
    (head.upgrade === null ? "" : `Connection: Upgrade\r\nUpgrade: ${head.upgrade}\r\n`) +
    forwardedFields(client, head.hostField) +
    `Via: ${head.via === "" ? "" : `${head.via}, `}1.${head.minor} ${client.door.via}\r\n\r\n`;
  return client.lastForwarded;
}

/** Host and the forwarding fields (RFC 7239 and its forerunners): made once for a connection that keeps its Host. */
function forwardedFields(client: Client, host: string): string {
  if (client.forwardedHost === host) return client.forwardedFields;
  const { door, peer } = client;
  client.forwardedHost = host;
  client.forwardedFields =
    `Host: ${host === "" ? "localhost" : host}\r\n` +
    `X-Forwarded-For: ${peer}\r\n` +
    `X-Forwarded-Host: ${host}\r\n` +
    `X-Forwarded-Port: ${door.port}\r\n` +
    "X-Forwarded-Proto: http\r\n" +
    `Forwarded: for=${peer.includes(":") ? `"[${peer}]"` : peer};host="${host}";proto=http\r\n`;
  return client.forwardedFields;
}

/** How far the body reaches within `bytes`: its end, GOES_ON, or BROKEN. */
function bodyWithin(client: Client, bytes: Buffer, from: number): number {
  if (client.bodyChunks !== null) {
    const end = client.bodyChunks.scan(bytes, from, bytes.length);
    if (end >= 0) client.bodyDone = true;
    return end;
  }
  const there = bytes.length - from;
  if (there < client.bodyLeft) {
    client.bodyLeft -= there;
    return GOES_ON;
  }
  const end = from + client.bodyLeft;
  client.bodyLeft = 0;
  client.bodyDone = true;
  return end;
}

/** More of a request's body. */
function passBody(client: Client, bytes: Buffer): boolean {
  const end = bodyWithin(client, bytes, 0);
  if (end === BROKEN) {
    brokenBody(client);
    return true;
  }
  const until = end === GOES_ON ? bytes.length : end;
  const { up } = client;
  // The service has answered and left: the rest of the body is of no use to anyone.
  if (up === null) return true;
  client.bodySent = true;
  const flows = up.socket.write(Buffer.from(bytes.subarray(0, until)));
  if (until < bytes.length) stash(client, bytes.subarray(until));
  if (!flows) client.paused = true;
  return flows;
}

function passTunnel(client: Client, bytes: Buffer): boolean {
  const flows = client.up?.socket.write(Buffer.from(bytes)) ?? true;
  if (!flows) client.paused = true;
  return flows;
}

/** The exchange is over; the connection goes on to the next request or ends. */
function finished(client: Client): void {
  client.head = null;
  client.response = null;
  client.since = performance.now();
  if (!client.keepAlive || client.ended) return lastWords(client, "");
  client.phase = "idle";
  if (client.input !== null) next(client);
  resumeReading(client);
}

/** Pipelined requests are taken up on a fresh stack: a thousand of them must not nest. */
function next(client: Client): void {
  setImmediate(() => {
    if (client.phase !== "idle" || client.socket.destroyed) return;
    const input = takeInput(client);
    if (input.length > 0) consume(client, input, input.length);
  });
}

/** The service's connection ended before its response did. */
function failed(client: Client, reason: string): void {
  const { head, route, socket } = client;
  if (client.phase === "tunnel") {
    if (reason === "closed") socket.end();
    else socket.resetAndDestroy();
    return;
  }
  if (client.phase !== "exchange" || head === null || route === null) return;
  const { up } = client;
  client.up = null;
  const reused = up?.reused ?? false;
  if (up !== null) {
    up.user = null;
    up.socket.destroy();
  }
  // A part of the answer is out already: only a cut connection tells the client that it is not whole.
  if (client.response !== null) {
    socket.resetAndDestroy();
    return;
  }
  if (reused && !client.retried && !client.bodySent && IDEMPOTENT.has(head.method)) {
    client.retried = true;
    return forward(client, route, takeInput(client));
  }
  const kind: PageKind =
    reason === "ETIMEDOUT"
      ? "timeout"
      : /^E(CONNREFUSED|NOENT|HOSTUNREACH|ADDRNOTAVAIL)/.test(reason)
        ? "down"
        : "gateway";
  answer(client, kind, { ...factsOf(client, route), reason }, takeInput(client));
}

/** An answer of the door's own; `rest` is what came after the head. */
function answer(client: Client, kind: PageKind, facts: PageFacts, rest: Buffer): void {
  // The body, if there is one, is not waited for: the connection ends after the answer.
  const goesOn = client.keepAlive && client.bodyDone && !client.ended;
  const text = ownAnswer(client, kind, facts, goesOn);
  if (!goesOn) return lastWords(client, text);
  client.socket.write(text, "latin1");
  stash(client, rest);
  finished(client);
}

/** Refuses what is no request. */
export function refuse(client: Client, status: number, reason: string): void {
  lastWords(client, ownAnswer(client, "bad-request", { status, reason, host: "", port: client.door.port }, false));
}

function brokenBody(client: Client): void {
  const { up } = client;
  client.up = null;
  if (up !== null) {
    up.user = null;
    up.socket.destroy();
  }
  if (client.response !== null) client.socket.resetAndDestroy();
  else refuse(client, 400, "a chunked body that breaks the rules");
}

/** Sends the last bytes and closes once the client has them: a close with unread input would destroy them (a reset). */
function lastWords(client: Client, text: string): void {
  client.phase = "closing";
  client.since = performance.now();
  client.input = null;
  client.head = null;
  if (text === "") client.socket.end();
  else client.socket.end(text, "latin1");
  if (client.ended) client.socket.destroySoon();
  resumeReading(client);
}

/** The client sends nothing more (FIN). */
export function requestEnded(client: Client): void {
  client.ended = true;
  switch (client.phase) {
    case "idle":
    case "closing":
      client.socket.destroySoon();
      return;
    case "tunnel":
      client.up?.socket.end();
      return;
    case "exchange":
      // Half of a body is no request; a whole one is still answered.
      if (!client.bodyDone) client.socket.destroy();
      client.keepAlive = false;
      client.since = performance.now();
      client.taken = client.socket.bytesWritten;
      return;
    case "waiting":
      client.keepAlive = false;
  }
}

/** The client's connection is gone: so is its exchange. */
export function requestGone(client: Client): void {
  client.door.clients.delete(client);
  const { up } = client;
  client.up = null;
  client.phase = "closing";
  if (up === null) return;
  up.user = null;
  up.socket.destroy();
}

export function newVia(): string {
  return `cove-${randomUUID().slice(0, 13)}`;
}
