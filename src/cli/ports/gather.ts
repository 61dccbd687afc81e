import type { PortUses } from "../../home/port-uses.ts";
import type { HeldSocket } from "../../machine/port-conflicts.ts";
import { coveOf } from "./cove-of.ts";
import { type LookSocket, look } from "./look.ts";
import type { PortRow, ProcessFacts } from "./row.ts";

/** A row as conflicts are looked for. */
export interface HeldRow extends HeldSocket {
  readonly row: PortRow;
}

/** Looks processes up once each, however many sockets they hold. */
export interface ProcessLook {
  readonly facts: (pid: number) => ProcessFacts | null;
  /** The process, its parent, that one's parent … without pid 1. */
  readonly line: (pid: number) => number[];
}

export function processLook(): ProcessLook {
  const known = new Map<number, ProcessFacts | null>();
  const facts = (pid: number) => {
    let found = known.get(pid);
    if (found === undefined) {
      found = look.processFacts(pid);
      known.set(pid, found);
    }
    return found;
  };
  const line = (pid: number) => {
    const pids: number[] = [];
    // A circle, which reused pids can make on Windows, must not hang us.
    for (let at = pid; at > 1 && !pids.includes(at); at = facts(at)?.parent ?? 0) pids.push(at);
    return pids;
  };
  return { facts, line };
}

/** Every listener, or those of one port, with all that this machine and Cove know of it. */
export function gatherRows(
  sockets: readonly LookSocket[],
  protocol: "tcp" | "udp",
  processes: ProcessLook,
  uses: PortUses,
): PortRow[] {
  // Without a stack that runs, no process is a service's: its ancestors needn't be looked at.
  const services = uses.all.some(([, { use }]) => use === "service");
  return sockets.map((socket) => {
    const { address, uid, v6only, reusePort } = socket;
    const pids = eldestFirst(socket.pids, processes);
    const [pid] = pids;
    const process = pid === undefined ? null : processes.facts(pid);
    const line = pid === undefined ? [] : services ? processes.line(pid) : [pid];
    return {
      protocol,
      host: address.host,
      port: address.port,
      exposure: look.exposure(address),
      v6only,
      reusePort,
      pids,
      uid,
      user: process?.user ?? (uid === null ? null : look.userName(uid)),
      process,
      container: process?.container ?? null,
      cove: coveOf(address, line, uses),
    };
  });
}

/** Of processes that share a socket, the one that handed it to the others goes first. */
function eldestFirst(pids: readonly number[], processes: ProcessLook): readonly number[] {
  if (pids.length < 2) return pids;
  const eldest = pids.find((pid) => !pids.includes(processes.facts(pid)?.parent ?? -1));
  return eldest === undefined ? pids : [eldest, ...pids.filter((pid) => pid !== eldest)];
}

export function heldRow(row: PortRow): HeldRow {
  return { row, address: row, v6only: row.v6only, pids: row.pids, uid: row.uid };
}
