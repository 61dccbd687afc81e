/**
 * HTTP/1.1 heads (RFC 9112), read more strictly than the parsers behind the door: a head that passes here means the same
 * to all of them. Lines end in CRLF, names are tokens without a space before the colon, nothing is folded, the length of a
 * body is stated at most once.
 */

/** How a body's end is known. `close` is for responses only. */
type Framing = "none" | "sized" | "chunked" | "close";

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
  readonly keepAlive: boolean;
  /** The protocol of an Upgrade that Connection names too; else null. */
  readonly upgrade: string | null;
  readonly expectsContinue: boolean;
  readonly accept: string;
  readonly via: string;
  /** Header lines to pass on, each with its CRLF: without Host, Transfer-Encoding, hop-by-hop and forwarding fields. */
  readonly fields: string;
}

export interface ResponseHead {
  readonly status: number;
  readonly minor: 0 | 1;
  /** Code and reason phrase: `200 OK`. */
  readonly statusText: string;
  readonly framing: Framing;
  readonly length: number;
  readonly keepAlive: boolean;
  /** Seconds that the service keeps an idle connection, where it says so (`Keep-Alive: timeout=5`). */
  readonly keepAliveTimeout: number | null;
  readonly upgrade: string | null;
  readonly fields: string;
}

/** A head that is refused: the status to answer with, and why in words. */
export interface Refusal {
  readonly refused: number;
  readonly reason: string;
}

/** As node's own limit: bytes of a head, its last empty line included. */
export const MAX_HEAD = 16 * 1024;
const MAX_FIELDS = 100;

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
/** One pass over the whole head: V8 compiles this to a loop that costs about a nanosecond a character. */
const REQUEST = new RegExp(
  `^(${TOKEN}) ([\\x21-\\x7e]+) HTTP/1\\.([01])\\r\\n((?:${TOKEN}:[\\t\\x20-\\x7e\\x80-\\xff]*\\r\\n)*)\\r\\n$`,
);
const RESPONSE = new RegExp(
  `^HTTP/1\\.([01]) (([1-9][0-9][0-9])(?: [\\t\\x20-\\x7e\\x80-\\xff]*)?)\\r\\n((?:${TOKEN}:[\\t\\x20-\\x7e\\x80-\\xff]*\\r\\n)*)\\r\\n$`,
);
const DIGITS = /^[0-9]{1,15}$/;
const HOST = /^(\[[0-9a-f:.]+\]|[0-9a-z\-._~]+)(?::([0-9]{1,5}))?$/;
const ABSOLUTE = /^(https?):\/\/([^/?#]+)([/?].*)?$/i;

/** Fields that end here: they speak of one connection, or are the door's to set. */
const DROPPED = new Set([
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
const NEVER_DROPPED = new Set([
  "content-length",
  "transfer-encoding",
  "content-type",
  "host",
  "authorization",
  "cookie",
  "trailer",
]);

/** Reads a request's head, from the method to the empty line. */
export function parseRequestHead(text: string): RequestHead | Refusal {
  const match = REQUEST.exec(text);
  if (match === null) return diagnose(text);
  const [, method = "", target = "", version = "", lines = ""] = match;
  const minor = version === "1" ? 1 : 0;

  let host: string | null = null;
  let lengthText: string | null = null;
  let coding: string | null = null;
  let connection = "";
  let upgrade: string | null = null;
  let expect: string | null = null;
  let te = "";
  let accept = "";
  let via = "";
  let fields = "";
  let count = 0;

  for (let at = 0; at < lines.length; ) {
    const colon = lines.indexOf(":", at);
    const end = lines.indexOf("\r\n", colon);
    const name = lines.slice(at, colon).toLowerCase();
    if (++count > MAX_FIELDS) return refuse(431, `more than ${MAX_FIELDS} header fields`);
    switch (name) {
      case "host":
        if (host !== null) return refuse(400, "more than one Host");
        host = trimmed(lines, colon, end);
        break;
      case "content-length":
        if (lengthText !== null) return refuse(400, "more than one Content-Length");
        lengthText = trimmed(lines, colon, end);
        fields += lines.slice(at, end + 2);
        break;
      case "transfer-encoding":
        if (coding !== null) return refuse(400, "more than one Transfer-Encoding");
        coding = trimmed(lines, colon, end);
        break;
      case "connection":
        connection += `${connection === "" ? "" : ","}${trimmed(lines, colon, end)}`;
        break;
      case "upgrade":
        upgrade = upgrade === null ? trimmed(lines, colon, end) : `${upgrade}, ${trimmed(lines, colon, end)}`;
        break;
      case "expect":
        expect = trimmed(lines, colon, end);
        fields += lines.slice(at, end + 2);
        break;
      case "te":
        te = trimmed(lines, colon, end);
        break;
      case "accept":
        accept = trimmed(lines, colon, end);
        fields += lines.slice(at, end + 2);
        break;
      case "via":
        via += `${via === "" ? "" : ", "}${trimmed(lines, colon, end)}`;
        break;
      default:
        // `X_Forwarded_For` is `X-Forwarded-For` to a CGI-like service behind us.
        if (!DROPPED.has(name) && !(name.includes("_") && DROPPED.has(name.replaceAll("_", "-")))) {
          fields += lines.slice(at, end + 2);
        }
    }
    at = end + 2;
  }

  let framing: Framing = "none";
  let length = 0;
  if (coding !== null) {
    if (lengthText !== null) return refuse(400, "both Transfer-Encoding and Content-Length");
    if (minor === 0) return refuse(400, "Transfer-Encoding in HTTP/1.0");
    if (coding.toLowerCase() !== "chunked")
      return refuse(coding === "" ? 400 : 501, "a Transfer-Encoding other than chunked");
    framing = "chunked";
  } else if (lengthText !== null) {
    if (!DIGITS.test(lengthText)) return refuse(400, "a Content-Length that is no number");
    length = Number(lengthText);
    framing = length > 0 ? "sized" : "none";
  }

  let targetOut = target;
  if (method === "CONNECT") return refuse(405, "CONNECT: this is no forward proxy");
  if (target.charCodeAt(0) !== 0x2f) {
    if (target === "*") {
      if (method !== "OPTIONS") return refuse(400, "the target * with a method other than OPTIONS");
    } else {
      const absolute = ABSOLUTE.exec(target);
      if (absolute === null) return refuse(400, "a target that is neither a path nor a URL");
      // RFC 9112 §3.2.2: the URL's authority counts, whatever Host says.
      host = absolute[2] ?? "";
      const path = absolute[3] ?? "";
      targetOut = path === "" ? (method === "OPTIONS" ? "*" : "/") : path.startsWith("?") ? `/${path}` : path;
    }
  }
  if (targetOut.includes("#")) return refuse(400, "a fragment in the target");
  if (host === null && minor === 1) return refuse(400, "no Host");

  const lowered = (host ?? "").toLowerCase();
  const parts = HOST.exec(lowered);
  if (parts === null && lowered !== "") return refuse(400, "a Host that is no host name or address");
  if (lowered === "" && minor === 1) return refuse(400, "an empty Host");
  const port = parts?.[2] === undefined ? null : Number(parts[2]);
  if (port !== null && port > 65535) return refuse(400, "a port over 65535 in Host");
  let name = parts?.[1] ?? "";
  if (name.endsWith(".")) name = name.slice(0, -1);

  let keepAlive = minor === 1;
  let upgrading: string | null = null;
  if (connection !== "") {
    for (const part of connection.toLowerCase().split(",")) {
      const option = part.trim();
      if (option === "close") keepAlive = false;
      else if (option === "keep-alive") keepAlive = keepAlive || minor === 0;
      else if (option === "upgrade") upgrading = upgrade;
      else if (option !== "" && !DROPPED.has(option) && !NEVER_DROPPED.has(option)) fields = without(fields, option);
    }
    if (/(?:^|,)\s*close\s*(?:,|$)/i.test(connection)) keepAlive = false;
  }
  // h2c is this connection's affair, not the service's; and only GET-like requests without a body upgrade in practice.
  if (upgrading !== null && (/(?:^|,)\s*h2c?\s*(?:,|$)/i.test(upgrading) || minor === 0)) upgrading = null;
  if (/(?:^|,)\s*trailers\s*(?:,|$)/i.test(te)) fields += "TE: trailers\r\n";
  if (expect !== null && expect.toLowerCase() !== "100-continue")
    return refuse(417, "an Expect other than 100-continue");

  return {
    method,
    target: targetOut,
    minor,
    host: name,
    hostField: host ?? "",
    port,
    framing,
    length,
    keepAlive,
    upgrade: upgrading,
    expectsContinue: expect !== null && minor === 1 && framing !== "none",
    accept,
    via,
    fields,
  };
}

/** Reads a response's head. `method` is the request's: it decides with the status whether there is a body. */
export function parseResponseHead(text: string, method: string): ResponseHead | Refusal {
  const match = RESPONSE.exec(text);
  if (match === null) return refuse(502, "a response head that breaks HTTP's rules");
  const [, version = "", statusText = "", code = "", lines = ""] = match;
  const minor = version === "1" ? 1 : 0;
  const status = Number(code);

  let lengthText: string | null = null;
  let coding: string | null = null;
  let connection = "";
  let upgrade: string | null = null;
  let keepAliveTimeout: number | null = null;
  let fields = "";

  for (let at = 0; at < lines.length; ) {
    const colon = lines.indexOf(":", at);
    const end = lines.indexOf("\r\n", colon);
    const name = lines.slice(at, colon).toLowerCase();
    switch (name) {
      case "content-length": {
        const value = trimmed(lines, colon, end);
        // Repeated equal values are common from CGI-like services; anything else is an attack or a fault.
        if (lengthText !== null && lengthText !== value) return refuse(502, "two different Content-Lengths");
        if (lengthText === null) fields += lines.slice(at, end + 2);
        lengthText = value;
        break;
      }
      case "transfer-encoding":
        if (coding !== null) return refuse(502, "more than one Transfer-Encoding");
        coding = trimmed(lines, colon, end);
        break;
      case "connection":
        connection += `,${trimmed(lines, colon, end)}`;
        break;
      case "keep-alive": {
        const seconds = /(?:^|[,\s])timeout=([0-9]{1,6})/i.exec(trimmed(lines, colon, end))?.[1];
        if (seconds !== undefined) keepAliveTimeout = Number(seconds);
        break;
      }
      case "upgrade":
        upgrade = trimmed(lines, colon, end);
        break;
      case "proxy-connection":
      // One dev server's HSTS would turn every other port of the name to HTTPS.
      case "strict-transport-security":
        break;
      default:
        fields += lines.slice(at, end + 2);
    }
    at = end + 2;
  }

  let framing: Framing;
  let length = 0;
  const bodiless = status < 200 || status === 204 || status === 304 || method === "HEAD";
  if (coding !== null) {
    if (coding.toLowerCase() !== "chunked") return refuse(502, "a Transfer-Encoding other than chunked");
    if (lengthText !== null) return refuse(502, "both Transfer-Encoding and Content-Length");
    if (minor === 0) return refuse(502, "Transfer-Encoding in HTTP/1.0");
  }
  if (lengthText !== null && !DIGITS.test(lengthText)) return refuse(502, "a Content-Length that is no number");
  if (bodiless) framing = "none";
  else if (coding !== null) framing = "chunked";
  else if (lengthText !== null) {
    length = Number(lengthText);
    framing = length > 0 ? "sized" : "none";
  } else framing = "close";

  let keepAlive = minor === 1;
  let upgrading = false;
  if (connection !== "") {
    let closes = false;
    for (const part of connection.toLowerCase().split(",")) {
      const option = part.trim();
      if (option === "close") closes = true;
      else if (option === "keep-alive") keepAlive = true;
      else if (option === "upgrade") upgrading = true;
      else if (option !== "" && !NEVER_DROPPED.has(option)) fields = without(fields, option);
    }
    if (closes) keepAlive = false;
  }
  if (framing === "close") keepAlive = false;

  return {
    status,
    minor,
    statusText,
    framing,
    length,
    keepAlive,
    keepAliveTimeout,
    upgrade: upgrading || status === 101 ? upgrade : null,
    fields,
  };
}

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

export function isRefusal(head: object): head is Refusal {
  return "refused" in head;
}

function refuse(status: number, reason: string): Refusal {
  return { refused: status, reason };
}

/** The field's value without the blanks around it. */
function trimmed(lines: string, colon: number, end: number): string {
  return lines.slice(colon + 1, end).trim();
}

/** Drops a field that Connection names as belonging to this hop. */
function without(fields: string, name: string): string {
  let kept = "";
  for (const line of fields.split("\r\n")) {
    if (line !== "" && line.slice(0, line.indexOf(":")).toLowerCase() !== name) kept += `${line}\r\n`;
  }
  return kept;
}

/** Says what's wrong with a head that isn't one. Slow, and only for those. */
function diagnose(text: string): Refusal {
  const firstEnd = text.indexOf("\r\n");
  const first = text.slice(0, firstEnd === -1 ? text.length : firstEnd);
  if (/^PRI \* HTTP\/2/.test(first)) return refuse(505, "HTTP/2 without TLS: use HTTP/1.1");
  const version = / HTTP\/([0-9]+)(?:\.([0-9]+))?$/.exec(first);
  if (version !== null && !(version[1] === "1" && (version[2] === "0" || version[2] === "1"))) {
    return refuse(505, "an HTTP version other than 1.0 and 1.1");
  }
  if (text.includes("\0")) return refuse(400, "a NUL in the head");
  if (/[^\r]\n|^\n/.test(text)) return refuse(400, "a line feed without carriage return");
  if (/\r[^\n]/.test(text)) return refuse(400, "a carriage return without line feed");
  if (!REQUEST_LINE.test(first)) return refuse(400, "a request line that is none");
  if (/\r\n[ \t]/.test(text)) return refuse(400, "a folded header field");
  if (/\r\n[^:\r\n]*[ \t]:/.test(text)) return refuse(400, "a space before the colon of a header field");
  return refuse(400, "a header field that is none");
}

const REQUEST_LINE = new RegExp(`^${TOKEN} [\\x21-\\x7e]+ HTTP/1\\.[01]$`);
