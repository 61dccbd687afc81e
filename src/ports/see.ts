import { machine } from "../machine/machine.ts";
import { type PortConflict, portConflicts } from "../machine/port-conflicts.ts";
import { gatherRows, type HeldRow, heldRow } from "./gather.ts";
import { type Look, takeLook } from "./look.ts";
import { publishedRows } from "./published.ts";
import { filterRows, type PortRow, type RowFilter } from "./row.ts";
import type { PortUses } from "./uses.ts";

/** Which ports are asked for. */
export interface PortsWanted extends RowFilter {
  readonly udp: boolean;
}

/** Cove's own knowledge of addresses. */
interface Known {
  readonly uses: PortUses;
  /** Why some of it is missing: a line for people. */
  readonly note: string | null;
}

/** One look at this machine's ports. */
export interface SeenPorts {
  /** Those asked for, in order. */
  readonly rows: readonly PortRow[];
  /** Of the ports that are shown. */
  readonly conflicts: readonly PortConflict<HeldRow>[];
  readonly look: Look;
  /** What can't be seen, and what would help: lines for people. */
  readonly notes: readonly string[];
  readonly seesAllProcesses: boolean;
}

export async function seePorts(asked: PortsWanted, { uses, note }: Known): Promise<SeenPorts> {
  const look = await takeLook();
  const tcp = gatherRows(machine.listeners(), "tcp", look, uses);
  const all = [...tcp, ...(asked.udp ? gatherRows(machine.udpSockets(), "udp", look, uses) : [])];
  const rows = filterRows(publishedRows(all, look.containers, asked.udp), asked);
  const shownPorts = new Set(rows.map(({ port }) => port));
  const conflicts = portConflicts(tcp.filter(({ port }) => shownPorts.has(port)).map(heldRow));
  const hidden = rows.filter(({ pids, container }) => pids.length === 0 && container === null).length;
  const notes = [...(hidden === 0 ? [] : [hiddenNote(hidden)]), ...(note === null ? [] : [note])];
  return { rows, conflicts, look, notes, seesAllProcesses: machine.seesAllProcesses() };
}

function hiddenNote(count: number): string {
  const [what, it] = count === 1 ? ["1 listener's process is", "it"] : [`${count} listeners' processes are`, "they"];
  // Even root sees nothing of processes outside its container.
  if (process.getuid?.() === 0) return `${what} not shown to root either: of the kernel, or outside this container`;
  const how = process.platform === "win32" ? "a terminal run as administrator" : "sudo cove ports";
  return `${what} not shown to this user; ${it} can be seen with: ${how}`;
}
