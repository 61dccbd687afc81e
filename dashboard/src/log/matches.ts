import type { Chunk, Row } from "./buffer.ts";
import type { Matcher, Span } from "./search.ts";

/** One match of many: the `at`-th of a row. */
export interface Match {
  readonly row: number;
  readonly at: number;
}

export const NO_SPANS: readonly Span[] = [];

/** Finds matches in chunks, and looks at each row once however often lines come. */
export interface MatchIndex {
  readonly spans: (row: Row) => readonly Span[];
  /** All matches of the rows that are shown, in order. */
  readonly all: (chunks: readonly Chunk[], shown: (row: Row) => boolean) => readonly Match[];
}

export function createMatchIndex(matcher: Matcher | null): MatchIndex {
  const known = new WeakMap<Row, readonly Span[]>();
  const spans = (row: Row): readonly Span[] => {
    if (matcher === null) return NO_SPANS;
    const found = known.get(row) ?? matcher(row.decoded.text);
    known.set(row, found);
    // One array for all rows without a match lets them be recognised as unchanged.
    return found.length === 0 ? NO_SPANS : found;
  };
  return {
    spans,
    all: (chunks, shown) => {
      if (matcher === null) return [];
      const matches: Match[] = [];
      for (const { rows } of chunks) {
        for (const row of rows) {
          if (!shown(row)) continue;
          for (let at = 0; at < spans(row).length; at++) matches.push({ row: row.id, at });
        }
      }
      return matches;
    },
  };
}

/** The match after (or before) `from`, round the end. Null without any. */
export function step(matches: readonly Match[], from: Match | null, by: 1 | -1): Match | null {
  const last = matches.length - 1;
  if (last < 0) return null;
  const index = from === null ? -1 : matches.findIndex(({ row, at }) => row === from.row && at === from.at);
  // The newest first: that is what one looks for in a log.
  if (index === -1) return matches[last] ?? null;
  return matches[(index + by + matches.length) % matches.length] ?? null;
}
