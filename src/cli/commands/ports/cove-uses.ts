import { existsSync } from "node:fs";
import { join } from "node:path";
import { DOOR_PORT, parsePort } from "../../../address/ports.ts";
import { isFault } from "../../../fault/fault.ts";
import { homeSocket } from "../../../home/client/socket.ts";
import { portUses } from "../../../home/view/port-uses.ts";
import type { Snapshot } from "../../../home/view/view.ts";
import type { HeldLease, PortUses } from "../../../ports/uses.ts";
import { stateFolder } from "../../../state/folder.ts";
import { openState } from "../../../state/state.ts";

/** What Cove knows of addresses, and where from. */
export interface CoveKnowledge {
  readonly uses: PortUses;
  /** Null where no home runs. */
  readonly snapshot: Snapshot | null;
  readonly leases: readonly HeldLease[];
  readonly doorPort: number;
  /** Why something is not known: a line for people. */
  readonly note: string | null;
}

/** Reads the leases and asks home, as far as there are any; starts and makes nothing. What isn't there isn't even loaded. */
export async function coveKnowledge(): Promise<CoveKnowledge> {
  const folder = stateFolder();
  const stored = existsSync(join(folder, "cove.sqlite")) ? await readState() : null;
  const shown = process.platform === "win32" || existsSync(homeSocket(folder)) ? await askHome() : null;
  const doorPort = stored?.doorPort ?? parsePort(process.env.COVE_PORT ?? "") ?? DOOR_PORT;
  const leases = stored?.leases ?? [];
  const snapshot = typeof shown === "string" ? null : shown;
  return {
    uses: portUses(snapshot, leases, doorPort),
    snapshot,
    leases,
    doorPort,
    note: stored?.note ?? (typeof shown === "string" ? shown : null),
  };
}

async function readState() {
  const [{ openLeases }, settings] = await Promise.all([
    import("../../../lease/leases.ts"),
    import("../../../state/settings.ts"),
  ]);
  const state = openState({ lockTimeout: 1_000 });
  if (isFault(state))
    return { leases: [], doorPort: null, note: `leases are not known: ${state.message}; ${state.hint}` };
  try {
    const door = settings.doorPort(state);
    return { leases: openLeases(state).list(), doorPort: isFault(door) ? null : door, note: null };
  } finally {
    state.close();
  }
}

/** What home shows; null where none runs, a text where it doesn't say. */
async function askHome(): Promise<Snapshot | string | null> {
  const { connectHome } = await import("../../../home/client/client.ts");
  const home = await connectHome({ anyVersion: true });
  if (home === null) return null;
  const snapshot = isFault(home) ? home : await home.snapshot();
  return isFault(snapshot) ? `running stacks are not known: ${snapshot.message}` : snapshot;
}
