import { formatAddress } from "../../address/parse.ts";
import { type Fault, fault } from "../../fault/fault.ts";
import type { Listener } from "../../machine/systems/system.ts";
import type { PlannedService } from "../plan/plan.ts";

/** What to say of a service's listeners on more than loopback; null when there are none. */
export function exposureFault(service: PlannedService, listeners: readonly Listener[]): Fault | null {
  if (listeners.length === 0) return null;
  const { name, kind, options, address, cwd } = service;
  const shown = [...new Set(listeners.map((listener) => formatAddress(listener.address)))].join(", ");
  const loopback = { host: address.host, port: listeners[0]?.address.port ?? address.port };
  const advice = kind.loopbackAdvice?.(options, loopback, cwd) ?? null;
  const own = advice === null ? `let it listen on ${address.host} (HOST in its environment)` : `start it as ${advice}`;
  return fault(
    "BIND_EXPOSED",
    `${name} listens on ${shown}: other machines on the network can reach it`,
    `${own}${service.bind === "warn" ? '; or let Cove turn it to loopback: guard: { bind: "fix" }' : ""}`,
    { listens: listeners.map((listener) => listener.address), pids: [...new Set(listeners.map(({ pid }) => pid))] },
  );
}
