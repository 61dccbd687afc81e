import { type Fault, isFault } from "../../fault/fault.ts";
import { startOrder } from "../plan/order.ts";
import type { Plan, PlannedService } from "../plan/plan.ts";
import { subsetOf } from "../plan/subset.ts";
import type { Running } from "./running.ts";

/** What a stack is to become. */
export interface NextPlan {
  readonly plan: Plan;
  /** Services that are brought to what the config says now; all others stay as they are. */
  readonly scope: ReadonlySet<string>;
  /** Services that the config has no more. */
  readonly removed: readonly PlannedService[];
  readonly wanted: ReadonlySet<string> | null;
}

/** The whole stack as the config describes it now, or only `wanted` services with what they need. */
export function wholePlan(
  { plan: before }: Running,
  fresh: Plan,
  wanted: ReadonlySet<string> | null,
): NextPlan | Fault {
  const there = wanted && [...wanted].filter((name) => fresh.services.some((service) => service.name === name));
  const plan =
    there === null ? fresh : there.length === 0 ? { ...fresh, services: [], edges: [] } : subsetOf(fresh, there);
  if (isFault(plan)) return plan;
  const names = new Set(plan.services.map(({ name }) => name));
  const removed = before.services.filter(({ name }) => !names.has(name));
  return { plan, scope: names, removed, wanted: there === null ? null : names };
}

/** The services named and all that they need as the config describes them now, beside all others as they run. */
export function partialPlan(running: Running, fresh: Plan, names: readonly string[]): NextPlan | Fault {
  const part = subsetOf(fresh, names);
  if (isFault(part)) return part;
  return beside(running, fresh, new Set(part.services.map(({ name }) => name)));
}

/** One service as the config describes it now, with what it needs and isn't there yet; all others as they run. */
export function singlePlan(running: Running, fresh: Plan, name: string): NextPlan | Fault {
  const part = subsetOf(fresh, [name]);
  if (isFault(part)) return part;
  const known = new Set(running.plan.services.map((service) => service.name));
  const scope = part.services.filter((service) => service.name === name || !known.has(service.name));
  return beside(running, fresh, new Set(scope.map((service) => service.name)));
}

function beside({ plan: before, wanted }: Running, fresh: Plan, scope: ReadonlySet<string>): NextPlan | Fault {
  const services = [
    ...before.services.filter(({ name }) => !scope.has(name)),
    ...fresh.services.filter(({ name }) => scope.has(name)),
  ];
  const waves = startOrder(services);
  if (isFault(waves)) return waves;
  const plan: Plan = {
    ...before,
    services: waves.flat().flatMap((name) => services.filter((service) => service.name === name)),
    edges: [
      ...before.edges.filter(({ from }) => !scope.has(from)),
      ...fresh.edges.filter(({ from }) => scope.has(from)),
    ],
  };
  return { plan, scope, removed: [], wanted: wanted && new Set([...wanted, ...scope]) };
}
