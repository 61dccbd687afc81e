import { STATIC_TABLE } from "./static-table.ts";

/**
 * Encodes header blocks (RFC 7541) as latin1 text without a dynamic table and without the Huffman code: a block means the same
 * on every connection, so that the same head's block is made once. On loopback bytes are cheaper than time.
 */

/** A name's first index. */
const NAMES = new Map<string, number>();
/** The index of a name with a value. */
const PAIRS = new Map<string, number>();
STATIC_TABLE.forEach(([name, value], n) => {
  if (!NAMES.has(name)) NAMES.set(name, n + 1);
  if (value !== "") PAIRS.set(`${name}: ${value}`, n + 1);
});
/** Never to be put into a table, by proxies behind us neither (RFC 7541 §7.1.3). */
const SECRET = new Set(["authorization", "cookie", "proxy-authorization", "set-cookie"]);

/** One field. `name` is in lower case. */
export function encodeField(name: string, value: string): string {
  const pair = PAIRS.get(`${name}: ${value}`);
  if (pair !== undefined) return String.fromCharCode(0x80 | pair);
  const kind = SECRET.has(name) ? 0x10 : 0x00;
  const index = NAMES.get(name);
  const begin = index === undefined ? String.fromCharCode(kind) + string(name) : integer(kind, 0x0f, index);
  return begin + string(value);
}

function string(text: string): string {
  return integer(0, 0x7f, text.length) + text;
}

/** RFC 7541 §5.1, `mask` being the bits of the first byte that are the number's. */
function integer(first: number, mask: number, value: number): string {
  if (value < mask) return String.fromCharCode(first | value);
  let text = String.fromCharCode(first | mask);
  let rest = value - mask;
  for (; rest >= 128; rest = Math.floor(rest / 128)) text += String.fromCharCode(0x80 | (rest % 128));
  return text + String.fromCharCode(rest);
}

/**
 * The fields of an HTTP/1.1 head's lines, each with its CRLF, without those that speak of its connection (RFC 9113 §8.2.2).
 *
 * @example encodeLines("Content-Type: text/plain\r\n")
 */
export function encodeLines(lines: string): string {
  let block = "";
  for (let at = 0; at < lines.length; ) {
    const end = lines.indexOf("\r\n", at);
    const to = end === -1 ? lines.length : end;
    const colon = lines.indexOf(":", at);
    if (colon !== -1 && colon < to) {
      const name = lines.slice(at, colon).toLowerCase();
      if (!OF_CONNECTION.has(name)) block += encodeField(name, lines.slice(colon + 1, to).replace(BLANKS, ""));
    }
    at = to + 2;
  }
  return block;
}

const OF_CONNECTION = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"]);
const BLANKS = /^[ \t]+|[ \t]+$/g;
