import { type HeadFault, headFault, isHeadFault, MAX_HEAD, without } from "../http1/fields.ts";
import { parseRequestHead, type RequestHead } from "../http1/request-head.ts";
import { type Field, MEANING } from "./field.ts";

/** A request's header block as it is gathered, or its trailers: one object for all of a connection. */
export interface RequestFields {
  method: string;
  path: string;
  scheme: string;
  authority: string | null;
  protocol: string;
  host: string | null;
  cookie: string;
  /** All other fields, as lines of HTTP/1.1. */
  lines: string;
  /** A field that isn't a pseudo-field came: behind it none may. */
  regular: boolean;
  pseudo: boolean;
  /** RFC 9113 §8.1.1: nobody may take the message for one. */
  malformed: boolean;
}

export function newRequestFields(): RequestFields {
  const fields = {} as RequestFields;
  clearFields(fields);
  return fields;
}

export function clearFields(fields: RequestFields): void {
  fields.method = "";
  fields.path = "";
  fields.scheme = "";
  fields.authority = null;
  fields.protocol = "";
  fields.host = null;
  fields.cookie = "";
  fields.lines = "";
  fields.regular = false;
  fields.pseudo = false;
  fields.malformed = false;
}

/** Takes the next field of a block (RFC 9113 §8.2 and §8.3). */
export function takeField(fields: RequestFields, { meaning, value, line }: Field): void {
  if (meaning === MEANING.plain) {
    fields.regular = true;
    fields.lines += line;
  } else if (meaning === MEANING.cookie) {
    fields.regular = true;
    // RFC 9113 §8.2.3: crumbs of one cookie field.
    fields.cookie = fields.cookie === "" ? value : `${fields.cookie}; ${value}`;
  } else if (meaning === MEANING.host) {
    fields.regular = true;
    if (fields.host !== null) fields.malformed = true;
    fields.host = value;
  } else if (meaning === MEANING.broken || fields.regular || !takePseudo(fields, meaning, value)) {
    fields.malformed = true;
  }
}

/** False: it came before, is empty, or is none of a request's. */
function takePseudo(fields: RequestFields, meaning: number, value: string): boolean {
  fields.pseudo = true;
  switch (meaning) {
    case MEANING.method:
      if (fields.method !== "") return false;
      fields.method = value;
      return value !== "";
    case MEANING.path:
      if (fields.path !== "") return false;
      fields.path = value;
      return value !== "";
    case MEANING.scheme:
      if (fields.scheme !== "") return false;
      fields.scheme = value;
      return value !== "";
    case MEANING.authority:
      if (fields.authority !== null) return false;
      fields.authority = value;
      return true;
    case MEANING.protocol:
      if (fields.protocol !== "") return false;
      fields.protocol = value;
      return value !== "";
    default:
      return false;
  }
}

/** Whether what was gathered may stand in a trailer: no pseudo-field. */
export function isTrailer({ pseudo, malformed }: RequestFields): boolean {
  return !pseudo && !malformed;
}

/** The lines of a trailer section. */
export function trailerLines({ lines, cookie, host }: RequestFields): string {
  return lines + (cookie === "" ? "" : `cookie: ${cookie}\r\n`) + (host === null ? "" : `host: ${host}\r\n`);
}

/**
 * The request as HTTP/1.1 says it, read as strictly: whatever came in, one reader says what it means. A fault is answered;
 * `malformed` is none: it must not be (RFC 9113 §8.1.1).
 *
 * @param hasBody The stream goes on behind the block.
 * @param key Of a WebSocket that is opened by an extended CONNECT (RFC 8441): its Sec-WebSocket-Key towards the service.
 */
export function requestHead(
  fields: RequestFields,
  hasBody: boolean,
  key: string,
): RequestHead | HeadFault | "malformed" {
  if (isMalformed(fields)) return "malformed";
  const { method, path, cookie, host } = fields;
  const authority = fields.authority ?? host ?? "";
  if (method === "CONNECT" && fields.protocol === "") return headFault(405, "CONNECT: this is no forward proxy");
  const upgrade = fields.protocol !== "";
  if (upgrade && fields.protocol.toLowerCase() !== "websocket") {
    return headFault(501, "an extended CONNECT for a protocol other than websocket");
  }
  // The client's own key would be a second one.
  const lines = upgrade ? without(fields.lines, "sec-websocket-key") : fields.lines;
  const said = `Host: ${authority}\r\n${lines}${cookie === "" ? "" : `cookie: ${cookie}\r\n`}`;
  let more = "";
  if (upgrade) more = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: ${key}\r\n`;
  else if (hasBody && !CONTENT_LENGTH.test(fields.lines)) more = "Transfer-Encoding: chunked\r\n";
  const line = `${upgrade ? "GET" : method} ${path} HTTP/`;
  const text = `${line}1.1\r\n${said}${more}\r\n`;
  if (text.length > MAX_HEAD) return headFault(431, `a head over ${MAX_HEAD} bytes`);
  const head = parseRequestHead(text);
  if (isHeadFault(head)) return head;
  // It is written down as it came.
  return Object.assign(head, { text: `${line}2\r\n${said}${upgrade ? more : ""}\r\n` });
}

const CONTENT_LENGTH = /(?:^|\n)content-length:/;

/** RFC 9113 §8.3.1, and §4 of RFC 8441. */
function isMalformed({ method, path, scheme, authority, host, protocol, malformed }: RequestFields): boolean {
  if (malformed || method === "") return true;
  // Where both name a host, they name the same.
  if (authority !== null && host !== null && authority.toLowerCase() !== host.toLowerCase()) return true;
  if (method === "CONNECT" && protocol === "") return path !== "" || scheme !== "" || authority === null;
  if (protocol !== "" && (method !== "CONNECT" || authority === null)) return true;
  if (!/^https?$/i.test(scheme)) return true;
  if (path.charCodeAt(0) === 0x2f) return false;
  return !(path === "*" && method === "OPTIONS");
}
