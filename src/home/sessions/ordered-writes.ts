import { type Fault, isFault } from "../../fault/fault.ts";
import { retryWhenLocked } from "../../state/retry-when-locked.ts";

/** Writes to the state, one after another: a later one never overtakes one that waits for the file's lock. */
export interface OrderedWrites {
  /** Writes in the background; a write that fails for good is reported in home's log. */
  readonly add: (write: () => Fault | null) => void;
  /** Resolves when all that was added so far is on disk. */
  readonly written: () => Promise<unknown>;
}

/** `what` is written, for home's log: `the table of processes`. */
export function orderedWrites(what: string): OrderedWrites {
  let last: Promise<unknown> = Promise.resolve();
  return {
    add: (write) => {
      last = last.then(async () => {
        const result = await retryWhenLocked(write);
        if (isFault(result)) console.error(`${what} was not written: ${result.message}`);
      });
    },
    written: () => last,
  };
}
