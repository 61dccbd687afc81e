import { statSync } from "node:fs";
import type { SocketQuestion } from "../system.ts";
import { eachSocketOf, everyPid } from "./proc-process.ts";

/** Processes whose sockets were asked for last: clients come back with new sockets. Newest last. */
const recent = new Set<number>();
const RECENT_MOST = 64;

/** See `Machine.processesOfSockets`. */
export function processesOfSockets(wanted: readonly SocketQuestion[]): (number | null)[] {
  const found = new Map<number, number>();
  // A closed socket's inode is 0: no process has it open.
  const missing = new Set(wanted.flatMap(({ inode }) => (inode === 0 ? [] : [inode])));
  if (missing.size > 0) {
    const uids = new Set(wanted.flatMap(({ uid }) => (uid === null ? [] : [uid])));
    for (const pid of likelyFirst(uids)) {
      const all = eachSocketOf(pid, (inode) => {
        if (missing.delete(inode)) found.set(inode, pid);
        return missing.size === 0;
      });
      if (all) break;
    }
  }
  for (const pid of found.values()) remember(pid);
  return wanted.map(({ inode }) => found.get(inode) ?? null);
}

function remember(pid: number): void {
  recent.delete(pid);
  if (recent.size >= RECENT_MOST) recent.delete(recent.keys().next().value ?? 0);
  recent.add(pid);
}

/** Clients mostly are processes that came before, or belong to their socket's user; new processes have high pids. */
function* likelyFirst(uids: ReadonlySet<number>): Generator<number> {
  const pids = everyPid();
  const alive = new Set(pids);
  const early = [...recent].reverse().filter((pid) => alive.has(pid));
  yield* early;
  const rest = pids.sort((a, b) => b - a).filter((pid) => !recent.has(pid));
  const others: number[] = [];
  for (const pid of rest) {
    const owner = ownerOf(pid);
    if (owner !== null && uids.has(owner)) yield pid;
    else others.push(pid);
  }
  yield* others;
}

function ownerOf(pid: number): number | null {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid ?? null;
}
