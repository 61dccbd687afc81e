/** Which exchanges a list has: all from `oldest` to `newest`, or with a filter the ones in `seqs` (rising). */
export interface Rows {
  readonly oldest: number;
  readonly newest: number;
  readonly seqs: readonly number[] | null;
}

/** Rows in the order in which they are shown. */
export interface Sight {
  readonly count: number;
  readonly seqAt: (index: number) => number;
  /** -1 where it isn't shown. */
  readonly indexOf: (seq: number) => number;
  /** How deep it stands under the first of its trace; 0 in a plain list. */
  readonly depthAt: (index: number) => number;
}

export const NO_ROWS: Rows = { oldest: 1, newest: 0, seqs: null };

/** One after the other, as they began. */
export function inOrder({ oldest, newest, seqs }: Rows): Sight {
  if (seqs === null) {
    return {
      count: Math.max(0, newest - oldest + 1),
      seqAt: (index) => oldest + index,
      indexOf: (seq) => (seq < oldest || seq > newest ? -1 : seq - oldest),
      depthAt: () => 0,
    };
  }
  return {
    count: seqs.length,
    seqAt: (index) => seqs[index] ?? -1,
    indexOf: (seq) => {
      const at = placeOf(seqs, seq);
      return seqs[at] === seq ? at : -1;
    },
    depthAt: () => 0,
  };
}

/** Rows after news: `seqs` are those that are new or have changed, and fit the filter. */
export function withNews(rows: Rows, news: { oldest: number; newest: number; seqs: readonly number[] }): Rows {
  const { oldest, newest } = news;
  if (rows.seqs === null) return { oldest, newest, seqs: null };
  const gone = placeOf(rows.seqs, oldest);
  const seqs = rows.seqs.slice(gone);
  for (const seq of news.seqs) {
    if (seq < oldest) continue;
    const at = placeOf(seqs, seq);
    if (seqs[at] !== seq) seqs.splice(at, 0, seq);
  }
  return { oldest, newest, seqs };
}

/** Where a number stands in a rising list, or would. */
function placeOf(seqs: readonly number[], seq: number): number {
  let low = 0;
  let high = seqs.length;
  // Mostly it is a new one.
  if (high > 0 && (seqs[high - 1] ?? 0) < seq) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((seqs[middle] ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
