import { sleep } from "../../../async/sleep.ts";
import { type Fault, isFault } from "../../../fault/fault.ts";
import { connectHome } from "../../../home/client/client.ts";
import type { HomeEvent, StackView } from "../../../home/view/view.ts";
import type { LogLine } from "../../../stack/session/messages.ts";

/** A runner starts a home that went away again; where it doesn't in this time, there is nothing to follow, ms. */
const RETURN_TIME = 10_000;
const PAUSE = 100;

export interface StackFollower {
  readonly changed: (stack: StackView) => void;
  readonly logged: (lines: readonly LogLine[]) => void;
}

/**
 * Follows a stack as its runner runs it, also over the end of a home. Resolves with `ended` once it isn't up any more (or
 * another runner has it), with the fault where home stays away, and with undefined when `signal` aborts.
 */
export async function followStack(
  { id, runner }: StackView,
  { changed, logged }: StackFollower,
  signal: AbortSignal,
): Promise<"ended" | Fault | undefined> {
  const over = new AbortController();
  const hear = (event: HomeEvent) => {
    if (event.type === "log" && event.stack === id) logged(event.lines);
    if (event.type !== "snapshot") return;
    const stack = event.snapshot.stacks.find((one) => one.id === id && one.runner.pid === runner.pid);
    if (stack === undefined) over.abort();
    else changed(stack);
  };
  const either = AbortSignal.any([signal, over.signal]);
  for (let lost = performance.now(); ; ) {
    const home = await connectHome();
    const left = home === null || isFault(home) ? home : await home.follow(hear, either);
    if (signal.aborted) return undefined;
    if (over.signal.aborted) return "ended";
    // Its runner took home along, or nobody is left to start it again.
    if (home === null && !isAlive(runner.pid)) return "ended";
    if (home !== null && !isFault(home)) lost = performance.now();
    if (performance.now() - lost > RETURN_TIME) return left ?? "ended";
    await sleep(PAUSE, signal);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
