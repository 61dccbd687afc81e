import type { Condition } from "./conditions.ts";
import type { Step, Timeline } from "./scenarios.ts";
import type { Clock, Timer } from "./time/clock.ts";
import { monotonic } from "./time/scheduler.ts";

/** What can be put under conditions: a relay, several at once, or anything of the kind. */
interface Shapeable {
  readonly setConditions: (conditions: readonly Condition[]) => void;
}

export interface PlayOptions {
  readonly timeline: Timeline;
  readonly on: Shapeable;
  /** Told of each step as it's taken: for a log. */
  readonly report?: (step: Step, number: number) => void;
  readonly clock?: Clock;
}

export interface Playing {
  /** True: it came to its end. False: it was stopped. */
  readonly done: Promise<boolean>;
  /** Ends it early and takes its conditions away. */
  readonly stop: () => void;
}

/** Plays a scenario's steps, the first one at once. Its times are kept from the start: they don't add up lateness. */
export function play({ timeline, on, report, clock = monotonic }: PlayOptions): Playing {
  const start = clock.now();
  const { promise: done, resolve } = Promise.withResolvers<boolean>();
  let timer: Timer | null = null;
  let number = 0;

  function take(): void {
    timer = null;
    for (let step = timeline[number]; step !== undefined; step = timeline[number]) {
      if (start + step.at > clock.now()) {
        timer = clock.at(start + step.at, take);
        return;
      }
      on.setConditions(step.conditions);
      report?.(step, number);
      number++;
    }
    resolve(true);
  }

  take();
  return {
    done,
    stop: () => {
      if (timer === null) return;
      timer.cancel();
      timer = null;
      on.setConditions([]);
      resolve(false);
    },
  };
}
