import { unmapped } from "../address/classify.ts";
import { exposure } from "../machine/exposure.ts";
import type { HeldSocket } from "../machine/port-conflicts.ts";
import type { Listener } from "../machine/systems/system.ts";
import { coveOf } from "./cove-of.ts";
import type { Look } from "./look.ts";
import type { PortRow } from "./row.ts";
import type { PortUses } from "./uses.ts";

/** A row as conflicts are looked for. */
export interface HeldRow extends HeldSocket {
  readonly row: PortRow;
}

/** Every listener, or those of one port, with all that this machine and Cove know of it. */
export function gatherRows(
  sockets: readonly Listener[],
  protocol: "tcp" | "udp",
  look: Look,
  uses: PortUses,
): PortRow[] {
  // Without a stack that runs, no process is a service's: its ancestors needn't be looked at.
  const services = uses.all.some(([, { use }]) => use === "service");
  const rows = sockets.map((socket) => {
    const { address, uid, v6only, reusePort } = socket;
    const pids = eldestFirst(socket.pids, look);
    const [pid] = pids;
    const process = pid === undefined ? null : look.facts(pid);
    const line = pid === undefined ? [] : services ? look.line(pid) : [pid];
    return {
      protocol,
      host: address.host,
      port: address.port,
      exposure: exposure(address),
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
  return rows.map((row) => ({ ...row, cove: row.cove ?? mirrored(row, rows) }));
}

/** The service that a runner listens on ::1 for, since it has the same port on 127.0.0.1. */
function mirrored({ host, port, pids }: PortRow, rows: readonly PortRow[]): PortRow["cove"] {
  if (host !== "::1") return null;
  const twin = rows.find((row) => unmapped(row.host) === "127.0.0.1" && row.port === port)?.cove;
  return twin?.use === "service" && twin.runner !== undefined && pids.includes(twin.runner) ? twin : null;
}

/** Of processes that share a socket, the one that handed it to the others goes first. */
function eldestFirst(pids: readonly number[], look: Look): readonly number[] {
  if (pids.length < 2) return pids;
  const eldest = pids.find((pid) => !pids.includes(look.facts(pid)?.parent ?? -1));
  return eldest === undefined ? pids : [eldest, ...pids.filter((pid) => pid !== eldest)];
}

export function heldRow(row: PortRow): HeldRow {
  const { cove, v6only, pids, uid } = row;
  const known = cove?.use === "service" || cove?.use === "door" || cove?.use === "edge";
  return { row, address: row, v6only, pids, uid, ...(known && { server: `${cove.use} ${cove.label}` }) };
}
