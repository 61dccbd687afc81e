import { queue } from "../../async/queue.ts";
import type { Timer } from "../time/clock.ts";
import type { ConditionBase, End, Link, Output, Stage } from "./condition.ts";
import { defineKind } from "./define.ts";

/** A line with a data rate. 0: nothing passes. */
export interface Bandwidth extends ConditionBase {
  readonly kind: "bandwidth";
  /** Bytes per second. */
  readonly rate: number;
  /** What passes at once after a pause, bytes. Default 0: even a small packet takes time, as on a real line. */
  readonly burst: number;
}

/**
 * Passes `rate` bytes per second, both ways unless `direction` says otherwise; 0 blocks. `burst` bytes pass at once
 * after a pause (default 0). Throws CoveError (CONDITION_INVALID).
 *
 * @example
 * import { bandwidth, relay } from "cove";
 *
 * await using edge = await relay({ to: 5432, conditions: [bandwidth({ rate: 50_000, burst: 10_000, direction: "down" })] });
 */
export const bandwidth = defineKind<Bandwidth, "rate">({
  kind: "bandwidth",
  about: "limits the bytes per second; 0 blocks",
  direction: "both",
  fields: {
    rate: { type: "rate", place: "main", required: true, about: "bytes per second" },
    burst: { type: "size", default: 0, about: "passes at once after a pause" },
  },
  load: ({ rate }) => ({ rate }),
  stage: bandwidthStage,
});

/** A slice is what the line carries in this time, ms: gaps stay well under 20 ms. */
const SLICE_MS = 10;
const SLICE_MOST = 256 * 1024;

/** A token bucket, kept as the time at which the line is free: exact over any time, however late a timer is. */
function bandwidthStage(first: Bandwidth, next: Output, { clock, reset }: Link): Stage<Bandwidth> {
  const held = queue<Buffer>();
  let { rate, burst } = first;
  let pending = 0;
  let end: End | null = null;
  let free = Number.NEGATIVE_INFINITY;
  /** While the rate is 0: bytes that the line had already carried and that are not handed on yet. */
  let stalled = 0;
  let timer: Timer | null = null;

  const slice = () => Math.min(pending, SLICE_MOST, Math.max(1, Math.floor((rate * SLICE_MS) / 1000)));

  function release(): void {
    timer = null;
    while (pending > 0 && rate > 0) {
      const due = free + (slice() * 1000) / rate;
      if (due > clock.now()) {
        timer = clock.at(due, release);
        return;
      }
      // All that the line could carry since then, which makes up for a late timer.
      const carried = Math.floor(carriedBytes(clock.now()));
      const bytes = Math.max(slice(), Math.min(carried, pending));
      free += (bytes * 1000) / rate;
      hand(bytes);
    }
    if (pending === 0 && end !== null) {
      const how = end;
      end = null;
      next.end(how, Math.max(free, clock.now() - SLICE_MS));
    }
  }

  /** Bytes since `free`. */
  function carriedBytes(now: number): number {
    return rate > 0 ? ((now - free) * rate) / 1000 : stalled;
  }

  function hand(count: number): void {
    pending -= count;
    for (let left = count; left > 0; ) {
      const bytes = held.take();
      if (bytes === undefined) return;
      if (bytes.length > left) held.unshift(bytes.subarray(left));
      const now = bytes.length > left ? bytes.subarray(0, left) : bytes;
      left -= now.length;
      next.push(now, free);
    }
  }

  function stop(): void {
    timer?.cancel();
    timer = null;
    held.clear();
    pending = 0;
    end = null;
  }

  return {
    push: (bytes, at) => {
      // An idle line saves up the burst and no more.
      if (pending === 0 && rate > 0) free = Math.max(free, at - (burst * 1000) / rate);
      else if (pending === 0) stalled = Math.min(stalled, burst);
      held.put(bytes);
      pending += bytes.length;
      if (timer === null) release();
    },
    end: (how) => {
      // Nothing passes any more: held back, the end would wait forever.
      if (how === "reset" && rate === 0) return reset();
      end = how;
      if (timer === null) release();
    },
    change: (condition) => {
      timer?.cancel();
      timer = null;
      // What the line has carried of the current slice still counts: with a rate that changes all the time nothing would pass otherwise.
      const now = clock.now();
      const carried = carriedBytes(now);
      ({ rate, burst } = condition);
      if (rate > 0) free = now - (carried * 1000) / rate;
      else stalled = carried;
      release();
    },
    flush: () => {
      timer?.cancel();
      timer = null;
      free = clock.now();
      hand(pending);
      if (end !== null) next.end(end, free);
      stop();
    },
    stop,
  };
}
