import { randomUUID } from "node:crypto";
import type { PageFacts, PageKind } from "../pages/page.ts";
import type { Route } from "../routes.ts";
import { ownAnswer } from "./answer.ts";
import { BROKEN, chunkScanner, GOES_ON } from "./body.ts";
import { type Client, stash } from "./client.ts";
import { isRefusal, MAX_HEAD, parseRequestHead, type RequestHead } from "./head.ts";
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

/** A client's bytes. False: stop reading until `resumeReading`. */
export function readRequest(client: Client, bytes: Buffer): boolean {
  switch (client.phase) {
    case "idle":
      consume(client, bytes);
      return !client.paused;
    case "exchange":
      if (!client.bodyDone) return passBody(client, bytes);
      return keepForLater(client, bytes);
    case "waiting":
      return keepForLater(client, bytes);
    case "tunnel":
      return passTunnel(client, bytes);
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
function consume(client: Client, fresh: Buffer): void {
  let bytes = fresh;
  if (client.input !== null) {
    bytes = Buffer.concat([client.input, fresh]);
    client.input = null;
  } else client.since = performance.now();

  // RFC 9112 §2.2: an empty line before a request is passed over; here at most two, since no client needs more.
  let start = 0;
  while (start < 4 && bytes[start] === 0x0d && bytes[start + 1] === 0x0a) start += 2;
  const end = bytes.indexOf(HEAD_END, start);
  if (end === -1 || end + 4 - start > MAX_HEAD) {
    const wrong = end === -1 ? wrongSoFar(bytes, start) : tooLarge(bytes, start);
    if (wrong !== null) refuse(client, wrong.refused, wrong.reason);
    else stash(client, bytes);
    return;
  }
  const head = parseRequestHead(bytes.toString("latin1", start, end + 4));
  if (isRefusal(head)) return refuse(client, head.refused, head.reason);
  begin(client, head, bytes.subarray(end + 4));
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
    return answer(client, "unknown-name", { host: head.hostField, names: door.routes.names(), port: door.port }, rest);
  }
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
    port: client.door.port,
  };
}

function takeInput(client: Client): Buffer {
  const input = client.input ?? Buffer.alloc(0);
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
  const up = client.door.pool.take(
    route.upstream,
    {
      read: (length, bytes) => readResponse(client, bytes as Buffer, length, finished),
      drained: () => resumeReading(client),
      ended: () => responseEnded(client, finished, (reason) => failed(client, route, reason)),
      gone: (error) => failed(client, route, error?.code ?? "closed"),
    },
    client.retried,
    idempotent ? Number.POSITIVE_INFINITY : FRESH_ENOUGH,
  );
  client.up = up;

  const text = forwardedHead(client, head);
  const bodyEnd = client.bodyDone ? 0 : bodyWithin(client, rest, 0);
  if (bodyEnd === BROKEN) return brokenBody(client);
  const until = bodyEnd === GOES_ON ? rest.length : bodyEnd;
  if (until > 0) client.bodySent = true;
  // latin1 both ways: each byte becomes the character of its number and back.
  if (until <= JOIN_MOST) up.socket.write(until === 0 ? text : text + rest.toString("latin1", 0, until), "latin1");
  else {
    up.socket.cork();
    up.socket.write(text, "latin1");
    up.socket.write(Buffer.from(rest.subarray(0, until)));
    up.socket.uncork();
  }
  if (until < rest.length) stash(client, rest.subarray(until));
}

/** The head as the service gets it: who asked, and by which name, is the door's to say. */
function forwardedHead(client: Client, head: RequestHead): string {
  return (
    `${head.method} ${head.target} HTTP/1.1\r\n` +
    head.fields +
    (head.framing === "chunked" ? "Transfer-Encoding: chunked\r\n" : "") +
    (head.upgrade === null ? "" : `Connection: Upgrade\r\nUpgrade: ${head.upgrade}\r\n`) +
    forwardedFields(client, head.hostField) +
    `Via: ${head.via === "" ? "" : `${head.via}, `}1.${head.minor} ${client.door.via}\r\n\r\n`
  );
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
    if (input.length > 0) consume(client, input);
  });
}

/** The service's connection ended before its response did. */
function failed(client: Client, route: Route, reason: string): void {
  const { head, socket } = client;
  if (client.phase === "tunnel") {
    if (reason === "closed") socket.end();
    else socket.resetAndDestroy();
    return;
  }
  if (client.phase !== "exchange" || head === null) return;
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
