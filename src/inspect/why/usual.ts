import type { Part } from "./parts.ts";

/** Fewer of the same route say nothing about what is usual. */
const OTHERS_LEAST = 3;
/** So many of the newest are looked at. */
export const OTHERS_MOST = 200;

/** The same route's usual trace, and what takes longer here. */
export interface Usual {
  /** Its exchange: the one that took the median of time. */
  readonly id: string;
  readonly short: string;
  /** Of so many others. */
  readonly of: number;
  /** p50, ms. */
  readonly ms: number;
  /** What differs by the most, the most first. */
  readonly differences: readonly Difference[];
}

export interface Difference {
  readonly part: Pick<Part, "kind" | "edge" | "from" | "to" | "protocol" | "title" | "table">;
  readonly ms: number;
  readonly usualMs: number;
  readonly count: number;
  readonly usualCount: number;
}

/** The one in the middle, of those that are over; null of too few. */
export function medianOf<T extends { readonly ms: number }>(others: readonly T[]): T | null {
  if (others.length < OTHERS_LEAST) return null;
  return [...others].sort((a, b) => a.ms - b.ms)[Math.floor((others.length - 1) / 2)] ?? null;
}

/** A difference of less than this isn't told, of the exchange's time and ms. */
const TELLING_SHARE = 0.1;
const TELLING_MS = 0.5;

export function differencesOf(here: readonly Part[], usual: readonly Part[], ms: number): Difference[] {
  const known = new Map(usual.map((part) => [part.key, part]));
  const keys = new Set(here.map(({ key }) => key));
  const gone = usual.filter(({ key }) => !keys.has(key));
  const all = [
    ...here.map((part) => differenceOf(part, part, known.get(part.key))),
    ...gone.map((part) => differenceOf(part, undefined, part)),
  ];
  const telling = (one: Difference) => {
    const by = Math.abs(one.ms - one.usualMs);
    return by >= TELLING_MS && by >= ms * TELLING_SHARE;
  };
  return all.filter(telling).sort((a, b) => Math.abs(b.ms - b.usualMs) - Math.abs(a.ms - a.usualMs));
}

function differenceOf(part: Part, here: Part | undefined, usual: Part | undefined): Difference {
  const { kind, edge, from, to, protocol, title, table } = part;
  return {
    part: { kind, edge, from, to, protocol, title, table },
    ...{ ms: here?.ms ?? 0, usualMs: usual?.ms ?? 0, count: here?.count ?? 0, usualCount: usual?.count ?? 0 },
  };
}
