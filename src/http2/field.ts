import { TOKEN } from "../http1/fields.ts";

/** What a field is to who reads a head. `broken`: no message may have it (RFC 9113 §8.2). */
export const MEANING = {
  plain: 0,
  method: 1,
  path: 2,
  scheme: 3,
  authority: 4,
  protocol: 5,
  status: 6,
  cookie: 7,
  host: 8,
  broken: 9,
} as const;

/** A field as HPACK has it: looked at once, however often a table's entry stands for it. */
export interface Field {
  readonly name: string;
  readonly value: string;
  /** As a line of HTTP/1.1, with its CRLF. */
  readonly line: string;
  /** What it counts in a table and in a list of fields (RFC 7541 §4.1), bytes. */
  readonly size: number;
  /** {@link MEANING}. */
  readonly meaning: number;
}

const OVERHEAD = 32;

const KNOWN = new Map<string, number>([
  [":method", MEANING.method],
  [":path", MEANING.path],
  [":scheme", MEANING.scheme],
  [":authority", MEANING.authority],
  [":protocol", MEANING.protocol],
  [":status", MEANING.status],
  ["cookie", MEANING.cookie],
  ["host", MEANING.host],
  // RFC 9113 §8.2.2: they speak of a connection, which in HTTP/2 is not theirs to speak of.
  ["connection", MEANING.broken],
  ["keep-alive", MEANING.broken],
  ["proxy-connection", MEANING.broken],
  ["transfer-encoding", MEANING.broken],
  ["upgrade", MEANING.broken],
  ["accept", MEANING.plain],
  ["accept-encoding", MEANING.plain],
  ["accept-language", MEANING.plain],
  ["content-length", MEANING.plain],
  ["content-type", MEANING.plain],
  ["user-agent", MEANING.plain],
]);
const NAME = new RegExp(`^(?![^A-Z]*[A-Z])${TOKEN}$`);
/** RFC 9113 §8.2.1: these would end a line of HTTP/1.1, and blanks around a value would be lost there. */
const BAD_VALUE = /[\0\r\n]|^[ \t]|[ \t]$/;

export function newField(name: string, value: string): Field {
  const known = KNOWN.get(name);
  let meaning: number = known ?? (NAME.test(name) ? MEANING.plain : MEANING.broken);
  if (BAD_VALUE.test(value) || (name === "te" && value !== "trailers")) meaning = MEANING.broken;
  return { name, value, line: `${name}: ${value}\r\n`, size: name.length + value.length + OVERHEAD, meaning };
}
