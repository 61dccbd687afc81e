import { DIGITS, type Framing, type HeadFault, headFault, NEVER_DROPPED, TOKEN, trimmed, without } from "./fields.ts";

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
  /** The whole head as it came, and whether it answers HEAD: the same ones mean the same. */
  readonly text: string;
  readonly forHead: boolean;
  /** Pages of other sites were to be kept from it. */
  readonly sameSite: boolean;
  /** The head for an HTTP/1.1 client whose connection goes on. */
  readonly forwarded: string;
}

const RESPONSE = new RegExp(
  `^HTTP/1\\.([01]) (([1-9][0-9][0-9])(?: [\\t\\x20-\\x7e\\x80-\\xff]*)?)\\r\\n((?:${TOKEN}:[\\t\\x20-\\x7e\\x80-\\xff]*\\r\\n)*)\\r\\n$`,
);

/**
 * Keeps a response from elements of other sites' pages (`<script>`, `<img>`), which name no origin when they ask (the
 * Fetch standard, CORP). Names of one stack are one site.
 */
const RESOURCE_POLICY = "Cross-Origin-Resource-Policy: same-site\r\n";

/**
 * Reads a response's head. `method` is the request's: it decides with the status whether there is a body. With `sameSite`
 * a response that has no Cross-Origin-Resource-Policy gets one.
 */
export function parseResponseHead(text: string, method: string, sameSite = false): ResponseHead | HeadFault {
  const match = RESPONSE.exec(text);
  if (match === null) return headFault(502, "a response head that breaks HTTP's rules");
  const [, version = "", statusText = "", code = "", lines = ""] = match;
  const minor = version === "1" ? 1 : 0;
  const status = Number(code);

  let lengthText: string | null = null;
  let coding: string | null = null;
  let connection = "";
  let upgrade: string | null = null;
  let keepAliveTimeout: number | null = null;
  let fields = "";
  let hasPolicy = false;

  for (let at = 0; at < lines.length; ) {
    const colon = lines.indexOf(":", at);
    const end = lines.indexOf("\r\n", colon);
    const name = lines.slice(at, colon).toLowerCase();
    switch (name) {
      case "content-length": {
        const value = trimmed(lines, colon, end);
        // Repeated equal values are common from CGI-like services; anything else is an attack or a fault.
        if (lengthText !== null && lengthText !== value) return headFault(502, "two different Content-Lengths");
        if (lengthText === null) fields += lines.slice(at, end + 2);
        lengthText = value;
        break;
      }
      case "transfer-encoding":
        if (coding !== null) return headFault(502, "more than one Transfer-Encoding");
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
      case "cross-origin-resource-policy":
        hasPolicy = true;
        fields += lines.slice(at, end + 2);
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
    if (coding.toLowerCase() !== "chunked") return headFault(502, "a Transfer-Encoding other than chunked");
    if (lengthText !== null) return headFault(502, "both Transfer-Encoding and Content-Length");
    if (minor === 0) return headFault(502, "Transfer-Encoding in HTTP/1.0");
  }
  if (lengthText !== null && !DIGITS.test(lengthText)) return headFault(502, "a Content-Length that is no number");
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
  if (sameSite && !hasPolicy && status >= 200) fields += RESOURCE_POLICY;

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
    text,
    forHead: method === "HEAD",
    sameSite,
    forwarded: `HTTP/1.1 ${statusText}\r\n${fields}${framing === "chunked" ? "Transfer-Encoding: chunked\r\n" : ""}\r\n`,
  };
}
