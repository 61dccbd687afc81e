import { sleep } from "../../async/sleep.ts";
import { MARK, markOf } from "../../confine/run-mark.ts";
import { machine } from "../../machine/machine.ts";
import type { ProcessIdentity } from "../../machine/systems/system.ts";

/** Between SIGTERM and SIGKILL, ms. */
const GRACE = 2_000;
/** When to give up on what even SIGKILL doesn't end (a process stuck in the kernel), ms. */
const LIMIT = 6_000;
const PAUSE = 25;

/**
 * Ends process groups whose runner is dead, and with `runner` what its services forked away: SIGTERM at once (before this returns its promise), SIGKILL after 2 s.
 * A pid that now belongs to another process is left alone. Resolves when all have ended, at the latest after 6 s.
 */
export async function endOrphans(leaders: readonly ProcessIdentity[], runner?: ProcessIdentity): Promise<void> {
  const began = performance.now();
  const found = new Map<number, ProcessIdentity>();
  for (let asked = false; ; asked = true) {
    // Looked up again each round: an orphan may have started another process meanwhile.
    for (const leader of leaders) for (const one of familyOf(leader)) found.set(one.pid, one);
    if (runner !== undefined && !asked) for (const one of adoptedBy(runner)) found.set(one.pid, one);
    for (const [pid, one] of found) if (!machine.isRunning(one)) found.delete(pid);
    const waited = performance.now() - began;
    if (found.size === 0 || waited > LIMIT) return;
    if (!asked) signal(found.values(), "SIGTERM");
    else if (waited > GRACE) signal(found.values(), "SIGKILL");
    await sleep(PAUSE);
  }
}

/** What forked itself away from its leader, by what a runner's starts have in their environment; only init is its parent now. */
function adoptedBy(runner: ProcessIdentity): ProcessIdentity[] {
  const mark = markOf(runner);
  return withStamps(machine.processesWith?.(MARK, mark) ?? []);
}

function withStamps(pids: Iterable<number>): ProcessIdentity[] {
  return [...pids].flatMap((pid) => {
    const started = machine.startStamp(pid);
    return started === null ? [] : [{ pid, started }];
  });
}

/** The leader, its process group, and their descendants, which may have left the group. */
function familyOf(leader: ProcessIdentity): ProcessIdentity[] {
  const stamp = machine.startStamp(leader.pid);
  // A pid isn't reused while it is a group's id: a group without a leader is the one that the leader left.
  if (stamp !== null && stamp !== leader.started) return [];
  const group = machine.processGroup(leader.pid);
  const roots = stamp === null ? group : [leader.pid, ...group];
  const pids = new Set([...roots, ...roots.flatMap((pid) => machine.descendants(pid))]);
  pids.delete(process.pid);
  return withStamps(pids);
}

function signal(processes: Iterable<ProcessIdentity>, name: NodeJS.Signals): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, name);
    } catch {
      // Ended in between, or another user's by now (a setuid program): nothing more to do about it.
    }
  }
}
