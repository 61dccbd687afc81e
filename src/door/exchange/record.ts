import type { ExchangeError } from "../../capture/exchange.ts";
import { readTunnel } from "../../capture/websocket/tunnel.ts";
import type { RequestHead } from "../../http1/request-head.ts";
import type { ResponseHead } from "../../http1/response-head.ts";
import type { PageKind } from "../pages/page.ts";
import type { Route } from "../upstream/routes.ts";
import type { ProxyExchange } from "./proxy-exchange.ts";

/** What the door tells the recorder of an exchange. Each call is one look at a field where nothing is captured. */

export function recordRequest(exchange: ProxyExchange, route: Route, head: RequestHead): void {
  const { recorder } = exchange.door;
  const edge = route.capture;
  if (recorder === null || edge === undefined) return;
  exchange.record = recorder.http(edge, exchange.client.caller(), head, exchange.client.since());
}

/** A request that waited, for its service or for someone who held it, goes on. */
export function recordWait({ record }: ProxyExchange): void {
  if (record !== null) record.queued = performance.now() - record.clock;
}

export function recordResponse({ record, up, door, now }: ProxyExchange, head: ResponseHead): void {
  if (record === null) return;
  record.firstByte = now - record.clock;
  record.connected = up === null ? null : Math.max(0, up.connectedAt - record.clock);
  door.recorder?.answered(record, head.status, head.text);
}

/** What came instead of a response, for looking at. What was taken for its body isn't one. */
export function recordRefusedHead({ record, door }: ProxyExchange, text: string, reason: string): void {
  if (record === null) return;
  record.responseBody = null;
  door.recorder?.recordRefusedHead(record, text, reason);
}

/** The exchange is over: whole, or with what ended it; `now`: when. */
export function recordEnd(
  exchange: ProxyExchange,
  error: ExchangeError | null = null,
  now: number = performance.now(),
): void {
  const { record } = exchange;
  if (record === null) return;
  exchange.record = null;
  exchange.tunnel?.closed(now, error?.code ?? null);
  exchange.tunnel = null;
  exchange.door.recorder?.end(record, now, error);
}

/** The door answered instead of the service; `why` says more than the kind of page does. */
export function recordOwnAnswer(exchange: ProxyExchange, text: string, kind: PageKind, why: string | null): void {
  const { record, door } = exchange;
  if (record === null) return;
  const end = text.indexOf("\r\n\r\n") + 4;
  door.recorder?.answered(record, Number(text.slice(9, 12)), text.slice(0, end));
  const body = Buffer.from(text.slice(end), "latin1");
  door.recorder?.responseBody(record, body, 0, body.length);
  const message = ANSWERED[kind] ?? "answered by Cove itself";
  recordEnd(exchange, { code: kind.toUpperCase(), message: why === null ? message : `${message} (${why})` });
}

const ANSWERED: Partial<Record<PageKind, string>> = {
  down: "the service is down: Cove answered",
  starting: "the service did not become ready in time: Cove answered",
  timeout: "the service did not take the connection in time: Cove answered",
  gateway: "the service's answer was not whole: Cove answered",
  "bad-request": "the request broke HTTP's rules: Cove answered",
};

/** Reads along what the two say after an upgrade. */
export function recordTunnel(exchange: ProxyExchange, head: ResponseHead): void {
  const { recorder } = exchange.door;
  if (exchange.record !== null && recorder !== null) exchange.tunnel = readTunnel(recorder, exchange.record, head.text);
}
