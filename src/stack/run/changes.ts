import { type Fault, isFault } from "../../fault/fault.ts";
import { localNamesResolve } from "../../machine/local-names.ts";
import {
  compareFilledIn,
  compareServices,
  compareStacks,
  compareStart,
  type Difference,
  type StartedWith,
} from "../plan/compare.ts";
import { doorUrlOf, serviceEnv } from "../plan/environment.ts";
import { baseName, bindPolicy, type Plan, type PlannedService } from "../plan/plan.ts";
import { stampStartFiles } from "../plan/start-files.ts";
import type { ServiceChange } from "../session/messages.ts";
import type { NextPlan } from "./next-plan.ts";
import { plannedAs, type Running, statusOf } from "./running.ts";
import { telemetryFor } from "./start-context.ts";

/** What has to be done to bring a stack to its next plan. */
export interface Changes {
  /** For people, in the order of the plan. */
  readonly told: readonly ServiceChange[];
  /** Services of the next plan that weren't there. */
  readonly added: readonly PlannedService[];
  /** As they run: to be stopped and started as the next plan has them. */
  readonly restarted: readonly PlannedService[];
  /** Names of what is to be started: new, changed, or not running. */
  readonly toStart: ReadonlySet<string>;
  /** Anything that home has to know. */
  readonly any: boolean;
}

/** Which services are restarted whatever changed: `all`, one, or none. */
export type Forced = "all" | string | null;

/** Not running, and by nobody's plan. */
const OVER = /^(failed|stopped|stopping)$/;

/**
 * Compares what runs with the next plan: plans, environments, and the files that services read only at their start. Changes
 * nothing. Faults: CONFIG_INVALID (an unset `${NAME}`), and those of kinds that describe their edges.
 */
export async function findChanges(running: Running, next: NextPlan, forced: Forced): Promise<Changes | Fault> {
  const told: ServiceChange[] = [];
  const added: PlannedService[] = [];
  const restarted: PlannedService[] = [];
  const toStart = new Set<string>();
  const stack = compareStacks(running.plan, next.plan);
  if (stack.length > 0) told.push({ service: null, action: "updated", reasons: stack });
  for (const { name } of next.removed) {
    told.push({ service: name, action: "stopped", reasons: ["not in the config any more"] });
  }
  for (const service of next.plan.services) {
    const before = plannedAs(running, service.name);
    // It may have waited for one that starts now.
    if (before !== undefined && statusOf(running, service.name).state === "waiting") toStart.add(service.name);
    if (!next.scope.has(service.name)) continue;
    const env = await envOf(running, next.plan, service);
    if (isFault(env)) return env;
    if (before === undefined) {
      added.push(service);
      toStart.add(service.name);
      told.push({ service: service.name, action: "started", reasons: ["new"] });
      continue;
    }
    const change = changeOf(running, before, service, next.plan, env, forced === "all" || forced === service.name);
    if (change === null) continue;
    told.push(change);
    if (change.action === "restarted") restarted.push(before);
    if (/^(restarted|started)$/.test(change.action)) toStart.add(service.name);
  }
  return { told, added, restarted, toStart, any: told.length > 0 };
}

function changeOf(
  running: Running,
  before: PlannedService,
  after: PlannedService,
  plan: Plan,
  env: Readonly<Record<string, string>>,
  forced: boolean,
): ServiceChange | null {
  const { name } = after;
  const { state } = statusOf(running, name);
  const started = running.starts.get(name);
  const now: StartedWith = { env, files: stampStartFiles(after) };
  const found = [
    compareServices(before, after),
    boxDifference(running.plan, plan, after),
    compareFilledIn(before, after, env),
    started === undefined
      ? compareStart(after, unstarted(before), unstarted(after))
      : compareStart(after, started, now),
  ];
  const restart = found.flatMap((one) => one.restart);
  const update = found.flatMap((one) => one.update);
  const later = found.flatMap((one) => one.later);
  if (state === "waiting") {
    // What it starts with is decided when it starts.
    const reasons = [...restart, ...update];
    if (forced) return { service: name, action: "started", reasons };
    return reasons.length === 0 ? null : { service: name, action: "updated", reasons };
  }
  // Where it isn't ready, it is judged by another probe from its next start on.
  const unready = state === "starting" || state === "restarting";
  const probe = unready ? update.filter((reason) => reason === "ready changed") : [];
  if (OVER.test(state)) return { service: name, action: "started", reasons: [`was ${state}`, ...restart, ...update] };
  if (forced || restart.length + probe.length > 0)
    return { service: name, action: "restarted", reasons: [...restart, ...update] };
  if (update.length > 0) return { service: name, action: "updated", reasons: update };
  return later.length > 0 ? { service: name, action: "kept", reasons: later } : null;
}

/** One that has never started is judged by what its plan says. */
function unstarted(service: PlannedService): StartedWith {
  return { env: { ...service.fileEnv, ...service.env }, files: new Map() };
}

/** A box is wired to its edges when it starts. */
function boxDifference(before: Plan, after: Plan, service: PlannedService): Difference {
  const wires = ({ edges }: Plan) =>
    edges.filter(({ from }) => from === service.name).map(({ id, address }) => `${id} ${address.host} ${address.port}`);
  const rewired = bindPolicy(service) === "box" && wires(before).join() !== wires(after).join();
  return { restart: rewired ? ["addresses of its edges changed"] : [], update: [], later: [] };
}

/** The environment that a service would start with now. */
async function envOf(running: Running, plan: Plan, service: PlannedService): Promise<Record<string, string> | Fault> {
  const { state, baseEnv, welcome } = running;
  const doorPort = welcome?.port ?? 0;
  const told = await serviceEnv(plan, service, {
    ...{ names: namesOf(running, plan, service), doorPort, state, baseEnv, namesResolve: await localNamesResolve() },
    doorUrl: (other) => doorUrlOf(namesOf(running, plan, { name: other }), doorPort),
    ...telemetryFor(running, service),
  });
  return isFault(told) ? told : told.env;
}

/** Its names at the door; under a new base those that it is likely to get. */
function namesOf(
  { plan: before, welcome }: Running,
  plan: Plan,
  { name }: Pick<PlannedService, "name">,
): readonly string[] {
  const base = baseName(plan);
  const known = base === baseName(before) ? welcome?.names[name] : undefined;
  return known ?? [plan.single ? `${base}.localhost` : `${name}.${base}.localhost`];
}
