import { isFault } from "../../../fault/fault.ts";
import { connectHome } from "../../../home/client/client.ts";
import { auditNames } from "../../../home/view/audit-names.ts";
import { openLeases } from "../../../lease/leases.ts";
import type { Listener } from "../../../machine/systems/system.ts";
import type { State } from "../../../state/state.ts";

/** What Cove has a listener for, as far as its state and a running home tell. */
export async function coveUseOf(state: State): Promise<(listener: Listener) => string | null> {
  const home = await connectHome({ anyVersion: true });
  const snapshot = home === null || isFault(home) ? null : await home.snapshot();
  return auditNames(isFault(snapshot) ? null : snapshot, openLeases(state).list());
}
