import { keep, newBody } from "../../capture/body.ts";
import { newCaller } from "../../capture/caller.ts";
import type { ExchangeError, HttpExchange } from "../../capture/exchange.ts";
import { readTunnel } from "../../capture/websocket/tunnel.ts";
import type { RequestHead } from "../../http1/request-head.ts";
import type { ResponseHead } from "../../http1/response-head.ts";
import type { PageKind } from "../pages/page.ts";
import type { Route } from "../upstream/routes.ts";
import type { Client } from "./client.ts";

/** What the door tells the recorder of an exchange. Each call is one look at a field where nothing is captured. */

export function recordRequest(client: Client, route: Route, head: RequestHead): void {
  const { recorder } = client.door;
  const edge = route.capture;
  if (recorder === null || edge === undefined) return;
  client.caller ??= newCaller(`${client.peer}:${client.socket.remotePort ?? 0}`, client.owner.uid, client.owner.inode);
  client.exchange = recorder.http(edge, client.caller, head, client.since);
}

/** A request that waited, for its service or for someone who held it, goes on. */
export function recordWait(client: Client): void {
  const { exchange } = client;
  if (exchange !== null) exchange.queued = performance.now() - exchange.clock;
}

/** `bytes[from, to)` of a body, its framing not included. */
export function recordRequestBody(
  client: Client,
  exchange: HttpExchange,
  bytes: Buffer,
  from: number,
  to: number,
): void {
  const { recorder } = client.door;
  if (recorder === null || from === to) return;
  exchange.requestBody ??= newBody();
  recorder.grew(exchange, keep(exchange.requestBody, bytes, from, to, exchange.edge.policy.bodies));
}

export function recordResponse(client: Client, head: ResponseHead): void {
  const { exchange, up } = client;
  if (exchange === null) return;
  const now = performance.now();
  exchange.firstByte = now - exchange.clock;
  exchange.connected = up === null ? null : Math.max(0, up.connectedAt - exchange.clock);
  client.door.recorder?.answered(exchange, head.status, head.text);
}

export function recordResponseBody(
  client: Client,
  exchange: HttpExchange,
  bytes: Buffer,
  from: number,
  to: number,
): void {
  const { recorder } = client.door;
  if (recorder === null || from === to) return;
  exchange.responseBody ??= newBody();
  recorder.grew(exchange, keep(exchange.responseBody, bytes, from, to, exchange.edge.policy.bodies));
}

/** The exchange is over: whole, or with what ended it. */
export function recordEnd(client: Client, error: ExchangeError | null = null): void {
  const { exchange } = client;
  if (exchange === null) return;
  client.exchange = null;
  const now = performance.now();
  client.tunnel?.closed(now, error?.code ?? null);
  client.tunnel = null;
  client.door.recorder?.end(exchange, now, error);
}

/** The door answered in the service's stead. */
export function recordOwnAnswer(client: Client, text: string, kind: PageKind): void {
  const { exchange } = client;
  if (exchange === null) return;
  const end = text.indexOf("\r\n\r\n") + 4;
  client.door.recorder?.answered(exchange, Number(text.slice(9, 12)), text.slice(0, end));
  const body = Buffer.from(text.slice(end), "latin1");
  recordResponseBody(client, exchange, body, 0, body.length);
  recordEnd(client, { code: kind.toUpperCase(), message: ANSWERED[kind] ?? "answered by Cove itself" });
}

const ANSWERED: Partial<Record<PageKind, string>> = {
  down: "the service is down: Cove answered",
  starting: "the service did not become ready in time: Cove answered",
  timeout: "the service did not take the connection in time: Cove answered",
  gateway: "the service's answer was not whole: Cove answered",
  "bad-request": "the request broke HTTP's rules: Cove answered",
};

/** Reads along what the two say after an upgrade. */
export function recordTunnel(client: Client, head: ResponseHead): void {
  const { recorder } = client.door;
  if (client.exchange !== null && recorder !== null) client.tunnel = readTunnel(recorder, client.exchange, head.text);
}
