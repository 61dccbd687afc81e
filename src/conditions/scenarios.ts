import { type Fault, isFault } from "../fault/fault.ts";
import { type Condition, kindOf, parseCondition } from "./conditions.ts";
import type { ConditionsInput } from "./given.ts";
import { invalid } from "./kinds/parse.ts";
import type { Profile } from "./profiles.ts";
import {
  type Ramp,
  type RandomFaults,
  type ReadPart,
  type Repeat,
  readScenario,
  STEPS_MOST,
} from "./scenario-reader.ts";
import { type Random, randomFor } from "./time/random.ts";

/** One part of a scenario; the parts follow each other. Times are ms. */
type Part =
  /** These conditions, for this long. */
  | { readonly for: number; readonly conditions: ConditionsInput }
  /**
   * From one set to the other in `steps` (default: one per 250 ms) equal steps. Both have the same kinds in the same order, and
   * differ in numbers only.
   */
  | { readonly for: number; readonly from: ConditionsInput; readonly to: ConditionsInput; readonly steps?: number }
  /** The parts, this many times. */
  | { readonly repeat: number; readonly parts: readonly Part[] }
  /**
   * For this long: `base` (default: none) and, at random moments (a Poisson process, `perMinute` on average), one of the
   * `faults` in addition, for `lasting` ms.
   */
  | {
      readonly for: number;
      readonly base?: ConditionsInput;
      readonly faults: readonly ConditionsInput[];
      readonly perMinute: number;
      readonly lasting: number;
    };

/**
 * Conditions over time.
 *
 * @example
 * import { relay, type Scenario } from "cove";
 *
 * const commute: Scenario = {
 *   parts: [
 *     { for: 100, conditions: "slow-3g" },
 *     { repeat: 2, parts: [{ for: 20, conditions: "offline" }, { for: 50, conditions: [] }] },
 *     { for: 100, from: "latency=10", to: "latency=400", steps: 10 },
 *     { for: 100, base: "latency=40±10", faults: ["blackhole", "reset"], perMinute: 60, lasting: 20 },
 *   ],
 * };
 * await using edge = await relay({ to: 5432 });
 * await edge.play(commute);
 */
export interface Scenario {
  readonly name?: string;
  readonly parts: readonly Part[];
}

/** From `at`, ms since the start, these conditions hold. */
export interface Step {
  readonly at: number;
  readonly conditions: readonly Condition[];
}

/** A scenario's steps in order of time; the last one has no conditions and is the end. */
export type Timeline = readonly Step[];

interface Plan {
  readonly random: Random;
  readonly steps: Step[];
  /** Where the next step begins, ms. */
  at: number;
}

/**
 * Turns a scenario into its steps: a pure function of scenario and seed, so that a failure can be repeated. Any value that is
 * no scenario is a fault. Faults: CONDITION_INVALID, which names the part and what is wrong with it.
 */
export function planScenario(scenario: Scenario, seed: number, own: readonly Profile[] = []): Timeline | Fault {
  const parts = readScenario(scenario, own);
  if (isFault(parts)) return parts;
  const plan: Plan = { random: randomFor(seed, "scenario"), steps: [], at: 0 };
  const wrong = planParts(plan, parts);
  if (wrong !== null) {
    const title = scenario.name ? `scenario ${scenario.name},` : "scenario";
    return { ...wrong, message: `${title} ${wrong.message}` };
  }
  return [...plan.steps, { at: plan.at, conditions: [] }];
}

function planParts(plan: Plan, parts: readonly ReadPart[]): Fault | null {
  for (const part of parts) {
    const wrong = planPart(plan, part);
    if (wrong !== null) return wrong;
  }
  return null;
}

function planPart(plan: Plan, part: ReadPart): Fault | null {
  if (part.shape === "hold") return add(plan, part.conditions, part.length, part);
  if (part.shape === "ramp") return planRamp(plan, part);
  return part.shape === "repeat" ? planRepeat(plan, part) : planFaults(plan, part);
}

/** These conditions for `ms`. */
function add(plan: Plan, conditions: readonly Condition[], ms: number, { place }: ReadPart): Fault | null {
  if (plan.steps.length >= STEPS_MOST) return invalid(`${place}: a scenario has at most ${STEPS_MOST} steps`);
  plan.steps.push({ at: plan.at, conditions });
  plan.at += ms;
  return null;
}

function planRepeat(plan: Plan, { times, parts }: Repeat): Fault | null {
  for (let n = 0; n < times; n++) {
    const wrong = planParts(plan, parts);
    if (wrong !== null) return wrong;
  }
  return null;
}

function planRamp(plan: Plan, ramp: Ramp): Fault | null {
  const { from, to, steps, length, place } = ramp;
  for (let n = 0; n < steps; n++) {
    const between: Condition[] = [];
    for (const [index, low] of from.entries()) {
      const mixed = mix(low, to[index] ?? low, n / (steps - 1));
      if (isFault(mixed)) return { ...mixed, message: `${place}: ${mixed.message}` };
      between.push(mixed);
    }
    const wrong = add(plan, between, length / steps, ramp);
    if (wrong !== null) return wrong;
  }
  return null;
}

/** `base` alone and with a fault, in turn. No step goes beyond the part's end. */
function planFaults(plan: Plan, part: RandomFaults): Fault | null {
  const { base, faults, perMinute, lasting } = part;
  const end = plan.at + part.length;
  while (plan.at < end) {
    const calm = (-Math.log(1 - plan.random()) * 60_000) / perMinute;
    const wrong = add(plan, base, Math.min(calm, end - plan.at), part);
    if (wrong !== null) return wrong;
    if (plan.at >= end) break;
    const choice = faults[Math.floor(plan.random() * faults.length)] ?? [];
    const worse = add(plan, [...base, ...choice], Math.min(lasting, end - plan.at), part);
    if (worse !== null) return worse;
  }
  plan.at = end;
  return null;
}

/** Between two conditions of one kind that differ in numbers only. Bytes and counts are whole. */
function mix(from: Condition, to: Condition, share: number): Condition | Fault {
  const values: Record<string, unknown> = { ...from };
  const ends: Readonly<Record<string, unknown>> = { ...to };
  const fields = kindOf(from).fields;
  for (const key of ["probability", ...Object.keys(fields)]) {
    const { [key]: low } = values;
    const { [key]: high } = ends;
    if (typeof low !== "number" || typeof high !== "number") continue;
    const between = low + (high - low) * share;
    const type = fields[key]?.type;
    values[key] = type === "size" || type === "count" ? Math.round(between) : between;
  }
  return parseCondition(values);
}
