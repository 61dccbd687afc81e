import { BROKEN, chunkScanner, GOES_ON } from "../../http1/chunks.ts";
import { isHeadFault, MAX_HEAD } from "../../http1/fields.ts";
import { tooLarge, wrongSoFar } from "../../http1/partial-head.ts";
import { parseRequestHead, type RequestHead } from "../../http1/request-head.ts";
import { writeText } from "../accept/write-text.ts";
import { closeAfter, refuse } from "../http1/closing.ts";
import { keepForLater, resumeReading, takeInput } from "../http1/input.ts";
import type { PageFacts } from "../pages/facts.ts";
import type { PageKind } from "../pages/page.ts";
import type { Route } from "../upstream/routes.ts";
import { type Client, stash, type UpstreamEvents } from "./client.ts";
import { forwardedHead } from "./forwarded-head.ts";
import { holdRequest } from "./hold.ts";
import { judgeRequest, noteStranger } from "./judge.ts";
import { ownAnswer } from "./own-answer.ts";
import { recordEnd, recordOwnAnswer, recordRequest, recordWait } from "./record.ts";
import { bodyWithin } from "./request-body.ts";
import { readResponse, responseEnded } from "./response.ts";

const HEAD_END = Buffer.from("\r\n\r\n");
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
  if (isHeadFault(head)) return refuse(client, head.refused, head.reason);
  begin(client, head, end + 4 === to ? NOTHING : bytes.subarray(end + 4, to));
}

function begin(client: Client, head: RequestHead, rest: Buffer): void {
  client.head = head;
  client.keepAlive = head.keepAlive && !client.ended;
  expectBody(client, head);
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
  recordRequest(client, route, head);
  const { exchange } = client;
  if (exchange !== null && door.breakpoints?.wants(exchange)) {
    return holdRequest(client, route, rest, door.breakpoints, (held, to, as, input) => {
      held.head = as;
      expectBody(held, as);
      lead(held, to, input);
    });
  }
  lead(client, route, rest);
}

function expectBody(client: Client, head: RequestHead): void {
  client.bodyLeft = head.length;
  client.bodyChunks = head.framing === "chunked" ? chunkScanner() : null;
  client.bodyDone = head.framing === "none";
  client.bodySent = false;
}

/** To the service, to the wait for it, or to the page that says that it's down. */
function lead(client: Client, route: Route, rest: Buffer): void {
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
  recordWait(client);
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
  client.tunnel?.up(bytes, performance.now());
  const flows = client.up?.socket.write(Buffer.from(bytes)) ?? true;
  if (!flows) client.paused = true;
  return flows;
}

/** The exchange is over; the connection goes on to the next request or ends. */
function finished(client: Client): void {
  client.head = null;
  client.response = null;
  client.since = performance.now();
  if (!client.keepAlive || client.ended) return closeAfter(client, "");
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
    recordEnd(client, reason === "closed" ? null : { code: reason, message: "the service's connection broke" });
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
    recordEnd(client, { code: reason, message: "the service's connection ended before its response did" });
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
  recordOwnAnswer(client, text, kind);
  if (!goesOn) return closeAfter(client, text);
  client.socket.write(text, "latin1");
  stash(client, rest);
  finished(client);
}

function brokenBody(client: Client): void {
  const { up } = client;
  client.up = null;
  if (up !== null) {
    up.user = null;
    up.socket.destroy();
  }
  if (client.response !== null) {
    recordEnd(client, { code: "EPROTO", message: "the request's body broke the rules" });
    client.socket.resetAndDestroy();
  } else refuse(client, 400, "a chunked body that breaks the rules");
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
      // It may be held for minutes: a client that closes its side has most likely left.
      if (client.held !== null) client.socket.destroy();
  }
}

/** The client's connection is gone: so is its exchange. */
export function requestGone(client: Client): void {
  client.door.clients.delete(client);
  if (client.held !== null) client.door.breakpoints?.release(client.held);
  recordEnd(client, client.phase === "tunnel" ? null : { code: "aborted", message: "the client left before the end" });
  const { up } = client;
  client.up = null;
  client.phase = "closing";
  if (up === null) return;
  up.user = null;
  up.socket.destroy();
}
