import type { Fault } from "../../fault/fault.ts";
import type { PageFacts } from "../pages/facts.ts";
import { type PageKind, page } from "../pages/page.ts";
import type { Client } from "./client.ts";

/** Reason phrases of what the door itself answers. */
const REASONS: Record<number, string> = {
  400: "Bad Request",
  403: "Forbidden",
  405: "Method Not Allowed",
  408: "Request Timeout",
  414: "URI Too Long",
  417: "Expectation Failed",
  421: "Misdirected Request",
  431: "Request Header Fields Too Large",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
  508: "Loop Detected",
};

/**
 * The door's own answer: a page where the client takes HTML, else `{"error": …}`. Returns the bytes' text;
 * the caller writes it and decides whether the connection goes on.
 */
export function ownAnswer(client: Client, kind: PageKind, facts: PageFacts, keepAlive: boolean): string {
  const { status, fault, html } = page(kind, facts);
  const wantsHtml = (client.head?.accept ?? "").includes("text/html");
  const body = Buffer.from(wantsHtml ? html : `${JSON.stringify({ error: fault satisfies Fault })}\n`, "utf8");
  const head =
    `HTTP/1.1 ${status} ${REASONS[status] ?? "Error"}\r\n` +
    `Content-Type: ${wantsHtml ? "text/html" : "application/json"}; charset=utf-8\r\n` +
    `Content-Length: ${body.length}\r\n` +
    "Cache-Control: no-store\r\n" +
    "X-Content-Type-Options: nosniff\r\n" +
    (wantsHtml
      ? "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
      : "") +
    (status === 503 ? "Retry-After: 1\r\n" : "") +
    (keepAlive ? "" : "Connection: close\r\n") +
    "\r\n";
  return client.head?.method === "HEAD" ? head : head + body.toString("latin1");
}
