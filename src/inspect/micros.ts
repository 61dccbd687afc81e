/** Times in ms as they are shown: to the µs. Sums and differences of fractions have more digits, and they say nothing. */
export function micros(ms: number): number;
export function micros(ms: number | null): number | null;
export function micros(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 1_000) / 1_000;
}
