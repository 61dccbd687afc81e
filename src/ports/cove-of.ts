import type { Address } from "../address/address.ts";
import { isUnspecified } from "../address/classify.ts";
import type { PortUse, PortUses } from "./uses.ts";

/**
 * What Cove has a listener for, told by its address and by its processes: a stranger on a leased port isn't the service,
 * and a service's further ports (a debugger, hot reload) are the service's. `line` is a process and its ancestors.
 */
export function coveOf(address: Address, line: readonly number[], uses: PortUses): PortUse | null {
  const use = uses.at(address) ?? (isUnspecified(address.host) ? uses.at({ ...address, host: "127.0.0.1" }) : null);
  if (use !== null && isHeldBy(use, line, uses)) return use;
  for (const pid of line) {
    for (const [, other] of uses.all) if (other.use === "service" && other.pid === pid) return other;
  }
  return null;
}

function isHeldBy(use: PortUse, line: readonly number[], uses: PortUses): boolean {
  switch (use.use) {
    case "door":
      return use.pid !== null && line[0] === use.pid;
    case "edge":
      // Relays are home's, like the door.
      return uses.all.some(([, other]) => other.use === "door" && other.pid !== null && other.pid === line[0]);
    case "service":
      // Nobody knows the process of a service that runs by itself, or inside its runner.
      return use.pid === null || line.length === 0 || line.includes(use.pid);
    default:
      return true;
  }
}
