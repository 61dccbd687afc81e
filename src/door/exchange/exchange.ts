import { sleep } from "../../async/sleep.ts";
import type { GuardRefusal } from "../../guard/refusals.ts";
import type { RequestHead } from "../../http1/request-head.ts";
import type { Route } from "../upstream/routes.ts";
import type { ClientSide } from "./client-side.ts";
import type { DoorInside } from "./door-inside.ts";
import { answer, answerByHttps, answerLastHop, factsOf, leaveUpstream } from "./ending.ts";
import { failed, forward, sendBody, upstreamGone } from "./forward.ts";
import { holdRequest, isHeld, releaseHeld } from "./hold.ts";
import { judgeRequest, noteStranger } from "./judge.ts";
import { newExchange, type ProxyExchange } from "./proxy-exchange.ts";
import { recordEnd, recordRequest, recordWait } from "./record.ts";
import { readResponse, responseEnded } from "./response.ts";
import { answerOnReturn, asksForReturn } from "./return-question.ts";

/** Between tries to reach a service that is just being restarted, ms. */
const REDIAL_PAUSE = 100;
/** Tries in a row: its supervisor knows after a second that it doesn't listen, two where that is costly to ask. */
const REDIALS = 25;

/** A client's exchange: one at a time. */
export function openExchange(door: DoorInside, client: ClientSide): ProxyExchange {
  return newExchange(door, client, { read: readResponse, ended: responseEnded, gone: serviceGone });
}

/** A request's head is there: it is judged, led to its service, and answered, by the service or by the door. */
export function beginExchange(exchange: ProxyExchange, head: RequestHead): void {
  const { door } = exchange;
  exchange.head = head;
  exchange.retried = false;
  exchange.bodySent = false;
  exchange.refusedAt = 0;
  exchange.redials = 0;

  if (head.via !== "" && head.via.includes(door.via)) {
    return answer(exchange, "loop", { host: head.hostField, port: door.port });
  }
  const named = head.port === null || head.port === door.port;
  const route = named ? door.routes.find(head.host) : undefined;
  if (route === undefined) {
    noteStranger(exchange, head);
    return answer(exchange, "unknown-name", { host: head.hostField, names: door.routes.names(), port: door.port });
  }
  exchange.route = route;
  const verdict = judgeRequest(exchange, route, head);
  if (verdict instanceof Promise) void waitForVerdict(exchange, route, head, verdict);
  else judged(exchange, route, head, verdict);
}

/** Holds the request while the client's program is looked up. */
async function waitForVerdict(
  exchange: ProxyExchange,
  route: Route,
  head: RequestHead,
  verdict: Promise<GuardRefusal | null>,
): Promise<void> {
  exchange.state = "waiting";
  const refusal = await verdict;
  if (exchange.client.gone()) return;
  judged(exchange, route, head, refusal);
  exchange.client.resume();
}

function judged(exchange: ProxyExchange, route: Route, head: RequestHead, refusal: GuardRefusal | null): void {
  const { door } = exchange;
  if (refusal !== null) return answer(exchange, "refused", { ...factsOf(exchange, route), log: [], refusal });
  // A WebSocket's client follows no redirects.
  if (route.httpsOnly === true && !exchange.client.secure && head.upgrade === null) {
    return answerByHttps(exchange, head);
  }
  if (head.maxForwards === 0) return answerLastHop(exchange, head);
  if (asksForReturn(head)) return void answerOnReturn(exchange, head);
  recordRequest(exchange, route, head);
  const { record } = exchange;
  if (record !== null && door.breakpoints?.wants(record)) {
    return holdRequest(exchange, head, record, door.breakpoints, () => lead(exchange, route));
  }
  lead(exchange, route);
}

/** To the service, to the wait for it, or to the page that says that it's down. */
function lead(exchange: ProxyExchange, route: Route): void {
  if (route.state === "ready") forward(exchange, route);
  else if (route.state === "down") answer(exchange, "down", factsOf(exchange, route));
  else void waitFor(exchange, route);
}

/** Holds the request while its service starts. */
async function waitFor(exchange: ProxyExchange, route: Route): Promise<void> {
  const { client, door } = exchange;
  exchange.state = "waiting";
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), door.startWait);
  });
  const ready = await Promise.race([route.whenReady(), late]);
  clearTimeout(timer);
  if (client.gone()) return;
  recordWait(exchange);
  exchange.redials = 0;
  if (ready === true) forward(exchange, route);
  else answer(exchange, ready === null ? "starting" : "down", factsOf(exchange, route));
  client.resume();
}

function serviceGone(exchange: ProxyExchange, reason: string): void {
  const { route } = exchange;
  if (upstreamGone(exchange, reason) === "refused" && route !== null) void redial(exchange, route, reason);
}

/**
 * Nothing listens at a service that counts as ready. Where it is run by something that starts it again, that is most likely
 * under way, and its state says so a moment later; until then the request is held, and tried again.
 */
async function redial(exchange: ProxyExchange, route: Route, reason: string): Promise<void> {
  const { client, door } = exchange;
  const now = performance.now();
  if (exchange.refusedAt === 0) exchange.refusedAt = now;
  const late = now - exchange.refusedAt > door.startWait || ++exchange.redials > REDIALS;
  if (!route.restarts || late) return failed(exchange, route, reason, null);
  exchange.state = "waiting";
  await sleep(REDIAL_PAUSE);
  if (client.gone()) return;
  recordWait(exchange);
  lead(exchange, route);
  client.resume();
}

/** More of the request was read: its body is passed on where the service has its head; else the bytes wait. */
export function bodyArrived(exchange: ProxyExchange): void {
  if (takesBody(exchange)) sendBody(exchange);
}

function takesBody({ state }: ProxyExchange): boolean {
  return state === "asked" || state === "answering";
}

/** The client sends no more: half of a body is no request, a whole one is still answered. */
export function clientEnded(exchange: ProxyExchange): "wait" | "give up" {
  if (exchange.state === "tunnel") exchange.up?.socket.end();
  // Held, it may be so for minutes: a client that closes its side has most likely left.
  else if (isHeld(exchange) || (takesBody(exchange) && !exchange.client.bodyDone())) return "give up";
  return "wait";
}

/** The client's connection is gone: so is its exchange. */
export function clientGone(exchange: ProxyExchange): void {
  releaseHeld(exchange);
  const inTunnel = exchange.state === "tunnel";
  recordEnd(exchange, inTunnel ? null : { code: "aborted", message: "the client left before the end" });
  leaveUpstream(exchange);
  exchange.state = "none";
}

/** Bytes of the client's after an upgrade. False: stop reading. */
export function tunnelUp(exchange: ProxyExchange, bytes: Buffer): boolean {
  exchange.tunnel?.up(bytes, performance.now());
  return exchange.up?.socket.write(Buffer.from(bytes)) ?? true;
}
