import { sleep } from "../../async/sleep.ts";
import { callGuard } from "../../confine/calls/launch.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { bindPolicy, type PlannedService } from "../plan/plan.ts";
import { rigOf } from "../process/boxed.ts";
import type { ServiceChange } from "../session/messages.ts";
import { cannotAct, noteBlocked, stackStopped } from "./actions.ts";
import { noteBroken } from "./broken-edges.ts";
import { type Changes, type Forced, findChanges } from "./changes.ts";
import { helloOf } from "./hello.ts";
import { type NextPlan, partialPlan, singlePlan, wholePlan } from "./next-plan.ts";
import { plannedAs, type Running, statusOf, supervisorOf } from "./running.ts";
import { startInOrder, stopInOrder } from "./sequence.ts";
import { forgetService, superviseIn } from "./supervise-in.ts";

/** How long home may take to grant changed names, ms. Services then start under those that they had. */
const RENEW_TIME = 10_000;

/**
 * Brings a stack to its config as it is now: what is new starts, what changed restarts, what was taken out stops; all else
 * stays untouched. With `services` only those and what they need, and nothing stops. Resolves once the starts have begun. A fault
 * changes nothing.
 */
export function applyConfig(running: Running, services: readonly string[]): Promise<Fault | readonly ServiceChange[]> {
  return inTurn(running, async () => {
    const applied = await change(running, null, (fresh) =>
      services.length === 0 ? wholePlan(running, fresh, null) : partialPlan(running, fresh, services),
    );
    return isFault(applied) ? applied : applied.told;
  });
}

/** Stops and starts one service, or all (null), by the config as it is now. Resolves when they are ready again. */
export async function restartService(
  running: Running,
  service: string | null,
): Promise<Fault | readonly ServiceChange[]> {
  const refusal = cannotAct(running, service);
  if (refusal !== null) return refusal;
  const applied = await inTurn(running, () =>
    change(running, service ?? "all", (fresh) =>
      service === null ? wholePlan(running, fresh, running.wanted) : singlePlan(running, fresh, service),
    ),
  );
  if (isFault(applied)) return applied;
  return (await applied.started) ?? applied.told;
}

/** One change of the plan after another. */
function inTurn<T>(running: Running, run: () => Promise<T>): Promise<T> {
  const mine = running.changing.then(run, run);
  running.changing = mine.catch(() => {});
  return mine;
}

interface Applied {
  readonly told: readonly ServiceChange[];
  readonly started: Promise<Fault | null>;
}

async function change(
  running: Running,
  forced: Forced,
  nextOf: (fresh: NextPlan["plan"]) => NextPlan | Fault,
): Promise<Applied | Fault> {
  if (running.stopping !== null) return stackStopped(running);
  const fresh = (await running.replan?.()) ?? running.plan;
  const next = isFault(fresh) ? fresh : nextOf(fresh);
  if (isFault(next)) return asItWas(running, next);
  const changes = await findChanges(running, next, forced);
  if (isFault(changes)) return asItWas(running, changes);
  // Faults above change nothing, and neither does a stack that ends.
  if (running.stopping !== null) return stackStopped(running);
  running.wanted = next.wanted;
  if (!changes.any) return { told: [], started: Promise.resolve(null) };
  const { promise: restarted, resolve } = Promise.withResolvers<Fault | null>();
  running.restarted = restarted;
  const started = carryOut(running, next, changes).catch((error: unknown) =>
    fault("INTERNAL", `the change failed: ${error instanceof Error ? error.message : String(error)}`),
  );
  const begun = await started;
  if (isFault(begun)) {
    resolve(begun);
    return begun;
  }
  void begun.starts.then(resolve);
  for (const listener of running.listeners.change) listener(changes.told);
  return { told: changes.told, started: restarted };
}

function asItWas({ plan }: Running, { message, hint, ...rest }: Fault): Fault {
  const goesOn = `${plan.name} goes on as it was`;
  return { ...rest, message, hint: hint === undefined ? goesOn : `${hint}; ${goesOn}` };
}

/** Replaces the plan, stops what has to stop, tells home, and begins the starts. */
async function carryOut(
  running: Running,
  next: NextPlan,
  changes: Changes,
): Promise<{ readonly starts: Promise<Fault | null> }> {
  const before = running.plan;
  const untouched = (service: PlannedService) => !next.scope.has(service.name) || !isTold(changes, service.name);
  running.plan = {
    ...next.plan,
    services: next.plan.services.map((service) =>
      untouched(service) ? (plannedAs(running, service.name) ?? service) : service,
    ),
  };
  for (const service of running.plan.services) {
    if (!running.supervisors.has(service.name)) superviseIn(running, service);
    else if (!untouched(service)) redefine(running, service);
  }
  if (changes.added.some((service) => bindPolicy(service) === "fix")) void callGuard();
  const stopping = new Set([...changes.restarted, ...next.removed].map(({ name }) => name));
  await stopInOrder(
    before.services.filter(({ name }) => stopping.has(name)),
    ({ name }) => supervisorOf(running, name).stop(),
  );
  for (const { name } of next.removed) forgetService(running, name);
  // What waits for its turn must not look as if it had been stopped for good.
  if (running.stopping === null) for (const name of changes.toStart) supervisorOf(running, name).await();
  if (running.stopping === null) await renewHome(running);
  // In an object: a promise of a promise would be waited for.
  return { starts: startChanged(running, changes.toStart) };
}

function redefine(running: Running, service: PlannedService): void {
  supervisorOf(running, service.name).redefine(service);
  running.boxes.set(service.name, rigOf(running.plan, service, running.state));
}

function isTold({ told }: Changes, name: string): boolean {
  return told.some(({ service }) => service === name);
}

/** Tells home what the stack is now, and waits for the names that it grants. */
async function renewHome(running: Running): Promise<void> {
  const late = new AbortController();
  const welcomed = Promise.withResolvers<void>();
  running.listeners.welcome.add(welcomed.resolve);
  running.link.renew(helloOf(running));
  await Promise.race([welcomed.promise, running.ended.promise, sleep(RENEW_TIME, late.signal)]);
  late.abort();
  running.listeners.welcome.delete(welcomed.resolve);
  if (running.welcome !== null) noteBroken(running, running.welcome);
}

/** Starts these, each as soon as what it needs is ready; what runs counts by how its own start goes. */
function startChanged(running: Running, toStart: ReadonlySet<string>): Promise<Fault | null> {
  return startInOrder(running.plan.services, {
    start: async ({ name }) => {
      if (running.stopping !== null) return stackStopped(running);
      const supervisor = running.supervisors.get(name);
      const alive = /^(starting|ready|restarting)$/.test(supervisor?.status().state ?? "");
      return alive || toStart.has(name) ? ((await supervisor?.start()) ?? null) : null;
    },
    blocked: (service, cause) => {
      if (toStart.has(service.name)) noteBlocked(running, service, cause);
    },
    status: (name) => statusOf(running, name),
  });
}
