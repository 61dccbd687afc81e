import { type Fault, fault } from "../../fault/fault.ts";
import type { Plan } from "./plan.ts";

/** The plan of some services and all that they need; of all where none is named. Fault: SERVICE_UNKNOWN. */
export function subsetOf(plan: Plan, names: readonly string[]): Plan | Fault {
  if (names.length === 0) return plan;
  const wanted = new Set<string>();
  const add = (name: string): Fault | null => {
    const service = plan.services.find((one) => one.name === name);
    if (service === undefined) {
      const has = plan.services.map((one) => one.name).join(", ");
      return fault("SERVICE_UNKNOWN", `${plan.name} has no service ${name}`, `it has: ${has}`, { service: name });
    }
    if (wanted.has(name)) return null;
    wanted.add(name);
    return service.needs.map(add).find((outcome) => outcome !== null) ?? null;
  };
  for (const name of names) {
    const unknown = add(name);
    if (unknown !== null) return unknown;
  }
  return {
    ...plan,
    services: plan.services.filter(({ name }) => wanted.has(name)),
    edges: plan.edges.filter(({ from }) => wanted.has(from)),
  };
}
