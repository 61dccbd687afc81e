import { type Fault, isFault } from "../fault/fault.ts";
import { type Condition, invalid, kindOf, parseCondition } from "./conditions.ts";
import { findProfile, type Profile, parseProfile } from "./profiles.ts";
import { randomFor } from "./time/random.ts";

/** Conditions as people give them: a profile's name, texts, or data. */
type Conditions = string | readonly (string | Readonly<Record<string, unknown>>)[];

/** One part of a scenario; the parts follow each other. Times are ms. */
type Part =
  /** These conditions for so long. */
  | { readonly for: number; readonly conditions: Conditions }
  /** From one set to the other in `steps` (default: one per 250 ms) equal steps; both have the same kinds in one order. */
  | { readonly for: number; readonly from: Conditions; readonly to: Conditions; readonly steps?: number }
  /** The parts so many times. */
  | { readonly repeat: number; readonly parts: readonly Part[] }
  /**
   * So long, `base` (default: none) and at random moments, `perMinute` on average (a Poisson process), one of the `faults`
   * beside it for `lasting` ms.
   */
  | {
      readonly for: number;
      readonly base?: Conditions;
      readonly faults: readonly Conditions[];
      readonly perMinute: number;
      readonly lasting: number;
    };

export interface Scenario {
  readonly name?: string;
  readonly parts: readonly Part[];
}

/** From `at`, ms since the start, these conditions hold. */
export interface Step {
  readonly at: number;
  readonly conditions: readonly Condition[];
}

/** What a scenario comes to: in order of time; the last step has no conditions and is its end. */
export type Timeline = readonly Step[];

/** A week in steps of a second would be a slip of the pen. */
const STEPS_MOST = 100_000;
const RAMP_STEP_MS = 250;

/**
 * Turns a scenario into its steps: a pure function of scenario and seed, so that a bad minute can be had again.
 * Faults: CONDITION_INVALID, which names the part.
 */
export function planScenario(scenario: Scenario, seed: number, own: readonly Profile[] = []): Timeline | Fault {
  const random = randomFor(seed, "scenario");
  const steps: Step[] = [];
  let at = 0;

  function resolve(given: Conditions): readonly Condition[] | Fault {
    const named = typeof given === "string" && !given.includes("=") ? findProfile(given, own) : null;
    // A single word may be a profile or a kind without parameters: `offline`, `refuse`.
    const profile = named === null || isFault(named) ? parseProfile("of the scenario", given) : named;
    if (isFault(profile)) return isFault(named) ? named : profile;
    return profile.conditions;
  }

  function add(conditions: readonly Condition[], ms: number): Fault | null {
    if (steps.length >= STEPS_MOST) return invalid(`a scenario has at most ${STEPS_MOST} steps`);
    steps.push({ at, conditions });
    at += ms;
    return null;
  }

  function walk(parts: readonly Part[], where: string): Fault | null {
    if (!Array.isArray(parts)) return invalid(`${where}parts must be a list`);
    for (const [n, part] of parts.entries()) {
      const place = `${where}part ${n + 1}`;
      const wrong = one(part, place);
      if (wrong !== null)
        return wrong.message.startsWith(`${where}part`) ? wrong : { ...wrong, message: `${place}: ${wrong.message}` };
    }
    return null;
  }

  function one(part: Part, place: string): Fault | null {
    if ("repeat" in part) {
      if (!Number.isInteger(part.repeat) || part.repeat < 1) return invalid("repeat must be a whole number from 1 on");
      for (let n = 0; n < part.repeat; n++) {
        const wrong = walk(part.parts, `${place}, `);
        if (wrong !== null) return wrong;
      }
      return null;
    }
    if (!(Number.isFinite(part.for) && part.for > 0)) return invalid("for must be a time in ms above 0");
    if ("faults" in part) return faults(part);
    if ("from" in part) return ramp(part);
    const conditions = resolve(part.conditions);
    return isFault(conditions) ? conditions : add(conditions, part.for);
  }

  function ramp(part: Extract<Part, { from: unknown }>): Fault | null {
    const from = resolve(part.from);
    if (isFault(from)) return from;
    const to = resolve(part.to);
    if (isFault(to)) return to;
    const { steps: count = Math.max(2, Math.round(part.for / RAMP_STEP_MS)) } = part;
    if (!Number.isInteger(count) || count < 2) return invalid("steps must be a whole number from 2 on");
    if (from.length !== to.length || from.some(({ kind }, n) => kind !== to[n]?.kind)) {
      return invalid("a ramp needs the same kinds of conditions in the same order at both ends");
    }
    for (let n = 0; n < count; n++) {
      const between: Condition[] = [];
      for (const [index, low] of from.entries()) {
        const mixed = mix(low, to[index] ?? low, n / (count - 1));
        if (isFault(mixed)) return mixed;
        between.push(mixed);
      }
      const wrong = add(between, part.for / count);
      if (wrong !== null) return wrong;
    }
    return null;
  }

  function faults(part: Extract<Part, { faults: unknown }>): Fault | null {
    const base = resolve(part.base ?? []);
    if (isFault(base)) return base;
    const choices: (readonly Condition[])[] = [];
    for (const given of part.faults) {
      const choice = resolve(given);
      if (isFault(choice)) return choice;
      choices.push(choice);
    }
    if (choices.length === 0) return invalid("faults must list at least one");
    if (!(part.perMinute > 0 && part.lasting > 0)) return invalid("perMinute and lasting must be above 0");
    const end = at + part.for;
    while (at < end) {
      const calm = (-Math.log(1 - random()) * 60_000) / part.perMinute;
      const wrong = add(base, Math.min(calm, end - at));
      if (wrong !== null) return wrong;
      if (at >= end) break;
      const choice = choices[Math.floor(random() * choices.length)] ?? [];
      const worse = add([...base, ...choice], Math.min(part.lasting, end - at));
      if (worse !== null) return worse;
    }
    at = end;
    return null;
  }

  const wrong = walk(scenario.parts, "");
  if (wrong !== null)
    return { ...wrong, message: `scenario ${scenario.name ?? ""}${scenario.name ? ", " : ""}${wrong.message}` };
  return [...steps, { at, conditions: [] }];
}

/** Between two conditions of one kind: every number that both have; all else is the first's. */
function mix(from: Condition, to: Condition, share: number): Condition | Fault {
  const values: Record<string, unknown> = { ...from };
  const ends: Readonly<Record<string, unknown>> = { ...to };
  for (const key of ["probability", ...Object.keys(kindOf(from).fields)]) {
    const { [key]: low } = values;
    const { [key]: high } = ends;
    if (typeof low === "number" && typeof high === "number") values[key] = low + (high - low) * share;
  }
  return parseCondition(values);
}
