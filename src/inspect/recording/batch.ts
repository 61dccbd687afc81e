import type { Exchange } from "../../capture/exchange.ts";
import { type Row, rowOf, rowReader } from "./row.ts";

/** Rows as they cross threads: `bytes` are those of all rows, one after the other. */
export interface Rows {
  readonly texts: readonly string[];
  readonly sizes: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export function joined(rows: readonly Row[]): Rows {
  const bytes = new Uint8Array(rows.reduce((sum, row) => sum + row.bytes, 0));
  let at = 0;
  for (const { parts } of rows) {
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
  }
  return { texts: rows.map(({ text }) => text), sizes: rows.map((row) => row.bytes), bytes };
}

/** Each row's text and its own bytes. */
export function* split({ texts, sizes, bytes }: Rows): Generator<[text: string, bytes: Uint8Array]> {
  let at = 0;
  for (const [n, text] of texts.entries()) {
    const size = sizes[n] ?? 0;
    yield [text, bytes.subarray(at, at + size)];
    at += size;
  }
}

/** The same rows after `redact`. */
export function redacted(rows: Rows, redact: (exchange: Exchange) => Exchange): Rows {
  const read = rowReader();
  return joined([...split(rows)].map(([text, bytes]) => rowOf(redact(read(text, bytes)), 0)));
}
