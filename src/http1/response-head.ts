import { BROKEN, GOES_ON } from "./chunks.ts";
import { knownLines, readLines } from "./field-lines.ts";
import { DIGITS, type Framing, type HeadFault, headFault, members, NEVER_DROPPED, without } from "./fields.ts";
import { canonicalHead } from "./lenient-head.ts";
import { gather, RESPONSE_LINES, type ResponseFields } from "./response-fields.ts";
import { newStatusLine, readStatusLine, type StatusLine } from "./status-line.ts";

export interface ResponseHead {
  readonly status: number;
  readonly minor: 0 | 1;
  /** Code and reason phrase: `200 OK`. */
  readonly statusText: string;
  /** The status line as it is passed on, with its CRLF: of HTTP/1.1. */
  readonly line: string;
  readonly framing: Framing;
  /** Bytes of a sized body. */
  readonly length: number;
  readonly keepAlive: boolean;
  /** Seconds that the service keeps an idle connection, where it says so (`Keep-Alive: timeout=5`). */
  readonly keepAliveTimeout: number | null;
  readonly upgrade: string | null;
  /** Field lines to pass on, each with its CRLF, the Content-Length that counts among them, without Transfer-Encoding. */
  readonly fields: string;
  /** The Transfer-Encoding to pass on where the body comes chunked or coded; else empty. */
  readonly coding: string;
  /** The whole head as it came. */
  readonly text: string;
}

/**
 * Keeps a response from elements of other sites' pages (`<script>`, `<img>`), which name no origin when they ask (the
 * Fetch standard, CORP). Names of one stack are one site.
 */
const RESOURCE_POLICY = "Cross-Origin-Resource-Policy: same-site\r\n";

/** Codings that a Transfer-Encoding may name before chunked, or instead of it (RFC 9112 §7). */
const CODINGS = new Set(["gzip", "x-gzip", "deflate", "compress", "x-compress"]);

/** What the head means depends on what was asked, and by whom. */
export interface ResponseContext {
  /** The request's method: what answers HEAD has no body, whatever its fields say. */
  readonly method: string;
  /** An upgrade was asked for, and may be granted. */
  readonly upgrade: boolean;
  /** A response without a Cross-Origin-Resource-Policy gets one. */
  readonly sameSite: boolean;
}

/** Where the known lines of the head that is being read lie: one for all readers, since a head is read in one go. */
const lines = knownLines();

/** What was read: a head, or what is wrong with it. */
interface ResponseResult {
  head: ResponseHead | null;
  fault: HeadFault | null;
}

/**
 * Reads a response's head in the form that RFC 9112 asks for, from the status line at `start` to the empty line. Gives the index
 * after it, or BROKEN where it must be refused, both told in `result`; GOES_ON: before `to` there is no whole head in that form.
 *
 * @param status The status line that was read last, mostly the next one's too; this one's then.
 */
export function readResponseHead(
  bytes: Buffer,
  start: number,
  to: number,
  context: ResponseContext,
  status: StatusLine,
  result: ResponseResult,
): number {
  const from = readStatusLine(bytes, start, to, status);
  if (from === -1) return GOES_ON;
  const end = readLines(bytes, start, from, to, RESPONSE_LINES, lines);
  if (end === -1) return GOES_ON;
  const text = bytes.toString("latin1", start, end);
  const said = gather(text, from - start, lines);
  const head = headOf(text, status, said, context);
  if (said.fault === null) result.head = head;
  result.fault = said.fault;
  return said.fault === null ? end : BROKEN;
}

/**
 * Reads a response's head, up to its empty line, as browsers, curl and nginx read it: lines may end in LF, blanks stand
 * where they don't belong, a value holds control characters. Refused is what RFC 9112 §6.3 calls unrecoverable, and what
 * two readers could cut in two places.
 */
export function parseResponseHead(text: string, context: ResponseContext): ResponseHead | HeadFault {
  const result: ResponseResult = { head: null, fault: null };
  const bytes = Buffer.from(text, "latin1");
  const end = readResponseHead(bytes, 0, bytes.length, context, newStatusLine(), result);
  if (end === bytes.length && result.head !== null) return result.head;
  return end === BROKEN && result.fault !== null ? result.fault : readLenient(text, context);
}

/** A head that isn't in the canonical form, or a fault. Slow, and only for those. */
export function readLenient(text: string, context: ResponseContext): ResponseHead | HeadFault {
  const canonical = canonicalHead(text);
  if (typeof canonical !== "string") return canonical;
  const result: ResponseResult = { head: null, fault: null };
  const bytes = Buffer.from(canonical, "latin1");
  const end = readResponseHead(bytes, 0, bytes.length, context, newStatusLine(), result);
  if (end === bytes.length && result.head !== null) return { ...result.head, text };
  return result.fault ?? headFault(502, "a response head that breaks HTTP's rules");
}

/** What the head means. Where it can't be passed on, `said.fault` tells why. */
function headOf(text: string, line: StatusLine, said: ResponseFields, context: ResponseContext): ResponseHead {
  const { minor, status, statusText, passed } = line;
  if (status === 101 && !context.upgrade) said.fault ??= headFault(502, "a change of protocols that nobody asked for");
  const length = lengthOf(said);
  const bodiless = status < 200 || status === 204 || status === 304 || context.method === "HEAD";
  const coding = codingOf(said, minor);
  const sized: Framing = length === null ? "close" : length > 0 ? "sized" : "none";
  const framing: Framing = bodiless ? "none" : (coding.framing ?? sized);
  const { keepAlive, upgrades } = optionsOf(said, minor);
  // RFC 9110 §8.6: a 1xx or 204 has no Content-Length to pass on.
  if (length !== null && status >= 200 && status !== 204) said.fields += `Content-Length: ${length}\r\n`;
  if (context.sameSite && !said.hasPolicy && status >= 200) said.fields += RESOURCE_POLICY;
  return {
    status,
    minor,
    statusText,
    line: passed,
    framing,
    length: framing === "sized" ? (length ?? 0) : 0,
    keepAlive: keepAlive && framing !== "close",
    keepAliveTimeout: said.keepAliveTimeout,
    upgrade: upgrades || status === 101 ? said.upgrade : null,
    fields: said.fields,
    coding: bodiless ? "" : coding.text,
    text,
  };
}

/** `5`, or a list of the same number over and over, as some gateways make (RFC 9110 §8.6). */
function lengthOf(said: ResponseFields): number | null {
  const { length: text } = said;
  if (text === null) return null;
  if (DIGITS.test(text)) return Number(text);
  const numbers = text.split(",").map((part) => part.replace(/^[ \t]+|[ \t]+$/g, ""));
  const [first = ""] = numbers;
  if (!numbers.every((number) => DIGITS.test(number)))
    said.fault ??= headFault(502, "a Content-Length that is no number");
  else if (numbers.some((number) => Number(number) !== Number(first))) {
    said.fault ??= headFault(502, "two different Content-Lengths");
  }
  return Number(first);
}

interface ResponseCoding {
  /** Null: Content-Length, or the end of the connection, says where the body ends. */
  readonly framing: "chunked" | "close" | null;
  readonly text: string;
}

const UNCODED: ResponseCoding = { framing: null, text: "" };
const CHUNKED: ResponseCoding = { framing: "chunked", text: "Transfer-Encoding: chunked\r\n" };

/** RFC 9112 §6.3: chunked last ends by itself; codings without it end with the connection. */
function codingOf(said: ResponseFields, minor: 0 | 1): ResponseCoding {
  const { coding, length } = said;
  if (coding === null) return UNCODED;
  if (coding === "chunked" && length === null && minor === 1) return CHUNKED;
  const names = members(coding);
  // An obsolete name for no coding at all (RFC 2616 §3.6).
  if (names.length === 1 && names[0] === "identity") return UNCODED;
  const last = names.at(-1);
  const before = last === "chunked" ? names.slice(0, -1) : names;
  if (names.length === 0 || before.some((name) => !CODINGS.has(name))) {
    said.fault ??= headFault(502, `a Transfer-Encoding that Cove doesn't know: ${JSON.stringify(coding.slice(0, 80))}`);
  }
  if (length !== null) said.fault ??= headFault(502, "both Transfer-Encoding and Content-Length");
  if (minor === 0) said.fault ??= headFault(502, "Transfer-Encoding in HTTP/1.0");
  const framing = last === "chunked" ? "chunked" : "close";
  return { framing, text: `Transfer-Encoding: ${names.join(", ")}\r\n` };
}

function optionsOf(said: ResponseFields, minor: 0 | 1): { keepAlive: boolean; upgrades: boolean } {
  let keepAlive = minor === 1;
  let closes = false;
  let upgrades = false;
  if (said.connection !== null) {
    for (const option of members(said.connection)) {
      if (option === "close") closes = true;
      else if (option === "keep-alive") keepAlive = true;
      else if (option === "upgrade") upgrades = true;
      else if (!NEVER_DROPPED.has(option)) said.fields = without(said.fields, option);
    }
  }
  return { keepAlive: keepAlive && !closes, upgrades };
}
