/** The wait before the nth restart in a row, ms: 250, 500, 1,000 … at most 10,000, give or take a twentieth. */
export function backoff(nth: number, random: () => number = Math.random): number {
  const wait = Math.min(10_000, 250 * 2 ** Math.max(0, nth - 1));
  return wait * (0.95 + random() * 0.1);
}

/**
 * How long a service without any probe must run until it counts as ready, ms: 1,000 at first, twice as long after each
 * crash in a row, at most 10,000.
 */
export function proofTime(crashes: number): number {
  return Math.min(10_000, 1_000 * 2 ** crashes);
}

/** A service that was ready for this long has recovered: its next crash is a first one again, ms. */
const RECOVERED_AFTER = 30_000;

/** How many crashes in a row this one makes. `readyFor`: how long it had been ready, ms; null: it never was. */
export function crashesInARow(before: number, readyFor: number | null): number {
  return readyFor !== null && readyFor >= RECOVERED_AFTER ? 1 : before + 1;
}
