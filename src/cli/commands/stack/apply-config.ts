import { sleep } from "../../../async/sleep.ts";
import { type Fault, isFault } from "../../../fault/fault.ts";
import type { HomeClient } from "../../../home/client/client.ts";
import type { StackView } from "../../../home/view/view.ts";
import type { ServiceChange } from "../../../stack/session/messages.ts";

/** A runner that was killed, or ends its stack, is gone by then, ms. */
const ENDING_TIME = 30_000;
const PAUSE = 100;

/** This project's stack, where it is up. */
export async function runningStack(home: HomeClient, key: string): Promise<StackView | null | Fault> {
  const snapshot = await home.snapshot();
  return isFault(snapshot) ? snapshot : (snapshot.stacks.find(({ id }) => id === key) ?? null);
}

/**
 * Has the runner of a stack apply the config as it is now, or only these services. Null: the stack isn't up any more, so it is
 * to be started.
 */
export async function applyConfig(
  home: HomeClient,
  key: string,
  services: readonly string[],
): Promise<readonly ServiceChange[] | Fault | null> {
  const deadline = performance.now() + ENDING_TIME;
  for (;;) {
    const changes = await home.apply(key, services);
    if (!isFault(changes)) return changes;
    if (changes.fault === "STACK_UNKNOWN") return null;
    // Its runner has died, or is taking it down: home will know in a moment.
    const ending = changes.fault === "HOME_UNREACHABLE" || changes.detail?.stopping === true;
    if (!ending || performance.now() > deadline) return changes;
    await sleep(PAUSE);
    const stack = await runningStack(home, key);
    if (stack === null || isFault(stack)) return stack;
  }
}
