import { type Framing, isForbiddenTrailer, without } from "../../http1/fields.ts";
import { type Field, MEANING } from "../../http2/field.ts";
import { encodeField, encodeLines } from "../../http2/hpack-encoder.ts";

/** A request's head as HTTP/2 has it. */
export interface H2cRequest {
  readonly method: string;
  /** The header block, latin1. */
  readonly block: string;
  readonly framing: Framing;
  /** Bytes of a sized body. */
  readonly length: number;
}

/** Makes a header block of a head that the door wrote. */
export function requestBlock(head: string): H2cRequest {
  const first = head.indexOf("\r\n");
  const [method = "", path = ""] = head.slice(0, first).split(" ");
  const lines = head.slice(first + 2, -2);
  const length = Number(/^content-length: *([0-9]+)/im.exec(lines)?.[1] ?? 0);
  const chunked = /^transfer-encoding:/im.test(lines);
  const host = /^host: *([^\r\n]*)/im.exec(lines)?.[1] ?? "";
  const block =
    encodeField(":method", method) +
    encodeField(":scheme", "http") +
    encodeField(":path", path) +
    encodeField(":authority", host) +
    encodeLines(without(lines, "host"));
  return { method, block, framing: chunked ? "chunked" : length > 0 ? "sized" : "none", length };
}

/** What a service's header block says. */
export interface H2cFields {
  /** 0: none was said. */
  status: number;
  lines: string;
  malformed: boolean;
}

export function takeResponseField(fields: H2cFields, { name, value, meaning, line }: Field): void {
  if (meaning === MEANING.status && fields.status === 0 && fields.lines === "" && /^[1-9][0-9]{2}$/.test(value)) {
    fields.status = Number(value);
  } else if (name.startsWith(":") || meaning === MEANING.broken) fields.malformed = true;
  else fields.lines += line;
}

export interface H2cResponse {
  /** The head in HTTP/1.1's form. */
  readonly head: string;
  readonly framing: "none" | "sized" | "chunked";
  readonly length: number;
}

/** A response's head in HTTP/1.1's form. `ends`: nothing follows it. */
export function responseHead({ status, lines }: H2cFields, method: string, ends: boolean): H2cResponse {
  const start = `HTTP/1.1 ${status}\r\n${lines}`;
  const said = /^content-length: *([0-9]+)/im.exec(lines)?.[1];
  if (status < 200 || status === 204 || status === 304 || method === "HEAD") {
    return { head: `${start}\r\n`, framing: "none", length: 0 };
  }
  if (said !== undefined) return { head: `${start}\r\n`, framing: "sized", length: Number(said) };
  if (ends) return { head: `${start}content-length: 0\r\n\r\n`, framing: "none", length: 0 };
  return { head: `${start}transfer-encoding: chunked\r\n\r\n`, framing: "chunked", length: 0 };
}

/** The trailers that may stand behind a chunked body. */
export function trailerSection(lines: string): string {
  return lines.replace(/^([^:]+):.*\r\n/gm, (line, name: string) => (isForbiddenTrailer(name) ? "" : line));
}
