import { encodeField, encodeLines } from "../../http2/hpack-encoder.ts";

/** Lines that are remembered, and how long each may be. */
const MOST = 64;
const LONGEST = 1_024;

/** The lines of the last heads, each at its place, and what they were encoded to: services repeat most of theirs. */
const lastLines: string[] = [];
const lastBlocks: string[] = [];
const statuses: string[] = [];

/** A response's header block as latin1 text. `lines`: its fields as HTTP/1.1 has them, each with its CRLF. */
export function responseBlock(status: number, lines: string): string {
  let block = statuses[status];
  if (block === undefined) {
    block = encodeField(":status", String(status));
    statuses[status] = block;
  }
  for (let at = 0, n = 0; at < lines.length; n++) {
    const last = lastLines[n];
    if (last !== undefined && lines.slice(at, at + last.length) === last) {
      block += lastBlocks[n];
      at += last.length;
      continue;
    }
    const end = lines.indexOf("\r\n", at) + 2;
    if (end === 1) break;
    const line = lines.slice(at, end);
    const encoded = encodeLines(line);
    if (n < MOST && line.length <= LONGEST) {
      lastLines[n] = line;
      lastBlocks[n] = encoded;
    }
    block += encoded;
    at = end;
  }
  return block;
}

/** The block of a trailer section. */
export function trailerBlock(lines: string): string {
  return encodeLines(lines);
}
