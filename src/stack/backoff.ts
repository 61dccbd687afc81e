/** The wait before the nth restart in a row, ms: 250, 500, 1,000 … at most 10,000, with a tenth of chance. */
export function backoff(nth: number, random: () => number = Math.random): number {
  const wait = Math.min(10_000, 250 * 2 ** Math.max(0, nth - 1));
  return wait * (0.95 + random() * 0.1);
}

/** A service that was ready for this long has recovered: its next crash is a first one, ms. */
export const RECOVERED_AFTER = 30_000;
