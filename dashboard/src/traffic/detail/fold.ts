import type { DiffLine } from "../../../../src/inspect/diff.ts";

/** Lines around a difference that stay. */
const AROUND = 3;
/** Fewer than this are not worth folding. */
const LEAST = 4;

/** A comparison without the long runs that are the same: a number stands for so many of them. */
export function folded(lines: readonly DiffLine[]): (DiffLine | number)[] {
  const shown: (DiffLine | number)[] = [];
  for (let at = 0; at < lines.length; ) {
    let end = at;
    while (end < lines.length && lines[end]?.sign === "same") end++;
    if (end === at) {
      shown.push(...lines.slice(at, ++at));
      continue;
    }
    const from = at === 0 ? at : Math.min(end, at + AROUND);
    const to = end === lines.length ? end : Math.max(from, end - AROUND);
    if (to - from < LEAST) shown.push(...lines.slice(at, end));
    else shown.push(...lines.slice(at, from), to - from, ...lines.slice(to, end));
    at = end;
  }
  return shown;
}
