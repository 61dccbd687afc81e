import type { KnownToCove } from "../../../audit/gather.ts";
import { type Fault, isFault } from "../../../fault/fault.ts";
import { connectHome } from "../../../home/client/client.ts";
import { auditNames } from "../../../home/view/audit-names.ts";
import { unnamedClients } from "../../../home/view/unnamed-clients.ts";
import { version } from "../../../home/view/version.ts";
import { openLeases } from "../../../lease/leases.ts";
import type { State } from "../../../state/state.ts";

/** What Cove has listeners for and whom its guard could not name, as far as its state and a running home know. */
export async function knownToCove(state: State): Promise<KnownToCove> {
  const home = orNull(await connectHome({ anyVersion: true }));
  const snapshot = home === null ? null : orNull(await home.snapshot());
  // A home of another version may describe its guard in other terms.
  const guard = home === null || home.home.version !== version() ? null : orNull(await home.guard());
  return {
    folder: state.folder,
    useOf: auditNames(snapshot, openLeases(state).list()),
    unnamed: guard === null ? [] : unnamedClients(guard),
  };
}

function orNull<T>(value: T | Fault | null): T | null {
  return isFault(value) ? null : value;
}
