import { machine } from "../../machine/machine.ts";
import { type PortConflict, portConflicts } from "../../machine/port-conflicts.ts";
import type { CoveKnowledge } from "./cove-uses.ts";
import { gatherRows, type HeldRow, heldRow } from "./gather.ts";
import { type Look, takeLook } from "./look.ts";
import { publishedRows } from "./published.ts";
import { filterRows, type PortRow } from "./row.ts";
import { portTree } from "./tree.ts";

/** What `cove ports` was asked for. */
export interface Asked {
  readonly name: string | undefined;
  readonly udp: boolean;
  readonly exposed: boolean;
  readonly tree: boolean;
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

export async function seePorts(asked: Asked, { uses, note }: CoveKnowledge): Promise<SeenPorts> {
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

/** What `--json` prints. */
export function portsJson({ rows, conflicts, look, notes, seesAllProcesses }: SeenPorts, { tree }: Asked): unknown {
  return {
    ...(tree ? { groups: portTree(rows, look.facts) } : { listeners: rows }),
    conflicts: conflicts.map(({ port, kind, between }) => ({
      port,
      kind,
      between: between.map(({ row: { host, pids } }) => ({ host, pids })),
    })),
    seesAllProcesses,
    notes,
  };
}
