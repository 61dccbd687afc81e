import type { PortsWanted, SeenPorts } from "../../../ports/see.ts";
import { portTree } from "./tree.ts";

/** What `cove ports` was asked for. */
export interface Asked extends PortsWanted {
  readonly name: string | undefined;
  readonly tree: boolean;
}

/** What `--json` prints. */
export function portsJson({ rows, conflicts, look, notes, seesAllProcesses }: SeenPorts, { tree }: Asked) {
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
