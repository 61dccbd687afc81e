import { monotonic } from "../../conditions/time/scheduler.ts";

/** How long answers took since the last `take`: how many, and ms within 4.4 %, exact where they are alike. */
export interface Turns {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
}

/**
 * The turns of all connections of a relay. A turn lasts from the first byte that the consumer sends after an answer to the
 * first byte of the next answer as it is handed to the consumer, whatever holds it up between.
 */
export interface TurnCount {
  readonly add: (ms: number) => void;
  /** Since the last take; null: none ended. */
  readonly take: () => Turns | null;
}

/** Buckets begin here, ms, and are 1/16 of an octave wide: with 464 of them up to an hour and a half. */
const LEAST = 0.01;
const PER_OCTAVE = 16;
const BUCKETS = 464;

export function createTurnCount(): TurnCount {
  const buckets = new Uint32Array(BUCKETS);
  /** Of each bucket's turns, ms. */
  const sums = new Float64Array(BUCKETS);
  let count = 0;

  /** The mean of the bucket that so much of all turns lies below: where they are alike, that is what they took. */
  function percentile(share: number): number {
    let left = Math.ceil(count * share);
    let bucket = 0;
    while (bucket < BUCKETS - 1) {
      left -= buckets[bucket] ?? 0;
      if (left <= 0) break;
      bucket++;
    }
    return (sums[bucket] ?? 0) / (buckets[bucket] || 1);
  }

  return {
    add: (ms) => {
      const bucket = ms > LEAST ? Math.min(BUCKETS - 1, Math.floor(Math.log2(ms / LEAST) * PER_OCTAVE)) : 0;
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      sums[bucket] = (sums[bucket] ?? 0) + ms;
      count++;
    },
    take: () => {
      if (count === 0) return null;
      const taken = { count, p50: percentile(0.5), p95: percentile(0.95) };
      buckets.fill(0);
      sums.fill(0);
      count = 0;
      return taken;
    },
  };
}

/** What one connection's two directions tell of its turns. The clock is read only where one begins or ends. */
export interface ResponseTime {
  /** Bytes came from the consumer. */
  readonly asked: () => void;
  /** Bytes are handed to the consumer. */
  readonly answered: () => void;
  /** Reading begins: what is there at once has waited since the connection was accepted (at `accepted`, in ms). */
  readonly begin: (accepted: number) => void;
}

/** Bytes that are read this soon after reading began were there before, ms. */
const AT_ONCE = 2;

export function openTurn(turns: TurnCount): ResponseTime {
  /** When the turn under way began, ms; 0: none is. */
  let since = 0;
  let accepted = 0;
  let began = Number.POSITIVE_INFINITY;
  return {
    asked: () => {
      if (since !== 0) return;
      const now = monotonic.now();
      since = now - began < AT_ONCE ? accepted : now;
      began = Number.NEGATIVE_INFINITY;
    },
    answered: () => {
      if (since === 0) return;
      turns.add(monotonic.now() - since);
      since = 0;
    },
    begin: (at) => {
      accepted = at;
      if (began > 0) began = monotonic.now();
    },
  };
}
