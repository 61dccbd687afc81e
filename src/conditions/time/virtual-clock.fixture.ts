import type { Clock } from "./clock.ts";

/** A clock that the test advances: nothing happens by itself, everything at its exact time. */
export function virtualClock(start = 0) {
  let now = start;
  let entries: { when: number; run: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    at: (when, run) => {
      const entry = { when, run };
      entries.push(entry);
      return {
        cancel: () => {
          entries = entries.filter((one) => one !== entry);
        },
      };
    },
  };
  return {
    clock,
    waiting: () => entries.length,
    /** Runs all that is due up to `until`, in order, `late` ms after its time. */
    turn: (until: number, late = 0) => {
      for (;;) {
        const [first] = entries.toSorted((a, b) => a.when - b.when);
        if (first === undefined || first.when > until) break;
        entries = entries.filter((one) => one !== first);
        now = Math.max(now, first.when + late);
        first.run();
      }
      now = Math.max(now, until);
    },
  };
}
