/**
 * HTTP/1.1 heads (RFC 9112). A request's head is read more strictly than by the parsers behind the door: what passes here
 * means the same to all of them. A response's head is read as browsers, curl and nginx read it, unless that were ambiguous.
 */

/** How a body's end is known. `close`: by the end of the connection, for responses only. */
export type Framing = "none" | "sized" | "chunked" | "close";

/** A head that is refused: the status to answer with, and why in words. */
export interface HeadFault {
  readonly refused: number;
  readonly reason: string;
}

/** As node's own limit: bytes of a request's head, its last empty line included. */
export const MAX_HEAD = 16 * 1024;
/** Of a request's head on a relay, which only reads along: services may take larger ones than the door does. */
export const MAX_FOLLOWED_HEAD = 8 * MAX_HEAD;
/** Of a response's head: long cookies and policies, as browsers take them. */
export const MAX_RESPONSE_HEAD = 256 * 1024;
/** RFC 9110 §5.6.2: what methods and field names are made of. */
export const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
export const DIGITS = /^[0-9]{1,15}$/;

/** Fields of a request that end here: they speak of one connection, or are the door's to set. */
export const DROPPED = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "upgrade",
  "http2-settings",
  "te",
  "host",
  "via",
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-forwarded-server",
  "x-real-ip",
]);
/** What Connection may not take away: the message would mean something else without it. */
export const NEVER_DROPPED = new Set([
  "content-length",
  "transfer-encoding",
  "content-type",
  "host",
  "authorization",
  "cookie",
  "trailer",
]);

/** Fields that mean something only ahead of a body (RFC 9110 §6.5.1), in lower case. */
const NO_TRAILERS = new Set([
  "transfer-encoding",
  "content-length",
  "content-encoding",
  "host",
  "connection",
  "te",
  "trailer",
  "authorization",
  "cookie",
  "upgrade",
]);

/** Whether a field may not stand in a trailer: it would change what the message before it meant. */
export function isForbiddenTrailer(name: string): boolean {
  return NO_TRAILERS.has(name.toLowerCase());
}

export function isHeadFault(head: object): head is HeadFault {
  return "refused" in head;
}

export function headFault(status: number, reason: string): HeadFault {
  return { refused: status, reason };
}

/** `text[from, to)` without the blanks around it: SP and HTAB alone (RFC 9110 §5.6.3). */
export function trimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

const KEEP_ALIVE: readonly string[] = ["keep-alive"];
const CLOSE: readonly string[] = ["close"];

/** The members of a comma-separated list (RFC 9110 §5.6.1), in lower case; empty ones are passed over. */
export function members(list: string): readonly string[] {
  // What nearly all heads say.
  if (list === "keep-alive") return KEEP_ALIVE;
  if (list === "close") return CLOSE;
  if (list === "") return [];
  return list
    .toLowerCase()
    .split(",")
    .map((part) => trimmed(part, 0, part.length))
    .filter((part) => part !== "");
}

/** A field's value with what an earlier line of that field said (RFC 9110 §5.3). */
export function joined(before: string | null, value: string): string {
  return before === null ? value : `${before}, ${value}`;
}

/** Drops a field that Connection names as belonging to this hop. */
export function without(fields: string, name: string): string {
  let kept = "";
  for (const line of fields.split("\r\n")) {
    if (line !== "" && line.slice(0, line.indexOf(":")).toLowerCase() !== name) kept += `${line}\r\n`;
  }
  return kept;
}
