import { type Fault, fault } from "../../fault/fault.ts";
import type { PlannedService } from "../plan/plan.ts";
import { type Running, statusOf, supervisorOf } from "./running.ts";
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

/** Stops and starts one service, or all (null). */
export async function restartService(running: Running, service: string | null): Promise<Fault | null> {
  return (await stopService(running, service)) ?? (await startService(running, service));
}

/** Starts these in order; none once the stack's end has begun. */
export function startServices(running: Running, services: readonly PlannedService[]): Promise<Fault | null> {
  return startInOrder(services, {
    start: async ({ name }) =>
      running.stopping === null ? await supervisorOf(running, name).start() : stackStopped(running),
    blocked: ({ name }, cause) => supervisorOf(running, name).note(`not started: ${cause.message.split("\n")[0]}`),
    status: (name) => statusOf(running, name),
  });
}

/** Stops all, consumers first. */
export async function stopServices(running: Running): Promise<void> {
  await stopInOrder(running.plan.services, ({ name }) => supervisorOf(running, name).stop());
}

export function stackStopped({ plan }: Running): Fault {
  return fault("NOT_READY", `${plan.name} was stopped`);
}

function cannotAct(running: Running, service: string | null): Fault | null {
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
