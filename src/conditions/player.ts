import type { Condition } from "./conditions.ts";
import type { Step, Timeline } from "./scenarios.ts";
import type { Clock, Timer } from "./time/clock.ts";
import { monotonic } from "./time/scheduler.ts";

/** What takes conditions: a relay, or several at once. */
interface Shapeable {
  readonly setConditions: (conditions: readonly Condition[]) => void;
}

export interface PlayOptions {
  readonly timeline: Timeline;
  readonly on: Shapeable;
  /** Called with each step when it begins: for a log. */
  readonly report?: (step: Step, number: number) => void;
  readonly clock?: Clock;
}

export interface Playing {
  /** True: it came to its end. False: it was stopped. */
  readonly done: Promise<boolean>;
  /** Ends it early and removes its conditions. */
  readonly stop: () => void;
}

/** Plays a scenario's steps, the first one at once. Times count from the start, so that lateness doesn't add up. */
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
