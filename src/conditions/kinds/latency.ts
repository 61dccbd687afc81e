import { queue } from "../../async/queue.ts";
import type { Timer } from "../time/clock.ts";
import type { ConditionBase, End, Link, Output, Stage } from "./condition.ts";
import { defineKind } from "./define.ts";
import { DISTRIBUTIONS, type Distribution, sampler } from "./distribution.ts";

/** Every chunk leaves `ms` ± `jitter` after it came; the order is kept. */
export interface Latency extends ConditionBase {
  readonly kind: "latency";
  readonly ms: number;
  /** Uniform: at most this much more or less. Else the standard deviation, as netem takes it. */
  readonly jitter: number;
  readonly distribution: Distribution;
  /** For `table`: deviations in units of the jitter, each as likely as the others. */
  readonly table?: readonly number[];
}

/**
 * Delivers every chunk `ms` ± `jitter` after it came to this condition; the order stays. Times are ms. Defaults: answers
 * only (`down`), no jitter, uniform. Behind a bandwidth, both times add up, whichever stands first: Toxiproxy counts its
 * latency from the first read instead, so that the time that a slow line took counts as part of it. Throws CoveError
 * (CONDITION_INVALID).
 *
 * @example
 * import { latency, relay } from "cove";
 *
 * await using edge = await relay({ to: 5432, conditions: [latency({ ms: 200, jitter: 50, distribution: "normal" })] });
 */
export const latency = defineKind<Latency, "ms">({
  kind: "latency",
  about: "holds every chunk back for a time, give or take a jitter",
  direction: "down",
  fields: {
    ms: { type: "time", place: "main", required: true, about: "delay" },
    jitter: { type: "time", place: "spread", default: 0, about: "more or less than that" },
    distribution: { type: "choice", of: DISTRIBUTIONS, default: "uniform", about: "of the jitter" },
    table: { type: "table", about: "deviations in units of the jitter, for distribution table" },
  },
  check: ({ distribution, table }) =>
    (distribution === "table") === (table !== undefined) ? null : "table and distribution=table need each other",
  load: ({ ms, jitter }) => ({ delay: ms + 4 * jitter }),
  stage: latencyStage,
});

interface Held {
  readonly bytes: Buffer | null;
  readonly end: End | null;
  readonly due: number;
}

function latencyStage(first: Latency, next: Output, { clock, random }: Link): Stage<Latency> {
  const held = queue<Held>();
  let { ms } = first;
  let delay = sampler(first, random);
  let timer: Timer | null = null;
  /** No chunk overtakes another: none is due before the one ahead of it. */
  let last = 0;

  function hand({ bytes, end, due }: Held, at = due): void {
    if (bytes !== null) next.push(bytes, at);
    if (end !== null) next.end(end, at);
  }

  function release(): void {
    timer = null;
    for (let head = held.first(); head !== undefined; head = held.first()) {
      if (head.due > clock.now()) {
        timer = clock.at(head.due, release);
        return;
      }
      held.take();
      hand(head);
    }
  }

  function hold(bytes: Buffer | null, end: End | null, at: number): void {
    last = Math.max(last, at + delay());
    held.put({ bytes, end, due: last });
    timer ??= clock.at(last, release);
  }

  function stop(): void {
    timer?.cancel();
    timer = null;
    held.clear();
  }

  function takeAll(): Held[] {
    const all: Held[] = [];
    for (let head = held.take(); head !== undefined; head = held.take()) all.push(head);
    stop();
    return all;
  }

  return {
    push: (bytes, at) => hold(bytes, null, at),
    end: (end, at) => hold(null, end, at),
    change: (condition) => {
      const sooner = ms - condition.ms;
      ({ ms } = condition);
      delay = sampler(condition, random);
      if (sooner <= 0) return;
      // A shorter delay also applies to chunks under way, with the jitter that they drew; a longer one to new chunks only.
      const under = takeAll();
      const now = clock.now();
      last = Math.max(now, last - sooner);
      for (const one of under) held.put({ ...one, due: Math.max(now, one.due - sooner) });
      release();
    },
    flush: () => {
      for (const one of takeAll()) hand(one, clock.now());
    },
    stop,
  };
}
