import { sleep } from "../async/sleep.ts";
import { type Fault, isFault } from "../fault/fault.ts";

/** Between attempts, ms. */
const PAUSE = 20;
/** The longest that a write is repeated, ms. */
const LIMIT = 10_000;

/**
 * Repeats a write while the state file is locked, without holding up the event loop, which is the door's too.
 * For a state whose busy timeout is short.
 */
export async function retryWhenLocked<T>(write: () => T | Fault): Promise<T | Fault> {
  const deadline = performance.now() + LIMIT;
  for (;;) {
    const result = write();
    if (!isFault(result) || result.fault !== "STATE_LOCKED" || performance.now() > deadline) return result;
    await sleep(PAUSE);
  }
}
