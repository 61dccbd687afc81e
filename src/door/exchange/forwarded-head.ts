import { randomUUID } from "node:crypto";
import { traceParentOf } from "../../capture/trace.ts";
import type { RequestHead } from "../../http1/request-head.ts";
import type { ProxyExchange } from "./proxy-exchange.ts";

/** The head as the service gets it: who asked, and by which name, is the door's to say. */
export function forwardedHead(exchange: ProxyExchange, head: RequestHead): string {
  const { record, door, client } = exchange;
  const trace = record !== null ? traceParentOf(record) : head.traceParent;
  let text = head.line + head.fields;
  if (head.framing === "chunked") text += "Transfer-Encoding: chunked\r\n";
  else if (head.contentLength !== null) text += `Content-Length: ${head.contentLength}\r\n`;
  if (head.expectsContinue) text += "Expect: 100-continue\r\n";
  if (head.upgrade !== null) text += `Connection: Upgrade\r\nUpgrade: ${head.upgrade}\r\n`;
  if (head.maxForwards !== null) text += `Max-Forwards: ${head.maxForwards - 1}\r\n`;
  text += forwardedFields(exchange, head.hostField);
  text += viaField(door.via, head, client.version);
  return trace === "" ? `${text}\r\n` : `${text}traceparent: ${trace}\r\n\r\n`;
}

/** The last Via that was made for a request without one: nearly all requests get the same. */
let firstVia = { via: "", text: "" };

function viaField(via: string, head: RequestHead, major: "1" | "2"): string {
  if (head.via !== "" || head.minor !== 1 || major !== "1") {
    const version = major === "2" ? "2" : `1.${head.minor}`;
    return `Via: ${head.via === "" ? "" : `${head.via}, `}${version} ${via}\r\n`;
  }
  if (firstVia.via !== via) firstVia = { via, text: `Via: 1.1 ${via}\r\n` };
  return firstVia.text;
}

/** Host and the forwarding fields (RFC 7239 and its forerunners): made once for a connection that keeps its Host. */
function forwardedFields(exchange: ProxyExchange, host: string): string {
  const { door, client, route } = exchange;
  if (exchange.forwardedHost === host && exchange.forwardedRoute === route) return exchange.forwardedFields;
  const { address } = client;
  const scheme = client.secure ? "https" : "http";
  exchange.forwardedHost = host;
  exchange.forwardedRoute = route;
  exchange.forwardedFields =
    `Host: ${route?.hostField ?? (host === "" ? "localhost" : host)}\r\n` +
    `X-Forwarded-For: ${address}\r\n` +
    `X-Forwarded-Host: ${host}\r\n` +
    `X-Forwarded-Port: ${door.port}\r\n` +
    `X-Forwarded-Proto: ${scheme}\r\n` +
    `Forwarded: for=${address.includes(":") ? `"[${address}]"` : address};host="${host}";proto=${scheme}\r\n`;
  return exchange.forwardedFields;
}

/** What one door adds to Via, and knows itself by. */
export function newVia(): string {
  return `cove-${randomUUID().slice(0, 13)}`;
}
