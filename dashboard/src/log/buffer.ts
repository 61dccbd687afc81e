import type { LogLine } from "../../../src/stack/session/messages.ts";
import { type Decoded, decode } from "./ansi.ts";

export interface Row {
  /** Counts up from the first line; stays with its line. */
  readonly id: number;
  readonly line: LogLine;
  readonly decoded: Decoded;
}

/** Rows that are drawn together: only the last one changes when lines come. */
export interface Chunk {
  readonly key: number;
  readonly rows: readonly Row[];
}

/** Rows of a chunk. */
const CHUNK = 50;

export interface LogBuffer {
  readonly append: (lines: readonly LogLine[]) => void;
  /** The same array, with the same chunks, as long as they don't change. */
  readonly chunks: () => readonly Chunk[];
}

/** The last lines of a log in chunks; the oldest chunk goes when there are more than `limit` lines besides. */
export function createLogBuffer(limit: number): LogBuffer {
  let chunks: readonly Chunk[] = [];
  let next = 0;

  function append(lines: readonly LogLine[]): void {
    if (lines.length === 0) return;
    const grown = [...chunks];
    const open = grown.at(-1);
    let rows: Row[] = [];
    if (open !== undefined && open.rows.length < CHUNK) {
      grown.pop();
      rows = [...open.rows];
    }
    for (const line of lines.slice(-(limit + CHUNK))) {
      rows.push({ id: next++, line, decoded: decode(line.text) });
      if (rows.length === CHUNK) {
        grown.push({ key: rows[0]?.id ?? 0, rows });
        rows = [];
      }
    }
    if (rows.length > 0) grown.push({ key: rows[0]?.id ?? 0, rows });
    let total = grown.reduce((sum, chunk) => sum + chunk.rows.length, 0);
    while (total - (grown[0]?.rows.length ?? 0) >= limit) total -= grown.shift()?.rows.length ?? 0;
    chunks = grown;
  }

  return {
    append,
    chunks: () => chunks,
  };
}
