import { setImmediate } from "node:timers/promises";

/** Long work on the event loop is done in slices of this length, ms, so that other work isn't blocked. */
const SLICE = 4;

export interface Slices {
  /** The slice under way has had its time. */
  readonly isOver: () => boolean;
  /** Yields to the event loop, then begins another slice. */
  readonly next: () => Promise<void>;
}

/** @example for (const one of many) { work(one); if (slices.isOver()) await slices.next(); } */
export function newSlices(): Slices {
  let until = performance.now() + SLICE;
  return {
    isOver: () => performance.now() >= until,
    next: async () => {
      await setImmediate();
      until = performance.now() + SLICE;
    },
  };
}

/** What `make` makes of each, in slices. */
export async function mapInSlices<From, To>(all: readonly From[], make: (one: From) => To): Promise<To[]> {
  const slices = newSlices();
  const made: To[] = [];
  for (const one of all) {
    made.push(make(one));
    if (slices.isOver()) await slices.next();
  }
  return made;
}
