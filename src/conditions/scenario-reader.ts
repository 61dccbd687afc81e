import { type Fault, isFault } from "../fault/fault.ts";
import { didYouMean } from "../fault/spelling.ts";
import { type Condition, kindOf } from "./conditions.ts";
import { readGiven } from "./given.ts";
import { invalid, shown } from "./kinds/parse.ts";
import type { Profile } from "./profiles.ts";

/** The most steps that a scenario has: more (a week in steps of a second) are taken for a typing mistake. */
export const STEPS_MOST = 100_000;
/** A month, ms. */
const LENGTH_MOST = 31 * 86_400_000;
const DEPTH_MOST = 20;
const RAMP_STEP_MS = 250;

/** A checked part, with its conditions read. */
export type ReadPart = Hold | Ramp | Repeat | RandomFaults;

interface Hold extends Place {
  readonly shape: "hold";
  readonly length: number;
  readonly conditions: readonly Condition[];
}

export interface Ramp extends Place {
  readonly shape: "ramp";
  readonly length: number;
  readonly from: readonly Condition[];
  readonly to: readonly Condition[];
  readonly steps: number;
}

export interface Repeat extends Place {
  readonly shape: "repeat";
  readonly times: number;
  readonly parts: readonly ReadPart[];
}

export interface RandomFaults extends Place {
  readonly shape: "faults";
  readonly length: number;
  readonly base: readonly Condition[];
  readonly faults: readonly (readonly Condition[])[];
  readonly perMinute: number;
  readonly lasting: number;
}

interface Place {
  /** `part 2, part 1`. */
  readonly place: string;
}

/** The keys of each shape. The first one that a part has of the last three shapes' own keys tells its shape. */
const KEYS = {
  hold: ["for", "conditions"],
  ramp: ["for", "from", "to", "steps"],
  repeat: ["repeat", "parts"],
  faults: ["for", "base", "faults", "perMinute", "lasting"],
} as const;

type Shape = keyof typeof KEYS;
type Value = Readonly<Record<string, unknown>>;

/** What all readers of parts share. */
interface Reading {
  readonly own: readonly Profile[];
  readonly depth: number;
}

/** Reads a scenario's parts, whatever the value is. Faults: CONDITION_INVALID, which names the part and what is wrong with it. */
export function readScenario(scenario: unknown, own: readonly Profile[]): readonly ReadPart[] | Fault {
  if (!isObject(scenario))
    return invalid(`a scenario must be an object such as { parts: […] }, not ${shown(scenario)}`);
  const { name, parts } = scenario;
  if (name !== undefined && typeof name !== "string")
    return invalid(`a scenario's name must be a text, not ${shown(name)}`);
  const title = name === undefined || name === "" ? "scenario" : `scenario ${name},`;
  const unknown = Object.keys(scenario).find((key) => key !== "name" && key !== "parts");
  if (unknown !== undefined) {
    return invalid(`${title} has no ${unknown}${didYouMean(unknown, ["name", "parts"])}: it takes name and parts`);
  }
  const read = readParts(parts, "", { own, depth: 0 });
  return isFault(read) ? { ...read, message: `${title} ${read.message}` } : read;
}

function readParts(parts: unknown, within: string, reading: Reading): readonly ReadPart[] | Fault {
  const where = within === "" ? "" : `${within}: `;
  if (!Array.isArray(parts)) return invalid(`${where}parts must be a list, not ${shown(parts)}`);
  if (parts.length === 0) return invalid(`${where}parts must list at least one part`);
  if (reading.depth >= DEPTH_MOST) return invalid(`${where}parts stand at most ${DEPTH_MOST} deep in each other`);
  const all: ReadPart[] = [];
  // By number: a list with holes has undefined there.
  for (let n = 0; n < parts.length; n++) {
    const place = `${within === "" ? "" : `${within}, `}part ${n + 1}`;
    const part = readPart(parts[n], place, reading);
    if (typeof part === "string") return invalid(`${place}: ${part}`);
    if (isFault(part)) return part.message.startsWith(place) ? part : { ...part, message: `${place}: ${part.message}` };
    all.push(part);
  }
  return all;
}

/** Returns a text where this part itself is wrong; a fault is of a part within it. */
function readPart(value: unknown, place: string, reading: Reading): ReadPart | string | Fault {
  if (!isObject(value)) return `must be an object such as { for: 1000, conditions: "slow-3g" }, not ${shown(value)}`;
  const shape = shapeOf(value);
  const keys: readonly string[] = KEYS[shape];
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown !== undefined) return `takes ${keys.join(", ")}, not ${unknown}${didYouMean(unknown, keys)}`;
  if (shape === "repeat") return readRepeat(value, place, reading);
  const { for: length } = value;
  if (!isPositive(length) || length > LENGTH_MOST) {
    return `for must be a time in ms above 0, at most ${LENGTH_MOST}, not ${shown(length)}`;
  }
  if (shape === "ramp") return readRamp(value, length, place, reading);
  if (shape === "faults") return readFaults(value, length, place, reading);
  const conditions = readConditions(value, "conditions", reading);
  return isFault(conditions) ? conditions : { shape, place, length, conditions };
}

function shapeOf(value: Value): Shape {
  for (const shape of ["repeat", "faults", "ramp"] as const) {
    if (KEYS[shape].some((key) => key !== "for" && Object.hasOwn(value, key))) return shape;
  }
  return "hold";
}

function readRepeat({ repeat, parts }: Value, place: string, reading: Reading): Repeat | string | Fault {
  if (!isCount(repeat, 1)) return `repeat must be a whole number from 1 on, not ${shown(repeat)}`;
  const read = readParts(parts, place, { ...reading, depth: reading.depth + 1 });
  return isFault(read) ? read : { shape: "repeat", place, times: repeat, parts: read };
}

function readRamp(value: Value, length: number, place: string, reading: Reading): Ramp | string | Fault {
  const { steps = Math.max(2, Math.min(STEPS_MOST, Math.round(length / RAMP_STEP_MS))) } = value;
  const from = readConditions(value, "from", reading);
  if (isFault(from)) return from;
  const to = readConditions(value, "to", reading);
  if (isFault(to)) return to;
  if (!isCount(steps, 2) || steps > STEPS_MOST)
    return `steps must be a whole number from 2 to ${STEPS_MOST}, not ${shown(steps)}`;
  return rampProblem(from, to) ?? { shape: "ramp", place, length, from, to, steps };
}

function readFaults(value: Value, length: number, place: string, reading: Reading): RandomFaults | string | Fault {
  const { faults, perMinute, lasting } = value;
  const base = value.base === undefined ? [] : readConditions(value, "base", reading);
  if (isFault(base)) return base;
  if (!Array.isArray(faults)) return `faults must be a list of conditions, such as ["offline"], not ${shown(faults)}`;
  if (faults.length === 0) return "faults must list at least one";
  const choices: (readonly Condition[])[] = [];
  for (let n = 0; n < faults.length; n++) {
    const choice = readGiven(faults[n], reading.own);
    if (isFault(choice)) return { ...choice, message: `fault ${n + 1}: ${choice.message}` };
    choices.push(choice.conditions);
  }
  if (!isPositive(perMinute)) return `perMinute must be a number above 0, not ${shown(perMinute)}`;
  if (!isPositive(lasting)) return `lasting must be a time in ms above 0, not ${shown(lasting)}`;
  return { shape: "faults", place, length, base, faults: choices, perMinute, lasting };
}

function readConditions(value: Value, key: string, { own }: Reading): readonly Condition[] | Fault {
  const given = readGiven(value[key], own);
  if (!isFault(given)) return given.conditions;
  // A part has one list of conditions, or two ends.
  return key === "conditions" ? given : { ...given, message: `${key}: ${given.message}` };
}

/** What can't change step by step; null: all of it can. */
function rampProblem(from: readonly Condition[], to: readonly Condition[]): string | null {
  if (from.length !== to.length || from.some(({ kind }, n) => kind !== to[n]?.kind)) {
    return "a ramp needs the same kinds of conditions in the same order at both ends";
  }
  for (const [n, low] of from.entries()) {
    const start: Value = { ...low };
    const end: Value = { ...to[n] };
    for (const key of ["direction", "name", ...Object.keys(kindOf(low).fields)]) {
      if (typeof start[key] === "number" && typeof end[key] === "number") continue;
      if (JSON.stringify(start[key]) === JSON.stringify(end[key])) continue;
      return `a ramp changes numbers only, and ${key} of ${low.kind} is ${shown(start[key])} at its start and ${shown(end[key])} at its end`;
    }
  }
  return null;
}

function isObject(value: unknown): value is Value {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPositive(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}

function isCount(value: unknown, least: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= least;
}
