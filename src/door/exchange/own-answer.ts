import type { Fault } from "../../fault/fault.ts";
import type { RequestHead } from "../../http1/request-head.ts";
import type { PageFacts } from "../pages/facts.ts";
import { type PageKind, page } from "../pages/page.ts";
import { SCRIPT_HASH } from "../pages/reload.ts";

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
/** Every method but CONNECT, which the door refuses, may be some service's. */
const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE";
/** Fields of a request that a TRACE doesn't tell back: they are secrets (RFC 9110 §9.3.8). */
const SECRET = /^(?:cookie|authorization|proxy-authorization):/i;

/**
 * The door's own answer: a page where the client takes HTML, else `{"error": …}`. `head` is null where the request had none
 * that could be read. Gives the bytes' latin1 text.
 */
export function ownAnswer(head: RequestHead | null, kind: PageKind, facts: PageFacts, goesOn: boolean): string {
  const { status, fault, html } = page(kind, facts);
  const wantsHtml = (head?.accept ?? "").includes("text/html");
  const body = Buffer.from(wantsHtml ? html : `${JSON.stringify({ error: fault satisfies Fault })}\n`, "utf8");
  const text =
    `HTTP/1.1 ${status} ${REASONS[status] ?? "Error"}\r\n` +
    `Content-Type: ${wantsHtml ? "text/html" : "application/json"}; charset=utf-8\r\n` +
    `Content-Length: ${body.length}\r\n` +
    "Cache-Control: no-store\r\n" +
    "X-Content-Type-Options: nosniff\r\n" +
    (wantsHtml
      ? `Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; script-src '${SCRIPT_HASH}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n`
      : "") +
    (status === 503 ? "Retry-After: 1\r\n" : "") +
    // RFC 9110 §15.5.6: a 405 says what is allowed.
    (status === 405 ? `Allow: ${METHODS}\r\n` : "") +
    connectionField(head, goesOn) +
    "\r\n";
  return head?.method === "HEAD" ? text : text + body.toString("latin1");
}

/** An answer without a body. */
export function emptyAnswer(head: RequestHead, status: 204 | 503, goesOn: boolean): string {
  const line = status === 204 ? "204 No Content\r\n" : "503 Service Unavailable\r\nContent-Length: 0\r\n";
  return `HTTP/1.1 ${line}Cache-Control: no-store\r\n${connectionField(head, goesOn)}\r\n`;
}

/** The way from http to https. Not for good (307): the config may say otherwise tomorrow, and browsers keep a 308. */
export function httpsAnswer(head: RequestHead, goesOn: boolean): string {
  return (
    `HTTP/1.1 307 Temporary Redirect\r\nLocation: https://${head.hostField}${head.target}\r\n` +
    `Content-Length: 0\r\nCache-Control: no-store\r\n${connectionField(head, goesOn)}\r\n`
  );
}

/** The answer to an OPTIONS or TRACE that may go no further (RFC 9110 §7.6.2). */
export function lastHopAnswer(head: RequestHead, goesOn: boolean): string {
  const connection = connectionField(head, goesOn);
  if (head.method === "OPTIONS") return `HTTP/1.1 204 No Content\r\nAllow: ${METHODS}\r\n${connection}\r\n`;
  const body = head.text
    .split("\r\n")
    .filter((line) => !SECRET.test(line))
    .join("\r\n");
  return (
    `HTTP/1.1 200 OK\r\nContent-Type: message/http\r\nContent-Length: ${body.length}\r\n` +
    `Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n${connection}\r\n${body}`
  );
}

function connectionField(head: RequestHead | null, goesOn: boolean): string {
  if (!goesOn) return "Connection: close\r\n";
  return head?.minor === 0 ? "Connection: keep-alive\r\n" : "";
}
