import { encodeLines, encodeResponse } from "../../http2/hpack-encoder.ts";

/** Blocks that are kept; when there are so many, all are dropped. */
const MOST = 512;
/** Longer heads aren't kept. */
const LONGEST = 4_096;

const blocks = new Map<string, string>();

/** A response's header block as latin1 text. Services repeat most heads as they are: the same text means the same block. */
export function responseBlock(status: number, lines: string): string {
  const key = `${status} ${lines}`;
  const known = blocks.get(key);
  if (known !== undefined) return known;
  const block = encodeResponse(status, lines);
  if (key.length > LONGEST) return block;
  if (blocks.size >= MOST) blocks.clear();
  blocks.set(key, block);
  return block;
}

/** The block of a trailer section. */
export function trailerBlock(lines: string): string {
  return encodeLines(lines);
}
