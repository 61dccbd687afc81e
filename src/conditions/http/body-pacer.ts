import { type Bandwidth, bandwidth } from "../kinds/bandwidth.ts";
import type { Output, Stage } from "../kinds/condition.ts";
import type { Clock } from "../time/clock.ts";
import { randomFor } from "../time/random.ts";

/** Hands on bodies one after the other, slowly where a condition says so. */
export interface BodyPacer {
  /** A body begins; where its bytes go. Undefined: they pass at once. */
  readonly begin: (rate: number | undefined) => Output["push"];
  /** The body is complete: calls `then` once all of it is handed on. */
  readonly finish: (then: () => void) => void;
  /** Another rate for the rest of this body, if it is a slow one. Undefined: the rest passes at once. */
  readonly change: (rate: number | undefined) => void;
  readonly held: () => number;
  readonly stop: () => void;
}

export function openBodyPacer(clock: Clock, next: Output, eased: () => void): BodyPacer {
  let stage: Stage<Bandwidth> | null = null;
  let held = 0;
  let done: (() => void) | null = null;
  const { stage: open } = bandwidth;

  const line: Output = {
    push: (bytes, at) => {
      held -= bytes.length;
      next.push(bytes, at);
      eased();
    },
    end: () => {
      stage = null;
      const then = done;
      done = null;
      then?.();
      eased();
    },
  };

  function push(bytes: Buffer, at: number): void {
    if (stage === null) return next.push(bytes, at);
    held += bytes.length;
    stage.push(Buffer.from(bytes), at);
  }

  return {
    begin: (rate) => {
      if (rate === undefined || open === undefined) return next.push;
      const link = {
        ...{ clock, random: randomFor(0), fresh: false },
        ...{ roundTrip: () => 0, reset: () => {}, dropped: () => {} },
      };
      stage = open(lineOf(rate), line, link);
      return push;
    },
    finish: (then) => {
      if (stage === null) return then();
      done = then;
      stage.end("fin", clock.now());
    },
    change: (rate) => {
      if (rate !== undefined) return stage?.change?.(lineOf(rate));
      const slow = stage;
      // First, so that bytes that come now go straight on.
      stage = null;
      slow?.flush();
    },
    held: () => held,
    stop: () => {
      stage?.stop();
      stage = null;
    },
  };
}

const lineOf = (rate: number): Bandwidth => ({ kind: "bandwidth", direction: "both", probability: 1, rate, burst: 0 });
