import { diagnose } from "./bad-request-head.ts";
import { type LineMemory, lineMemory, readLines, STRICT_LINE } from "./field-lines.ts";
import {
  DIGITS,
  DROPPED,
  type Framing,
  type HeadFault,
  headFault,
  isHeadFault,
  members,
  NEVER_DROPPED,
  TOKEN,
  without,
} from "./fields.ts";
import { gather, KNOWN, type RequestFields } from "./request-fields.ts";
import { hostOf, otherTarget } from "./request-target.ts";

export interface RequestHead {
  readonly method: string;
  /** Origin form or `*`; an absolute form has been taken apart into this and `host`. */
  readonly target: string;
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

const REQUEST_LINE = new RegExp(`(${TOKEN}) ([\\x21-\\x7e]+) HTTP/1\\.([01])\\r\\n`, "y");
/** Methods on whose way Max-Forwards counts hops (RFC 9110 §7.6.2). */
const COUNTS_HOPS = new Set(["TRACE", "OPTIONS"]);

/**
 * Reads a request's head, from the method to the empty line. `memory` is the connection's: what it remembers of the head
 * before makes this one cheaper and means nothing else.
 */
export function parseRequestHead(text: string, memory: LineMemory = lineMemory()): RequestHead | HeadFault {
  REQUEST_LINE.lastIndex = 0;
  const line = REQUEST_LINE.exec(text);
  const last = text.length - 2;
  if (line === null || last < line[0].length || !text.endsWith("\r\n")) return diagnose(text);
  if (!readLines(text, line[0].length, last, memory, STRICT_LINE, KNOWN)) return diagnose(text);
  const [{ length: linesAt }, method = "", target = "", version = ""] = line;
  const minor = version === "1" ? 1 : 0;
  const said = gather(text, linesAt, memory);
  if (isHeadFault(said)) return said;
  const framing = framingOf(said, minor);
  if (isHeadFault(framing)) return framing;
  if (method === "CONNECT") return headFault(405, "CONNECT: this is no forward proxy");
  const where = target.charCodeAt(0) === 0x2f ? target : otherTarget(target, method, said);
  if (typeof where !== "string") return where;
  if (where.includes("#")) return headFault(400, "a fragment in the target");
  const host = hostOf(said.host, minor);
  if (isHeadFault(host)) return host;
  const { keepAlive, upgrade } = optionsOf(said, minor);
  if (said.te !== null && members(said.te).some((part) => /^trailers\b/.test(part))) said.fields += "TE: trailers\r\n";
  if (said.expect !== null && !/^100-continue(?:,100-continue)*$/.test(members(said.expect).join(","))) {
    return headFault(417, "an Expect other than 100-continue");
  }
  const maxForwards = forwardsOf(said, method);
  if (maxForwards !== null && typeof maxForwards !== "number") return maxForwards;
  return {
    method,
    target: where,
    minor,
    host: host.name,
    hostField: said.host ?? "",
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

function framingOf({ coding, length }: RequestFields, minor: 0 | 1): RequestFraming | HeadFault {
  if (coding !== null) {
    if (length !== null) return headFault(400, "both Transfer-Encoding and Content-Length");
    if (minor === 0) return headFault(400, "Transfer-Encoding in HTTP/1.0");
    if (coding.toLowerCase() !== "chunked") {
      return headFault(coding === "" ? 400 : 501, "a Transfer-Encoding other than chunked");
    }
    return CHUNKED;
  }
  if (length === null) return BODILESS;
  if (!DIGITS.test(length)) return headFault(400, "a Content-Length that is no number");
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
function forwardsOf(said: RequestFields, method: string): number | null | HeadFault {
  if (said.maxForwards === null || !COUNTS_HOPS.has(method)) return null;
  if (!DIGITS.test(said.maxForwards)) return headFault(400, "a Max-Forwards that is no number");
  said.fields = without(said.fields, "max-forwards");
  return Number(said.maxForwards);
}
