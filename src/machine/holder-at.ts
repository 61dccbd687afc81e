import type { Address } from "../address/address.ts";
import { isUnspecified, unmapped } from "../address/classify.ts";
import { machine } from "./machine.ts";
import type { Holder, Listener } from "./systems/system.ts";

/** Listeners that answer at an address, or keep others from listening there. Takes ms: see lookups.ts for the door's thread. */
export function listenersAt({ host, port }: Address): Listener[] {
  const wanted = unmapped(host);
  return machine.listeners(port).filter(({ address }) => {
    const at = unmapped(address.host);
    return at === wanted || isUnspecified(at) || isUnspecified(wanted);
  });
}

/** Who keeps others from listening at this very address; null when nobody does. */
export function holderAt(address: Address): Holder | null {
  const found = listenersAt(address);
  const listener = found.find(({ pid }) => pid !== null) ?? found[0];
  return listener === undefined ? null : holderOf(listener);
}

/** Whose a listener is. */
export function holderOf({ pid, uid }: Listener): Holder {
  const process = pid === null ? null : machine.processDetails(pid);
  const user = process?.user ?? (uid === null ? null : machine.userName(uid));
  return { pid, command: process?.command ?? null, user, uid };
}
