/**
 * HTTP/1.1 heads (RFC 9112), read more strictly than the parsers behind the door: a head that passes here means the same
 * to all of them. Lines end in CRLF, names are tokens without a space before the colon, nothing is folded, the length of a
 * body is stated at most once.
 */

/** How a body's end is known. `close` is for responses only. */
export type Framing = "none" | "sized" | "chunked" | "close";

/** A head that is refused: the status to answer with, and why in words. */
export interface HeadFault {
  readonly refused: number;
  readonly reason: string;
}

/** As node's own limit: bytes of a head, its last empty line included. */
export const MAX_HEAD = 16 * 1024;
export const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
export const DIGITS = /^[0-9]{1,15}$/;

/** Fields that end here: they speak of one connection, or are the door's to set. */
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

/** The field's value without the blanks around it. */
export function trimmed(lines: string, colon: number, end: number): string {
  return lines.slice(colon + 1, end).trim();
}

/** Drops a field that Connection names as belonging to this hop. */
export function without(fields: string, name: string): string {
  let kept = "";
  for (const line of fields.split("\r\n")) {
    if (line !== "" && line.slice(0, line.indexOf(":")).toLowerCase() !== name) kept += `${line}\r\n`;
  }
  return kept;
}
