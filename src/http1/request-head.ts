import { type FieldLine, type LineMemory, lineMemory, readLines, STRICT_LINE } from "./field-lines.ts";
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

/** What fields do, as {@link readLines} numbers them. */
const KEEP = 0;
const DROP = 1;
const HOST = 2;
const LENGTH = 3;
const CODING = 4;
const CONNECTION = 5;
const UPGRADE = 6;
const EXPECT = 7;
const TE = 8;
const ACCEPT = 9;
const TRACE = 10;
const VIA = 11;
const FORWARDS = 12;
const ORIGIN = 13;
const FETCH_SITE = 14;

const KNOWN = new Map<string, number>([
  ...[...DROPPED].flatMap(spellings).map((name): [string, number] => [name, DROP]),
  ["host", HOST],
  ["content-length", LENGTH],
  ["transfer-encoding", CODING],
  ["connection", CONNECTION],
  ["upgrade", UPGRADE],
  ["expect", EXPECT],
  ["te", TE],
  ["accept", ACCEPT],
  ["traceparent", TRACE],
  ["via", VIA],
  ["max-forwards", FORWARDS],
  ["origin", ORIGIN],
  ["sec-fetch-site", FETCH_SITE],
]);

/** `X_Forwarded_For` and `x-forwarded_for` are `X-Forwarded-For` to a CGI-like service behind us. */
function spellings(name: string): string[] {
  const [first = "", ...rest] = name.split("-");
  return rest.reduce((heads, part) => heads.flatMap((head) => [`${head}-${part}`, `${head}_${part}`]), [first]);
}

const REQUEST_LINE = new RegExp(`(${TOKEN}) ([\\x21-\\x7e]+) HTTP/1\\.([01])\\r\\n`, "y");
const HOST_FORM = /^(\[[0-9a-f:.]+\]|[0-9a-z\-._~]+)(?::([0-9]{1,5}))?$/;
const ABSOLUTE = /^(https?):\/\/([^/?#]+)([/?].*)?$/i;
/** Methods on whose way Max-Forwards counts hops (RFC 9110 §7.6.2). */
const COUNTS_HOPS = new Set(["TRACE", "OPTIONS"]);

/** What the field lines say, gathered in one pass. */
interface RequestFields {
  host: string | null;
  length: string | null;
  coding: string | null;
  connection: string | null;
  upgrade: string | null;
  expect: string | null;
  te: string | null;
  accept: string | null;
  via: string | null;
  maxForwards: string | null;
  origin: string | null;
  fetchSite: string | null;
  traceParent: string | null;
  /** What is passed on. */
  fields: string;
}

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

function nothingSaid(): RequestFields {
  return {
    host: null,
    length: null,
    coding: null,
    connection: null,
    upgrade: null,
    expect: null,
    te: null,
    accept: null,
    via: null,
    maxForwards: null,
    origin: null,
    fetchSite: null,
    traceParent: null,
    fields: "",
  };
}

/** One pass over the lines. Those that are passed on are cut out of the head in runs, not one by one. */
function gather(text: string, from: number, { lines }: LineMemory): RequestFields | HeadFault {
  const said = nothingSaid();
  let at = from;
  let run = from;
  for (const line of lines) {
    const end = at + line.text.length;
    if (line.field !== KEEP) {
      const kept = note(said, line);
      if (typeof kept !== "boolean") return kept;
      if (!kept) {
        if (run < at) said.fields += text.slice(run, at);
        run = end;
      }
    }
    at = end;
  }
  if (run < at) said.fields += text.slice(run, at);
  return said;
}

/** Notes what a line says. True: it's passed on as it is. */
function note(said: RequestFields, { field, value }: FieldLine): boolean | HeadFault {
  switch (field) {
    case HOST:
      if (said.host !== null) return headFault(400, "more than one Host");
      said.host = value;
      return false;
    case LENGTH:
      if (said.length !== null) return headFault(400, "more than one Content-Length");
      said.length = value;
      return false;
    case CODING:
      if (said.coding !== null) return headFault(400, "more than one Transfer-Encoding");
      said.coding = value;
      return false;
    case CONNECTION:
      said.connection = joined(said.connection, value);
      return false;
    case UPGRADE:
      said.upgrade = joined(said.upgrade, value);
      return false;
    case EXPECT:
      // Each of them counts, not only the last.
      said.expect = joined(said.expect, value === "" ? "nothing" : value);
      return false;
    case TE:
      said.te = joined(said.te, value);
      return false;
    case ACCEPT:
      said.accept = joined(said.accept, value);
      return true;
    case TRACE:
      said.traceParent = said.traceParent === null ? value : "";
      return false;
    case VIA:
      said.via = joined(said.via, value);
      return false;
    case FORWARDS:
      said.maxForwards = joined(said.maxForwards, value);
      return true;
    case ORIGIN:
      said.origin = joined(said.origin, value);
      return true;
    case FETCH_SITE:
      said.fetchSite = joined(said.fetchSite, value);
      return true;
    default:
      return false;
  }
}

function joined(before: string | null, value: string): string {
  return before === null ? value : `${before}, ${value}`;
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

/** A target that isn't a path: `*`, or a URL whose authority counts, whatever Host says (RFC 9112 §3.2.2). */
function otherTarget(target: string, method: string, said: RequestFields): string | HeadFault {
  if (target === "*")
    return method === "OPTIONS" ? target : headFault(400, "the target * with a method other than OPTIONS");
  const absolute = ABSOLUTE.exec(target);
  if (absolute === null) return headFault(400, "a target that is neither a path nor a URL");
  said.host = absolute[2] ?? "";
  const path = absolute[3] ?? "";
  if (path === "") return method === "OPTIONS" ? "*" : "/";
  return path.startsWith("?") ? `/${path}` : path;
}

interface HostParts {
  readonly name: string;
  readonly port: number | null;
}

/** The last Host that was read: nearly always the next one's too. */
let lastHost = "";
let lastParts: HostParts = { name: "", port: null };

function hostOf(host: string | null, minor: 0 | 1): HostParts | HeadFault {
  if (host === lastHost && host !== "") return lastParts;
  if (host === null && minor === 1) return headFault(400, "no Host");
  const lowered = (host ?? "").toLowerCase();
  const parts = HOST_FORM.exec(lowered);
  if (parts === null && lowered !== "") return headFault(400, "a Host that is no host name or address");
  if (lowered === "" && minor === 1) return headFault(400, "an empty Host");
  const port = parts?.[2] === undefined ? null : Number(parts[2]);
  if (port !== null && port > 65535) return headFault(400, "a port over 65535 in Host");
  let name = parts?.[1] ?? "";
  // One final dot makes a name absolute (RFC 1034 §3.1); an empty label is no name.
  if (name.endsWith(".")) name = name.slice(0, -1);
  if (name.endsWith(".") || name.startsWith(".") || name.includes("..")) {
    return headFault(400, "a Host that is no host name or address");
  }
  const found = { name, port };
  if (host !== null) {
    lastHost = host;
    lastParts = found;
  }
  return found;
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

/** What no request begins with: it begins with a letter. */
export function beginsWrong(first: number): HeadFault | null {
  if (first === 0x16) return headFault(400, "TLS on a plain connection");
  return first !== 0x0d && (first < 0x21 || first > 0x7e) ? headFault(400, "bytes that are no HTTP") : null;
}

/** Says what's wrong with a head that isn't one. Slow, and only for those. */
function diagnose(text: string): HeadFault {
  const begins = beginsWrong(text.charCodeAt(0));
  if (begins !== null) return begins;
  const firstEnd = text.indexOf("\r\n");
  const first = text.slice(0, firstEnd === -1 ? text.length : firstEnd);
  if (/^PRI \* HTTP\/2/.test(first)) return headFault(505, "HTTP/2 without TLS: use HTTP/1.1");
  const version = / HTTP\/([0-9]+)(?:\.([0-9]+))?$/.exec(first);
  if (version !== null && !(version[1] === "1" && (version[2] === "0" || version[2] === "1"))) {
    return headFault(505, "an HTTP version other than 1.0 and 1.1");
  }
  if (text.includes("\0")) return headFault(400, "a NUL in the head");
  if (/[^\r]\n|^\n/.test(text)) return headFault(400, "a line feed without carriage return");
  if (/\r[^\n]/.test(text)) return headFault(400, "a carriage return without line feed");
  if (!WHOLE_LINE.test(first)) return headFault(400, "a request line that is none");
  if (/\r\n[ \t]/.test(text)) return headFault(400, "a folded header field");
  if (/\r\n[^:\r\n]*[ \t]:/.test(text)) return headFault(400, "a space before the colon of a header field");
  return headFault(400, "a header field that is none");
}

const WHOLE_LINE = new RegExp(`^${TOKEN} [\\x21-\\x7e]+ HTTP/1\\.[01]$`);
