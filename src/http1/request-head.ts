import { diagnose } from "./bad-request-head.ts";
import { BROKEN, GOES_ON } from "./chunks.ts";
import { knownLines, readLines } from "./field-lines.ts";
import { DIGITS, DROPPED, type Framing, type HeadFault, headFault, members, NEVER_DROPPED, without } from "./fields.ts";
import { gather, REQUEST_LINES, type RequestFields } from "./request-fields.ts";
import { methodIn, type RequestLine, readRequestLine } from "./request-line.ts";
import { hostOf, otherTarget } from "./request-target.ts";

export interface RequestHead {
  readonly method: string;
  /** Origin form or `*`; an absolute form has been taken apart into this and `host`. */
  readonly target: string;
  /** The request line as it is passed on, with its CRLF: of HTTP/1.1, its target in the form of `target`. */
  readonly line: string;
  /** 0 for HTTP/1.0, 1 for HTTP/1.1. */
  readonly minor: 0 | 1;
  /** Lower case, without port. Empty in HTTP/1.0 without a Host. */
  readonly host: string;
  /** The Host field's value as it is to be passed on. */
  readonly hostField: string;
  /** The port that Host names; null where it names none. */
  readonly port: number | null;
  readonly framing: Framing;
  /** Bytes of a sized body. */
  readonly length: number;
  /** The Content-Length that it states, 0 too; null where it states none. Not in `fields`. */
  readonly contentLength: number | null;
  readonly keepAlive: boolean;
  /** The protocol of an Upgrade that Connection names too; else null. */
  readonly upgrade: string | null;
  /** It waits for a 100 before it sends its body. Not in `fields`. */
  readonly expectsContinue: boolean;
  readonly accept: string;
  readonly via: string;
  /** Hops that a TRACE or OPTIONS may still go (RFC 9110 §7.6.2); null for other methods and where it isn't said. Not in `fields`. */
  readonly maxForwards: number | null;
  /** The page that a browser says it asks for; several are joined by commas. Null: none is named. */
  readonly origin: string | null;
  /** Sec-Fetch-Site, likewise. */
  readonly fetchSite: string | null;
  /** The W3C trace field; empty where there is none, or more than one. Not in `fields`. */
  readonly traceParent: string;
  /** Field lines to pass on, each with its CRLF: without Host, the framing, hop-by-hop and forwarding fields. */
  readonly fields: string;
  /** The whole head as it came. */
  readonly text: string;
}

/** Methods on whose way Max-Forwards counts hops (RFC 9110 §7.6.2). */
const COUNTS_HOPS = new Set(["TRACE", "OPTIONS"]);

/** Where the head that is being read lies: one for all readers, since a head is read in one go. */
const line: RequestLine = { methodEnd: 0, targetEnd: 0, fragment: false, minor: 1, end: 0 };
const lines = knownLines();

/** What was read: a head, or what is wrong with it. */
interface RequestResult {
  head: RequestHead | null;
  fault: HeadFault | null;
}

/**
 * Reads a request's head, from the method at `start` to the empty line. Gives the index after it, or BROKEN where it must be
 * refused, both told in `result`; GOES_ON: before `to` there is no whole head that keeps to the grammar.
 */
export function readRequestHead(bytes: Buffer, start: number, to: number, result: RequestResult): number {
  if (!readRequestLine(bytes, start, to, line)) return GOES_ON;
  const end = readLines(bytes, start, line.end, to, REQUEST_LINES, lines);
  if (end === -1) return GOES_ON;
  const text = bytes.toString("latin1", start, end);
  const said = gather(text, line.end - start, lines);
  const head = headOf(text, methodIn(bytes, start, line.methodEnd), line.targetEnd - start, said);
  if (said.fault === null) result.head = head;
  result.fault = said.fault;
  return said.fault === null ? end : BROKEN;
}

/** The same for a head that is a text (latin1). */
export function parseRequestHead(text: string): RequestHead | HeadFault {
  const bytes = Buffer.from(text, "latin1");
  const result: RequestResult = { head: null, fault: null };
  const isLatin1 = !/[^\0-\xff]/.test(text);
  const end = isLatin1 ? readRequestHead(bytes, 0, bytes.length, result) : GOES_ON;
  if (end === bytes.length && result.head !== null) return result.head;
  return end === BROKEN && result.fault !== null ? result.fault : diagnose(text);
}

/** What the head means. Where it can't be passed on, `said.fault` tells why. */
function headOf(text: string, method: string, targetEnd: number, said: RequestFields): RequestHead {
  const { minor, fragment } = line;
  const framing = framingOf(said, minor);
  if (method === "CONNECT") said.fault ??= headFault(405, "CONNECT: this is no forward proxy");
  const asked = text.slice(method.length + 1, targetEnd);
  const target = asked.charCodeAt(0) === 0x2f ? asked : otherTarget(asked, method, said);
  if (fragment && target.includes("#")) said.fault ??= headFault(400, "a fragment in the target");
  const host = hostOf(said, minor);
  const { keepAlive, upgrade } = optionsOf(said, minor);
  if (said.te !== null && members(said.te).some((part) => /^trailers\b/.test(part))) said.fields += "TE: trailers\r\n";
  if (said.expect !== null && !/^100-continue(?:,100-continue)*$/.test(members(said.expect).join(","))) {
    said.fault ??= headFault(417, "an Expect other than 100-continue");
  }
  const maxForwards = forwardsOf(said, method);
  return {
    method,
    target,
    line: target === asked && minor === 1 ? text.slice(0, targetEnd + 11) : `${method} ${target} HTTP/1.1\r\n`,
    minor,
    host: host.name,
    hostField: host.field,
    port: host.port,
    framing: framing.framing,
    length: framing.length,
    contentLength: framing.stated,
    keepAlive,
    upgrade,
    expectsContinue: said.expect !== null && minor === 1 && framing.framing !== "none",
    accept: said.accept ?? "",
    via: said.via ?? "",
    maxForwards,
    origin: said.origin,
    fetchSite: said.fetchSite,
    traceParent: said.traceParent ?? "",
    fields: said.fields,
    text,
  };
}

interface RequestFraming {
  readonly framing: Framing;
  readonly length: number;
  readonly stated: number | null;
}

const BODILESS: RequestFraming = { framing: "none", length: 0, stated: null };
const CHUNKED: RequestFraming = { framing: "chunked", length: 0, stated: null };

function framingOf(said: RequestFields, minor: 0 | 1): RequestFraming {
  const { coding, length } = said;
  if (coding !== null) {
    if (length !== null) said.fault ??= headFault(400, "both Transfer-Encoding and Content-Length");
    if (minor === 0) said.fault ??= headFault(400, "Transfer-Encoding in HTTP/1.0");
    if (coding.toLowerCase() !== "chunked") {
      said.fault ??= headFault(coding === "" ? 400 : 501, "a Transfer-Encoding other than chunked");
    }
    return CHUNKED;
  }
  if (length === null) return BODILESS;
  if (!DIGITS.test(length)) said.fault ??= headFault(400, "a Content-Length that is no number");
  const stated = Number(length);
  return { framing: stated > 0 ? "sized" : "none", length: stated, stated };
}

/** What Connection says; takes out of `fields` what it names as this hop's. */
function optionsOf(said: RequestFields, minor: 0 | 1): { keepAlive: boolean; upgrade: string | null } {
  let keepAlive = minor === 1;
  let closes = false;
  let upgrade: string | null = null;
  if (said.connection !== null) {
    for (const option of members(said.connection)) {
      if (option === "close") closes = true;
      else if (option === "keep-alive") keepAlive = true;
      else if (option === "upgrade") upgrade = said.upgrade;
      else if (!DROPPED.has(option) && !NEVER_DROPPED.has(option)) said.fields = without(said.fields, option);
    }
  }
  // h2c is this connection's affair, not the service's; and HTTP/1.0 knows no upgrades.
  if (upgrade !== null && (minor === 0 || members(upgrade).some((name) => name === "h2c" || name === "h2")))
    upgrade = null;
  return { keepAlive: keepAlive && !closes, upgrade };
}

/** Takes Max-Forwards out of `fields` where it counts: whoever passes the request on writes the next number. */
function forwardsOf(said: RequestFields, method: string): number | null {
  if (said.maxForwards === null || !COUNTS_HOPS.has(method)) return null;
  if (!DIGITS.test(said.maxForwards)) said.fault ??= headFault(400, "a Max-Forwards that is no number");
  said.fields = without(said.fields, "max-forwards");
  return Number(said.maxForwards);
}
