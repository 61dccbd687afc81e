import type { OnData } from "../../http1/chunks.ts";
import { clear } from "../../http1/input.ts";
import type { RequestHead } from "../../http1/request-head.ts";
import { writeText } from "../accept/write-text.ts";
import type { PageKind } from "../pages/page.ts";
import type { UpstreamConnection } from "../upstream/pool.ts";
import type { Route } from "../upstream/routes.ts";
import { answer, cut, factsOf, leaveUpstream } from "./ending.ts";
import { forwardedHead } from "./forwarded-head.ts";
import type { ProxyExchange } from "./proxy-exchange.ts";
import { recordEnd } from "./record.ts";

/** A body's first bytes go out in one write with the head up to this size; beyond it a copy costs more than a write. */
const JOIN_MOST = 16 * 1024;
/** RFC 9110 §9.2.2: asking twice does what asking once does. */
const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);
/** Other methods get a connection that idled no longer than this, ms: nobody can ask again for them if it is stale. */
const FRESH_ENOUGH = 1_000;
/** Nothing listens at the address. */
const REFUSED = /^E(CONNREFUSED|NOENT)$/;

/** Sends the head, and what is there of the body, to the service. */
export function forward(exchange: ProxyExchange, route: Route): void {
  const { head, client, door, context } = exchange;
  if (head === null) return;
  exchange.state = "asked";
  exchange.response = null;
  clear(exchange.input);
  context.method = head.method;
  context.upgrade = head.upgrade !== null;
  context.sameSite = route.guard?.sameSite ?? false;

  const maxIdle = IDEMPOTENT.has(head.method) ? Number.POSITIVE_INFINITY : FRESH_ENOUGH;
  const up = speaksHttp2(exchange, route, head)
    ? door.pool.takeStream(route.upstream, exchange.user)
    : door.pool.take(route.upstream, exchange.user, exchange.retried, maxIdle);
  exchange.up = up;
  // Written ahead of the connection, a body would be lost with one that is refused.
  if (up.socket.connecting && !client.bodyDone()) {
    exchange.state = "dialing";
    up.socket.once("connect", () => {
      if (exchange.up !== up || exchange.state !== "dialing") return;
      exchange.state = "asked";
      send(exchange, head, up);
      client.resume();
    });
    return;
  }
  send(exchange, head, up);
}

/** gRPC is spoken over HTTP/2 alone (gRPC over HTTP/2, "Requests"); gRPC-Web isn't gRPC in this. */
const GRPC = /^content-type:[ \t]*application\/grpc(?:\+[^\r\n]*|[ \t;][^\r\n]*)?$/im;

/** Whether the service is asked over HTTP/2: it is said of it, or only such a service can answer. */
function speaksHttp2({ client }: ProxyExchange, route: Route, head: RequestHead): boolean {
  if (route.protocol === "h2c") return head.upgrade === null;
  return client.version === "2" && head.method === "POST" && GRPC.test(head.fields);
}

/** The head, and what is there of the body, in one write where that is small. */
function send(exchange: ProxyExchange, head: RequestHead, up: UpstreamConnection): void {
  const { client } = exchange;
  const text = forwardedHead(exchange, head);
  const step = client.bodyDone() ? "nothing" : client.readBody(recorded(exchange));
  if (step === "broken") return brokenBody(exchange);
  if (step === "nothing") {
    writeText(up.socket, text);
    return;
  }
  const { bytes, from, to } = client.piece;
  exchange.bodySent = true;
  // latin1 both ways: each byte becomes the character of its number and back.
  if (to - from <= JOIN_MOST) writeText(up.socket, text + bytes.toString("latin1", from, to));
  else {
    up.socket.cork();
    up.socket.write(text, "latin1");
    up.socket.write(Buffer.from(bytes.subarray(from, to)));
    up.socket.uncork();
  }
}

/** More of a request's body. */
export function sendBody(exchange: ProxyExchange): void {
  const { client } = exchange;
  const step = client.readBody(recorded(exchange));
  if (step === "broken") return brokenBody(exchange);
  const { up } = exchange;
  // The service has answered and left: the rest of the body is of no use to anyone.
  if (step === "nothing" || up === null || up.refusing) return;
  exchange.bodySent = true;
  const { bytes, from, to } = client.piece;
  if (!up.socket.write(Buffer.from(bytes.subarray(from, to)))) client.pause();
}

/** What tells the recorder of a body's bytes; undefined where nothing is written down. */
function recorded(exchange: ProxyExchange): OnData | undefined {
  const { record, client, door } = exchange;
  if (record === null) return undefined;
  return (from, to) => door.recorder?.requestBody(record, client.piece.bytes, from, to);
}

function brokenBody(exchange: ProxyExchange): void {
  if (exchange.response !== null) return cut(exchange, "EPROTO", "the request's body broke the rules");
  const { door } = exchange;
  answer(exchange, "bad-request", {
    ...{ status: 400, reason: "a chunked body that breaks the rules" },
    ...{ host: "", port: door.port },
  });
}

/**
 * The service's connection ended before its response did. `refused`: it never was one, and nothing of the request is lost;
 * what becomes of it is the caller's to say.
 */
export function upstreamGone(exchange: ProxyExchange, reason: string): "settled" | "refused" {
  const { state, head, route, up } = exchange;
  if (state === "tunnel") {
    tunnelBroke(exchange, reason);
    return "settled";
  }
  if (!/^(dialing|asked|answering)$/.test(state) || head === null || route === null) return "settled";
  leaveUpstream(exchange);
  // A part of the answer is out already: only a cut connection tells the client that it is not whole.
  if (exchange.response !== null) cut(exchange, reason, "the service's connection ended before its response did");
  else if (canAskAgain(exchange, head.method, up)) {
    exchange.retried = true;
    forward(exchange, route);
  } else if (REFUSED.test(reason) && !exchange.bodySent) return "refused";
  else failed(exchange, route, reason, null);
  return "settled";
}

function tunnelBroke(exchange: ProxyExchange, reason: string): void {
  exchange.up = null;
  recordEnd(exchange, reason === "closed" ? null : { code: reason, message: "the service's connection broke" });
  if (reason === "closed") exchange.client.endTunnel();
  else exchange.client.cut();
}

/** A connection that idled may have been closed just when the request was sent: then nothing was done yet. */
function canAskAgain({ retried, bodySent }: ProxyExchange, method: string, up: UpstreamConnection | null): boolean {
  return (up?.reused ?? false) && !retried && !bodySent && IDEMPOTENT.has(method);
}

/** No response came: the door says so. `detail`: what is wrong with what came instead. */
export function failed(exchange: ProxyExchange, route: Route, reason: string, detail: string | null): void {
  answer(exchange, pageOf(reason), { ...factsOf(exchange, route), reason, ...(detail !== null && { detail }) });
}

function pageOf(reason: string): PageKind {
  if (reason === "ETIMEDOUT") return "timeout";
  return /^E(CONNREFUSED|NOENT|HOSTUNREACH|ADDRNOTAVAIL)/.test(reason) ? "down" : "gateway";
}
