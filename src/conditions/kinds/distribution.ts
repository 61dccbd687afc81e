import type { Random } from "../time/random.ts";

export const DISTRIBUTIONS = ["uniform", "normal", "pareto", "paretonormal", "table"] as const;
export type Distribution = (typeof DISTRIBUTIONS)[number];

export interface Spread {
  readonly ms: number;
  readonly jitter: number;
  readonly distribution: Distribution;
  readonly table?: readonly number[];
}

/** Pareto's shape; its mean is 1.5 and its deviation 0.866 with the smallest value 1. As netem's table: a long right tail. */
const SHAPE = 3;
const PARETO_MEAN = SHAPE / (SHAPE - 1);
const PARETO_DEVIATION = Math.sqrt(SHAPE / ((SHAPE - 1) ** 2 * (SHAPE - 2)));
/** netem's tables end at 4 deviations; so do these, since a draw has no bound otherwise. */
const FURTHEST = 4;

/** A generator of delays, ms, never negative. */
export function sampler(spread: Spread, random: Random): () => number {
  const { ms, jitter } = spread;
  if (jitter === 0) return () => ms;
  const deviation = deviations(spread, random);
  return () => Math.max(0, ms + jitter * deviation());
}

/** In units of the jitter: uniform from −1 to 1; the others with mean 0 and standard deviation 1. */
function deviations({ distribution, table = [0] }: Spread, random: Random): () => number {
  switch (distribution) {
    case "uniform":
      return () => random() * 2 - 1;
    case "normal":
      return () => clip(normal(random));
    case "pareto":
      return () => clip(pareto(random));
    case "paretonormal":
      // As netem makes its own table: a quarter normal, three quarters Pareto; scaled back to a deviation of 1.
      return () => clip((0.25 * normal(random) + 0.75 * pareto(random)) / Math.hypot(0.25, 0.75));
    case "table":
      return () => table[Math.floor(random() * table.length)] ?? 0;
  }
}

const clip = (value: number) => Math.max(-FURTHEST, Math.min(FURTHEST, value));

/** Box–Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function pareto(random: Random): number {
  return ((1 - random()) ** (-1 / SHAPE) - PARETO_MEAN) / PARETO_DEVIATION;
}
