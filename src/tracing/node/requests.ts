import { channel } from "node:diagnostics_channel";
import { Agent, type ClientRequest } from "node:http";
import { type AnyFunction, current, randomHex } from "./hooks/context.ts";

type IsEdge = (port: number, host: unknown) => boolean;

/** Passes the trace on in requests to the service's own edges, and to nobody else. What the program sets itself stays. */
export function followRequests(isEdge: IsEdge): void {
  followHttp(isEdge);
  followUndici(isEdge);
}

/** Fields for a request that is sent now; null: it is sent for no request. */
function fieldsNow(hasState: boolean): [string, string][] | null {
  const context = current();
  if (context == null) return null;
  const { traceId, spanId } = context;
  if (hasState) return [["traceparent", `00-${traceId}-${spanId}-01`]];
  // A span of its own tells it from other requests for the same one.
  const own = randomHex(16);
  return [
    ["traceparent", `00-${traceId}-${own}-01`],
    ["tracestate", `cove=${own}-${spanId}`],
  ];
}

function followHttp(isEdge: IsEdge): void {
  const prototype = Agent.prototype as unknown as { addRequest: AnyFunction };
  const { addRequest } = prototype;
  prototype.addRequest = function (...args) {
    try {
      const [request, options] = args as [ClientRequest, { port?: unknown; host?: unknown } | string];
      const [port, host] = typeof options === "object" ? [options.port, options.host] : [args[2], options];
      if (isEdge(Number(port), host) && !request.headersSent && !request.hasHeader("traceparent")) {
        for (const [name, value] of fieldsNow(request.hasHeader("tracestate")) ?? []) request.setHeader(name, value);
      }
    } catch {
      // Then it carries none.
    }
    return addRequest.apply(this, args);
  };
}

/** What undici, and `fetch` with it, tells of a request before it is sent. */
interface UndiciRequest {
  readonly origin?: unknown;
  readonly headers?: string | readonly unknown[];
  addHeader?: (name: string, value: string) => void;
}

function followUndici(isEdge: IsEdge): void {
  const listener = (message: unknown) => {
    try {
      const { request } = message as { request: UndiciRequest };
      const { hostname, port } = new URL(String(request.origin));
      if (typeof request.addHeader !== "function" || !isEdge(Number(port || 80), hostname)) return;
      if (hasField(request, "traceparent")) return;
      for (const [name, value] of fieldsNow(hasField(request, "tracestate")) ?? []) request.addHeader(name, value);
    } catch {
      // Then it carries none.
    }
  };
  channel("undici:request:create").subscribe(listener);
}

/** Older versions have them as text, later ones as names and values in turn. */
function hasField({ headers }: UndiciRequest, name: string): boolean {
  if (typeof headers === "string") return headers.toLowerCase().includes(`${name}:`);
  return headers?.some((one, at) => at % 2 === 0 && String(one).toLowerCase() === name) ?? false;
}
