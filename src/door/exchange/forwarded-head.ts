import { randomUUID } from "node:crypto";
import { traceParentOf } from "../../capture/trace.ts";
import type { RequestHead } from "../../http1/request-head.ts";
import type { Client } from "./client.ts";

/** The head as the service gets it: who asked, and by which name, is the door's to say. */
export function forwardedHead(client: Client, head: RequestHead): string {
  if (client.lastHead !== head) forwardedFor(client, head);
  const { exchange } = client;
  // The trace is the one thing that each request has of its own.
  const trace = exchange !== null ? traceParentOf(exchange) : head.traceParent;
  return trace === "" ? `${client.lastForwarded}\r\n` : `${client.lastForwarded}traceparent: ${trace}\r\n\r\n`;
}

/** All but the empty line. */
function forwardedFor(client: Client, head: RequestHead): void {
  client.lastHead = head;
  client.lastForwarded =
    `${head.method} ${head.target} HTTP/1.1\r\n` +
    head.fields +
    (head.framing === "chunked" ? "Transfer-Encoding: chunked\r\n" : "") +
    (head.upgrade === null ? "" : `Connection: Upgrade\r\nUpgrade: ${head.upgrade}\r\n`) +
    forwardedFields(client, head.hostField) +
    `Via: ${head.via === "" ? "" : `${head.via}, `}1.${head.minor} ${client.door.via}\r\n`;
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

/** What one door adds to Via, and knows itself by. */
export function newVia(): string {
  return `cove-${randomUUID().slice(0, 13)}`;
}
