import { machine } from "../../machine/machine.ts";
import type { ProcessIdentity } from "../../machine/systems/system.ts";

/** A process, its group, and their descendants, also those that left the group. */
export interface Family {
  /** Notes its present members: once its parent is gone, a descendant can't be recognized any more. */
  readonly look: () => void;
  /** All of this moment, the leader included. */
  readonly members: () => Set<number>;
  /** Those ever noted that still run, by pid and start time. */
  readonly left: () => number[];
}

/** The family of a group's leader; `adopted` gives those that have left it, group and parents. */
export function familyOf(leader: number, adopted: () => readonly number[] = () => []): Family {
  const known = new Map<number, string>();
  const members = () => {
    const roots = adopted();
    return new Set([
      ...[leader, ...machine.processGroup(leader), ...machine.descendants(leader)],
      ...[...roots, ...roots.flatMap((pid) => machine.descendants(pid))],
    ]);
  };
  return {
    members,
    look: () => {
      for (const pid of members()) {
        const started = known.has(pid) ? null : machine.startStamp(pid);
        if (started !== null) known.set(pid, started);
      }
    },
    left: () => [...known].flatMap(([pid, started]) => (machine.isRunning({ pid, started }) ? [pid] : [])),
  };
}

/** Signals all of a process group; returns the processes that it reached. A group without members is left alone: its id may have been reused. */
export function signalGroup(leader: number, signal: NodeJS.Signals): number[] {
  if (process.platform === "win32") return signalOne(leader, signal) ? [leader] : [];
  const members = machine.processGroup(leader);
  return members.length > 0 && signalOne(-leader, signal) ? members : [];
}

/** The same to this very process, never to another that was given its pid. */
export function signalProcess(one: ProcessIdentity, name: NodeJS.Signals): void {
  if (machine.isRunning(one)) signalOne(one.pid, name);
}

/** False when there's no such process, or it is another user's by now. */
export function signalOne(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
