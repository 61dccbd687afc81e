import type { Listener } from "../../machine/systems/system.ts";
import type { HeldLease } from "../../ports/uses.ts";
import type { Snapshot } from "./view.ts";

/**
 * What Cove has a listener for, as the audit names it: the door, a service that runs, an edge, or a lease. `snapshot` is
 * null where no home runs.
 */
export function auditNames(
  snapshot: Snapshot | null,
  leases: readonly HeldLease[],
): (listener: Listener) => string | null {
  const names = new Map<number, string>();
  for (const { port, holder } of leases) names.set(port, `Cove's lease for ${holder}`);
  const pids = new Map<number, string>();
  for (const { name: stack, services, edges } of snapshot?.stacks ?? []) {
    for (const { id, address } of edges) names.set(address.port, `the edge ${id} of ${stack}`);
    for (const { name, address, pid } of services) {
      names.set(address.port, `${stack}/${name}`);
      if (pid !== null) pids.set(pid, `${stack}/${name}`);
    }
  }
  if (snapshot !== null) names.set(snapshot.home.door.port, "Cove's door");
  return ({ address, pid }) => (pid === null ? undefined : pids.get(pid)) ?? names.get(address.port) ?? null;
}
