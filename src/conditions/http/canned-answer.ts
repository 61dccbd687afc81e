import { STATUS_CODES } from "node:http";
import type { RequestHead } from "../../http1/request-head.ts";

/**
 * The whole response that is given instead of the service's. Its text and a field of its own say so, for whoever looks for the
 * cause. It has no Date, so that the same seed gives the same bytes.
 */
export function cannedAnswer({ method, keepAlive }: RequestHead, status: number): Buffer {
  const phrase = STATUS_CODES[status] ?? "Unknown";
  const bodiless = status === 204 || status === 304;
  const body = bodiless ? "" : `${status} ${phrase}\nCove answered instead of the service: http-status=${status}\n`;
  const head = [
    `HTTP/1.1 ${status} ${phrase}`,
    ...(bodiless ? [] : ["Content-Type: text/plain; charset=utf-8", `Content-Length: ${body.length}`]),
    "Cache-Control: no-store",
    `Cove-Condition: http-status=${status}`,
    `Connection: ${keepAlive ? "keep-alive" : "close"}`,
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${method === "HEAD" ? "" : body}`, "latin1");
}
