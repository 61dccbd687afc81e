import { type Fault, fault } from "../../fault/fault.ts";
import type { PlannedService } from "../plan/plan.ts";
import type { ServiceStatus } from "../session/messages.ts";

/** What starting in order needs to know and to do. */
export interface StartSteps {
  /** Resolves when it is ready or completed (null), or has failed for good. */
  readonly start: (service: PlannedService) => Promise<Fault | null>;
  /** A service can't be started, for what it needs is not there. */
  readonly blocked: (service: PlannedService, cause: Fault) => void;
  readonly status: (service: string) => ServiceStatus;
}

/**
 * Starts each of these as soon as all that it needs is ready. Needs that are not among them must be ready by now.
 * Resolves when all have settled: null, or the first fault in the services' order.
 */
export async function startInOrder(services: readonly PlannedService[], steps: StartSteps): Promise<Fault | null> {
  const starts = new Map<string, Promise<Fault | null>>();

  function startOne(service: PlannedService): Promise<Fault | null> {
    const known = starts.get(service.name);
    if (known !== undefined) return known;
    const started = afterNeeds(service);
    starts.set(service.name, started);
    return started;
  }

  async function afterNeeds(service: PlannedService): Promise<Fault | null> {
    for (const outcome of await Promise.all(service.needs.map(whenThere))) {
      if (outcome === null) continue;
      steps.blocked(service, outcome);
      return outcome;
    }
    return await steps.start(service);
  }

  async function whenThere(name: string): Promise<Fault | null> {
    const need = services.find((one) => one.name === name);
    const outcome = need === undefined ? null : await startOne(need);
    return outcome ?? absence(name, steps.status(name));
  }

  const outcomes = await Promise.all(services.map(startOne));
  return outcomes.find((outcome) => outcome !== null) ?? null;
}

/** Why a service that has settled can't be used by its consumers; null: it can. */
function absence(name: string, { state, readyAt, cause }: ServiceStatus): Fault | null {
  // If one that was ready crashes, its consumers are left running: they keep their edge, and it will be restarted.
  if (/^(ready|unready|restarting|starting)$/.test(state)) return null;
  if (state === "completed" && readyAt !== null) return null;
  if (cause !== null) return cause;
  const what = state === "completed" ? "ended (exit code 0) before it was ready" : `is ${state}`;
  return fault(
    "NOT_READY",
    `${name} ${what}`,
    state === "completed" ? "if it is meant to end, say so: ready: exit" : `cove restart ${name}`,
    { service: name },
  );
}

/** Stops each of these as soon as all its consumers have stopped. */
export async function stopInOrder(
  services: readonly PlannedService[],
  stop: (service: PlannedService) => Promise<void>,
): Promise<void> {
  const stops = new Map<string, Promise<void>>();
  const stopOne = (service: PlannedService): Promise<void> => {
    const known = stops.get(service.name);
    if (known !== undefined) return known;
    const consumers = services.filter(({ needs }) => needs.includes(service.name));
    const stopped = Promise.all(consumers.map(stopOne)).then(() => stop(service));
    stops.set(service.name, stopped);
    return stopped;
  };
  await Promise.all(services.map(stopOne));
}

/** A service and all that it needs, in the given order. */
export function withNeeds(services: readonly PlannedService[], name: string): PlannedService[] {
  const wanted = new Set<string>();
  const add = (one: string): void => {
    if (wanted.has(one)) return;
    wanted.add(one);
    for (const need of services.find((service) => service.name === one)?.needs ?? []) add(need);
  };
  add(name);
  return services.filter((service) => wanted.has(service.name));
}
