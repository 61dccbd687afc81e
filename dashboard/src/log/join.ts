import type { LogLine } from "../../../src/stack/session/messages.ts";

/**
 * What home had kept, and what the stream has brought since just before that was asked for: the lines in both are
 * taken once. They overlap where a tail of `kept` is the beginning of `live`, or holds all of it.
 */
export function joinLines(kept: readonly LogLine[], live: readonly LogLine[]): LogLine[] {
  const overlap = kept.findIndex((_, from) => {
    const shared = Math.min(kept.length - from, live.length);
    for (let at = 0; at < shared; at++) if (!same(kept[from + at], live[at])) return false;
    return shared > 0;
  });
  if (overlap === -1) return [...kept, ...live];
  return kept.length - overlap > live.length ? [...kept] : [...kept.slice(0, overlap), ...live];
}

function same(a: LogLine | undefined, b: LogLine | undefined): boolean {
  return a !== undefined && b !== undefined && a.time === b.time && a.text === b.text && a.stream === b.stream;
}
