import type { Random } from "../../time/random.ts";

interface Rates {
  readonly rate?: number;
  readonly p?: number;
  readonly r?: number;
  readonly h?: number;
  readonly k?: number;
}

/** Tells of one packet after the other whether it is lost. */
export function lossModel({ rate = 0, p, r, h = 0, k = 1 }: Rates, random: Random): () => boolean {
  if (p === undefined) return () => random() < rate;
  const back = r ?? 1 - p;
  let bad = false;
  return () => {
    const lost = random() >= (bad ? h : k);
    bad = bad ? random() >= back : random() < p;
    return lost;
  };
}

/** The share of packets that is lost in the long run. */
export function lossRate({ rate = 0, p, r, h = 0, k = 1 }: Rates): number {
  if (p === undefined) return rate;
  const back = r ?? 1 - p;
  const bad = p + back === 0 ? 0 : p / (p + back);
  return bad * (1 - h) + (1 - bad) * (1 - k);
}
