import type { Address } from "../../address/address.ts";
import { isUnspecified, unmapped } from "../../address/classify.ts";
import { machine } from "../../machine/machine.ts";
import type { Holder, Listener } from "../../machine/systems/system.ts";

/** Listeners that answer at an address, or keep others from listening there. */
export function listenersAt({ host, port }: Address): Listener[] {
  return machine.listeners(port).filter(({ address }) => {
    const at = unmapped(address.host);
    return at === unmapped(host) || isUnspecified(at);
  });
}

/** Who listens at this very address; null when nobody does. */
export function holderInTheWay(address: Address): Holder | null {
  return listenersAt(address).length === 0 ? null : machine.holderOf(address.port);
}
