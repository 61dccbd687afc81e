import { TARGET_BYTES, TOKEN_BYTES } from "./byte-classes.ts";

/** Where a request line's parts lie: `GET /orders HTTP/1.1`. */
export interface RequestLine {
  methodEnd: number;
  targetEnd: number;
  /** The target has a `#` in it. */
  fragment: boolean;
  minor: 0 | 1;
  /** Behind its CRLF. */
  end: number;
}

const SPACE = 0x20;
const HASH = 0x23;
const ZERO = 0x30;
const ONE = 0x31;
const VERSION = Buffer.from(" HTTP/1.");

/** Reads the request line at `start` into `line`; false: before `to` there is none that is whole. */
export function readRequestLine(bytes: Buffer, start: number, to: number, line: RequestLine): boolean {
  let at = start;
  while (at < to && TOKEN_BYTES[bytes[at] ?? 0] === 1) at++;
  if (at === start || at === to || bytes[at] !== SPACE) return false;
  line.methodEnd = at++;
  const target = at;
  let fragment = false;
  while (at < to) {
    const byte = bytes[at] ?? 0;
    if (TARGET_BYTES[byte] === 0) break;
    if (byte === HASH) fragment = true;
    at++;
  }
  // ` HTTP/1.1` and a CRLF.
  const end = at + VERSION.length + 3;
  if (at === target || end > to) return false;
  for (let n = 0; n < VERSION.length; n++) if (bytes[at + n] !== VERSION[n]) return false;
  const digit = bytes[end - 3];
  if ((digit !== ZERO && digit !== ONE) || bytes[end - 2] !== 0x0d || bytes[end - 1] !== 0x0a) return false;
  line.targetEnd = at;
  line.fragment = fragment;
  line.minor = digit === ONE ? 1 : 0;
  line.end = end;
  return true;
}

/** What nearly all requests say: their names need no string made of the bytes. */
const METHODS = ["GET", "POST", "PUT", "HEAD", "PATCH", "DELETE", "OPTIONS"];

/** The method in `bytes[from, to)`. */
export function methodIn(bytes: Buffer, from: number, to: number): string {
  for (const method of METHODS) if (isText(method, bytes, from, to)) return method;
  return bytes.toString("latin1", from, to);
}

function isText(text: string, bytes: Buffer, from: number, to: number): boolean {
  if (text.length !== to - from) return false;
  for (let n = 0; n < text.length; n++) if (text.charCodeAt(n) !== bytes[from + n]) return false;
  return true;
}
