import { isFault } from "../../fault/fault.ts";
import { connectHome } from "../../home/client.ts";
import { openLeases } from "../../lease/leases.ts";
import type { Listener } from "../../machine/machine.ts";
import type { State } from "../../state/state.ts";

/** What Cove has a listener for: the door, a service that runs, an edge, or a lease. */
export async function coveUseOf(state: State): Promise<(listener: Listener) => string | null> {
  const names = new Map<number, string>();
  for (const { port, holder } of openLeases(state).list()) names.set(port, `Cove's lease for ${holder}`);
  const pids = new Map<number, string>();
  const home = await connectHome({ anyVersion: true });
  if (home !== null && !isFault(home)) {
    const snapshot = await home.snapshot();
    if (!isFault(snapshot)) {
      for (const { name: stack, services, edges } of snapshot.stacks) {
        for (const { id, address } of edges) names.set(address.port, `the edge ${id} of ${stack}`);
        for (const { name, address, pid } of services) {
          names.set(address.port, `${stack}/${name}`);
          if (pid !== null) pids.set(pid, `${stack}/${name}`);
        }
      }
    }
    names.set(home.home.port, "Cove's door");
  }
  return ({ address, pid }) => (pid === null ? undefined : pids.get(pid)) ?? names.get(address.port) ?? null;
}
