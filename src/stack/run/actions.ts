import { type Fault, fault } from "../../fault/fault.ts";
import type { PlannedService } from "../plan/plan.ts";
import { plannedAs, type Running, statusOf, supervisorOf } from "./running.ts";
import { startInOrder, stopInOrder, withNeeds } from "./sequence.ts";

/** Starts one service with all that it needs, or all (null), and those that waited for it. Faults: SERVICE_UNKNOWN, and why it can't. */
export async function startService(running: Running, service: string | null): Promise<Fault | null> {
  const { services } = running.plan;
  const refusal = cannotAct(running, service);
  if (refusal !== null) return refusal;
  if (service === null) return await startServices(running, services);
  const outcome = await startServices(running, withNeeds(services, service));
  if (outcome === null) startBlocked(running);
  return outcome;
}

/** Starts consumers that could not start without something that is there by now. */
export function startBlocked(running: Running): void {
  if (running.stopping !== null) return;
  void startServices(
    running,
    running.plan.services.filter((one) => isBlocked(running, one)),
  );
}

/** Stops one service, or all in order (null). */
export async function stopService(running: Running, service: string | null): Promise<Fault | null> {
  const refusal = cannotAct(running, service);
  if (refusal !== null) return refusal;
  if (service === null) await stopServices(running);
  else await supervisorOf(running, service).stop();
  return null;
}

/** Starts these in order; none once the stack's end has begun. One that the config has changed since is left to that change. */
export function startServices(running: Running, services: readonly PlannedService[]): Promise<Fault | null> {
  return startInOrder(services, {
    start: async (service) => {
      if (running.stopping !== null) return stackStopped(running);
      if (!isCurrent(running, service)) return await outcomeOfChange(running, service.name);
      const outcome = await supervisorOf(running, service.name).start();
      return isCurrent(running, service) ? outcome : await outcomeOfChange(running, service.name);
    },
    blocked: (service, cause) => noteBlocked(running, service, cause),
    status: (name) => running.supervisors.get(name)?.status() ?? GONE,
  });
}

/** Says in a service's log why it isn't started; not for one that was changed or taken out meanwhile. */
export function noteBlocked(running: Running, service: PlannedService, cause: Fault): void {
  if (isCurrent(running, service))
    running.supervisors.get(service.name)?.note(`not started: ${cause.message.split("\n")[0]}`);
}

/** False once an edited config has changed it or taken it out. */
function isCurrent(running: Running, service: PlannedService): boolean {
  return plannedAs(running, service.name) === service;
}

/** A service that has been taken out is missing to nobody: what still needs it was changed, too. */
const GONE = { state: "ready", process: null, readyAt: 0, readyMs: null, restarts: 0, cause: null } as const;

/** How the start of a service went that was changed while an earlier start was under way; null also if it was taken out. */
async function outcomeOfChange(running: Running, name: string): Promise<Fault | null> {
  for (let seen: unknown; seen !== running.restarted; ) {
    const { restarted } = running;
    await restarted;
    seen = restarted;
  }
  return running.supervisors.get(name)?.status().cause ?? null;
}

/** Stops all, consumers first. */
export async function stopServices(running: Running): Promise<void> {
  await stopInOrder(running.plan.services, ({ name }) => supervisorOf(running, name).stop());
  // Those that a change under way has taken out of the plan.
  await Promise.all([...running.supervisors.values()].map((one) => one.stop()));
}

export function stackStopped({ plan }: Running): Fault {
  return fault("NOT_READY", `${plan.name} was stopped`, undefined, { stopping: true });
}

export function cannotAct(running: Running, service: string | null): Fault | null {
  const { plan, supervisors, stopping } = running;
  if (stopping !== null) return stackStopped(running);
  if (service === null || supervisors.has(service)) return null;
  const has = [...supervisors.keys()].join(", ");
  return fault("SERVICE_UNKNOWN", `${plan.name} has no service ${service}`, `it has: ${has}`, { service });
}

/** Never started, though by now all that it needs is there or could be. */
function isBlocked(running: Running, { name, needs }: PlannedService): boolean {
  if (statusOf(running, name).state !== "waiting") return false;
  return running.plan.services.every((need) => {
    const { state } = statusOf(running, need.name);
    return !needs.includes(need.name) || /^(ready|completed)$/.test(state) || isBlocked(running, need);
  });
}
