import {
  DIGITS,
  DROPPED,
  type Framing,
  type HeadFault,
  headFault,
  NEVER_DROPPED,
  TOKEN,
  trimmed,
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
  readonly keepAlive: boolean;
  /** The protocol of an Upgrade that Connection names too; else null. */
  readonly upgrade: string | null;
  readonly expectsContinue: boolean;
  readonly accept: string;
  readonly via: string;
  /** The W3C trace field; empty where there is none, or more than one. Not in `fields`. */
  readonly traceParent: string;
  /** Header lines to pass on, each with its CRLF: without Host, Transfer-Encoding, hop-by-hop and forwarding fields. */
  readonly fields: string;
  /** The whole head as it came. */
  readonly text: string;
}

const MAX_FIELDS = 100;

/** One pass over the whole head: V8 compiles this to a loop that costs about a nanosecond a character. */
const REQUEST = new RegExp(
  `^(${TOKEN}) ([\\x21-\\x7e]+) HTTP/1\\.([01])\\r\\n((?:${TOKEN}:[\\t\\x20-\\x7e\\x80-\\xff]*\\r\\n)*)\\r\\n$`,
);
const HOST = /^(\[[0-9a-f:.]+\]|[0-9a-z\-._~]+)(?::([0-9]{1,5}))?$/;
const ABSOLUTE = /^(https?):\/\/([^/?#]+)([/?].*)?$/i;

/**
 * Reads a request's head, from the method to the empty line. `last` is the connection's previous head: clients mostly
 * send the same fields again and again, and comparing them costs a tenth of reading them (HPACK lives off the same).
 */
export function parseRequestHead(text: string, last: RequestHead | null = null): RequestHead | HeadFault {
  const again = last === null ? null : sameFields(text, last);
  if (again !== null) return again;
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
  let traceParent: string | null = null;
  let fields = "";
  let count = 0;

  for (let at = 0; at < lines.length; ) {
    const colon = lines.indexOf(":", at);
    const end = lines.indexOf("\r\n", colon);
    const name = lines.slice(at, colon).toLowerCase();
    if (++count > MAX_FIELDS) return headFault(431, `more than ${MAX_FIELDS} header fields`);
    switch (name) {
      case "host":
        if (host !== null) return headFault(400, "more than one Host");
        host = trimmed(lines, colon, end);
        break;
      case "content-length":
        if (lengthText !== null) return headFault(400, "more than one Content-Length");
        lengthText = trimmed(lines, colon, end);
        fields += lines.slice(at, end + 2);
        break;
      case "transfer-encoding":
        if (coding !== null) return headFault(400, "more than one Transfer-Encoding");
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
      case "traceparent":
        traceParent = traceParent === null ? trimmed(lines, colon, end) : "";
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
    if (lengthText !== null) return headFault(400, "both Transfer-Encoding and Content-Length");
    if (minor === 0) return headFault(400, "Transfer-Encoding in HTTP/1.0");
    if (coding.toLowerCase() !== "chunked")
      return headFault(coding === "" ? 400 : 501, "a Transfer-Encoding other than chunked");
    framing = "chunked";
  } else if (lengthText !== null) {
    if (!DIGITS.test(lengthText)) return headFault(400, "a Content-Length that is no number");
    length = Number(lengthText);
    framing = length > 0 ? "sized" : "none";
  }

  let targetOut = target;
  if (method === "CONNECT") return headFault(405, "CONNECT: this is no forward proxy");
  if (target.charCodeAt(0) !== 0x2f) {
    if (target === "*") {
      if (method !== "OPTIONS") return headFault(400, "the target * with a method other than OPTIONS");
    } else {
      const absolute = ABSOLUTE.exec(target);
      if (absolute === null) return headFault(400, "a target that is neither a path nor a URL");
      // RFC 9112 §3.2.2: the URL's authority counts, whatever Host says.
      host = absolute[2] ?? "";
      const path = absolute[3] ?? "";
      targetOut = path === "" ? (method === "OPTIONS" ? "*" : "/") : path.startsWith("?") ? `/${path}` : path;
    }
  }
  if (targetOut.includes("#")) return headFault(400, "a fragment in the target");
  if (host === null && minor === 1) return headFault(400, "no Host");

  const lowered = (host ?? "").toLowerCase();
  const parts = HOST.exec(lowered);
  if (parts === null && lowered !== "") return headFault(400, "a Host that is no host name or address");
  if (lowered === "" && minor === 1) return headFault(400, "an empty Host");
  const port = parts?.[2] === undefined ? null : Number(parts[2]);
  if (port !== null && port > 65535) return headFault(400, "a port over 65535 in Host");
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
    return headFault(417, "an Expect other than 100-continue");

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
    traceParent: traceParent ?? "",
    fields,
    text,
  };
}

/** The plainest of request lines: whatever else is one goes the long way. */
const PLAIN_LINE = new RegExp(`^(${TOKEN}) (/[\\x21\\x22\\x24-\\x7e]*) HTTP/1\\.1$`);

/** The last head with another method and target, where the fields are the same to the byte; else null. */
function sameFields(text: string, last: RequestHead): RequestHead | null {
  const lineEnd = text.indexOf("\r\n");
  const lastEnd = last.text.indexOf("\r\n");
  if (text.length - lineEnd !== last.text.length - lastEnd) return null;
  if (text.slice(lineEnd) !== last.text.slice(lastEnd)) return null;
  const line = PLAIN_LINE.exec(text.slice(0, lineEnd));
  // An absolute URL would have set the last one's host.
  if (line === null || !PLAIN_LINE.test(last.text.slice(0, lastEnd))) return null;
  const [, method = "", target = ""] = line;
  return method === "CONNECT" ? null : { ...last, method, target, text };
}

/** Says what's wrong with a head that isn't one. Slow, and only for those. */
function diagnose(text: string): HeadFault {
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
  if (!REQUEST_LINE.test(first)) return headFault(400, "a request line that is none");
  if (/\r\n[ \t]/.test(text)) return headFault(400, "a folded header field");
  if (/\r\n[^:\r\n]*[ \t]:/.test(text)) return headFault(400, "a space before the colon of a header field");
  return headFault(400, "a header field that is none");
}

const REQUEST_LINE = new RegExp(`^${TOKEN} [\\x21-\\x7e]+ HTTP/1\\.[01]$`);
