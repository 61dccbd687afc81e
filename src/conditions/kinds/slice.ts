import { queue } from "../../async/queue.ts";
import type { Timer } from "../time/clock.ts";
import type { ConditionBase, End, Link, Output, Stage } from "./condition.ts";
import { defineKind } from "./define.ts";

/** Chunks are cut up, with a pause between the pieces: this finds code that takes one read for one message. */
export interface Slice extends ConditionBase {
  readonly kind: "slice";
  /** Average size of a piece, bytes. */
  readonly size: number;
  /** At most this much more or less. */
  readonly variation: number;
  /** Between two pieces, ms; may be a fraction. */
  readonly delay: number;
}

/**
 * Cuts chunks into pieces of `size` ± `variation` bytes (default 0), `delay` ms apart (default 0; may be a fraction).
 * Throws CoveError (CONDITION_INVALID).
 *
 * @example
 * import { relay, slice } from "cove";
 *
 * await using edge = await relay({ to: 5432, conditions: [slice({ size: 100, variation: 50, delay: 0.01 })] });
 */
export const slice = defineKind<Slice, "size">({
  kind: "slice",
  about: "cuts chunks into small pieces",
  direction: "both",
  fields: {
    size: { type: "size", place: "main", min: 1, required: true, about: "average size of a piece" },
    variation: { type: "size", place: "spread", default: 0, about: "more or less than that" },
    delay: { type: "time", default: 0, about: "between two pieces" },
  },
  check: ({ size, variation }) => (variation < size ? null : "variation must be below the size"),
  load: ({ size }) => ({ piece: size }),
  stage: sliceStage,
});

function sliceStage(first: Slice, next: Output, { clock, random }: Link): Stage<Slice> {
  const held = queue<Buffer>();
  let condition = first;
  let end: End | null = null;
  let free = Number.NEGATIVE_INFINITY;
  let timer: Timer | null = null;

  function release(): void {
    timer = null;
    for (let bytes = held.first(); bytes !== undefined; bytes = held.first()) {
      if (free > clock.now()) {
        timer = clock.at(free, release);
        return;
      }
      held.take();
      const { size, variation, delay } = condition;
      const length = Math.max(1, Math.round(size + (random() * 2 - 1) * variation));
      if (length < bytes.length) held.unshift(bytes.subarray(length));
      const at = free;
      free += delay;
      next.push(length < bytes.length ? bytes.subarray(0, length) : bytes, at);
    }
    if (end === null) return;
    const how = end;
    end = null;
    next.end(how, clock.now());
  }

  function stop(): void {
    timer?.cancel();
    timer = null;
    held.clear();
    end = null;
  }

  return {
    push: (bytes, at) => {
      if (held.size() === 0) free = Math.max(free, at);
      held.put(bytes);
      if (timer === null) release();
    },
    end: (how) => {
      end = how;
      if (timer === null) release();
    },
    change: (changed) => {
      condition = changed;
      timer?.cancel();
      free = Math.min(free, clock.now() + changed.delay);
      release();
    },
    flush: () => {
      const how = end;
      for (let bytes = held.take(); bytes !== undefined; bytes = held.take()) next.push(bytes, clock.now());
      stop();
      if (how !== null) next.end(how, clock.now());
    },
    stop,
  };
}
