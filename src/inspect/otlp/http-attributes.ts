import type { Attributes } from "@opentelemetry/api";
import type { HttpExchange } from "../../capture/exchange.ts";
import type { Hide } from "./hide.ts";

/** Methods that are called by their names (https://opentelemetry.io/docs/specs/semconv/http/http-spans). */
const METHODS = new Set(["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"]);
/** A path's part that stands for one thing of many: a number, a UUID, a hash, a ULID. */
const ID = /^(\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,}|[0-9A-HJKMNP-TV-Z]{26})$/i;

/** `GET /orders/{id}`: what many requests have in common, so that collectors can group them. */
export function httpName(method: string, target: string): string {
  const path = target.split("?", 1)[0] ?? "";
  const common = path
    .split("/")
    .map((part) => (ID.test(part) ? "{id}" : part))
    .join("/");
  return `${METHODS.has(method) ? method : "HTTP"} ${common}`;
}

/** Semantic conventions of HTTP server spans, with `url.full` besides. */
export function httpAttributes(exchange: HttpExchange, hide: Hide): () => Attributes {
  const { method, target, host, status, error, edge, caller, replayOf } = exchange;
  const sizes = [exchange.requestBody?.size ?? 0, exchange.responseBody?.size ?? 0] as const;
  const { messages } = exchange;
  const total = messages?.total ?? null;
  return () => {
    const shown = hide.target(target, edge);
    const [path = "", query] = shown.split(/\?(.*)/s);
    const [, name = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
    const [, client = caller.address, clientPort] = /^(.*):(\d+)$/.exec(caller.address) ?? [];
    const failure = error?.code ?? (status !== null && status >= 500 ? String(status) : null);
    return {
      "http.request.method": METHODS.has(method) ? method : "_OTHER",
      ...(!METHODS.has(method) && { "http.request.method_original": method }),
      ...{ "url.full": `http://${host}${shown}`, "url.scheme": "http", "url.path": path },
      ...(query !== undefined && { "url.query": query }),
      "server.address": name,
      ...(port !== undefined && { "server.port": Number(port) }),
      "client.address": client,
      ...(clientPort !== undefined && { "client.port": Number(clientPort) }),
      ...(status !== null && { "http.response.status_code": status }),
      ...{ "http.request.body.size": sizes[0], "http.response.body.size": sizes[1] },
      ...(failure !== null && { "error.type": failure }),
      ...(total !== null && { "cove.messages": total }),
      ...(replayOf !== null && { "cove.replay": true }),
    };
  };
}
