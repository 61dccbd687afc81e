import { statSync } from "node:fs";
import { eachSocketOf, everyPid, readStat } from "./proc-process.ts";

/** Where sockets were last found. A pid alone may be another process's by now. */
const known = new Map<number, { readonly pid: number; readonly startTicks: string }>();
const KNOWN_MOST = 1_024;

/** See `Machine.processOfSocket`. */
export function processOfSocket(inode: number, uid?: number): number | null {
  // A closed socket's: every process would be searched for what none has.
  if (inode === 0) return null;
  const before = known.get(inode);
  if (before !== undefined) {
    if (readStat(before.pid)?.startTicks === before.startTicks) return before.pid;
    known.delete(inode);
  }
  for (const pid of likelyFirst(uid)) {
    // Read before its sockets are, so that a pid that changes hands in between isn't taken for its successor's.
    const startTicks = readStat(pid)?.startTicks;
    if (startTicks === undefined || !eachSocketOf(pid, (found) => found === inode)) continue;
    // A map keeps its order: what was found longest ago goes.
    if (known.size >= KNOWN_MOST) known.delete(known.keys().next().value ?? 0);
    known.set(inode, { pid, startTicks });
    return pid;
  }
  return null;
}

/** Clients come back with new sockets, and mostly belong to their socket's user; new processes have high pids. */
function likelyFirst(uid: number | undefined): Set<number> {
  const recent = new Set<number>();
  for (const { pid } of known.values()) recent.add(pid);
  const rest = everyPid().sort((a, b) => b - a);
  const own = uid === undefined ? [] : rest.filter((pid) => !recent.has(pid) && ownerOf(pid) === uid);
  return new Set([...recent, ...own, ...rest]);
}

function ownerOf(pid: number): number | null {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid ?? null;
}
