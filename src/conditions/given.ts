import { type Fault, isFault } from "../fault/fault.ts";
import { nearest } from "../fault/spelling.ts";
import { type Condition, KINDS, parseCondition } from "./conditions.ts";
import { invalid, shown } from "./kinds/parse.ts";
import { findProfile, type Profile } from "./profiles.ts";
import { printCondition, readCondition } from "./text.ts";

/**
 * Conditions as people give them: a text of conditions and profiles' names with spaces between (`latency=200±50 loss=2%`,
 * `slow-3g`), or a list of such texts and of conditions as data. This is what the command line, a config, a scenario and
 * `relay()` take.
 */
export type ConditionsInput = string | readonly (string | Condition | Readonly<Record<string, unknown>>)[];

/** Conditions as someone asked for them. */
export interface Given {
  readonly conditions: readonly Condition[];
  /** The profile's name, where all of it is one. */
  readonly profile: string | null;
  /** As people write them: `latency=200±50 loss=2%`. */
  readonly text: string;
}

/**
 * The one reader of ConditionsInput; any other value is a fault, too. `own` are the profiles of the config, which come before
 * the presets and the kinds. Faults: CONDITION_INVALID, with the nearest name, and the place in a list.
 */
export function readGiven(value: unknown, own: readonly Profile[] = []): Given | Fault {
  if (typeof value !== "string" && !Array.isArray(value)) {
    return invalid(`conditions must be a text or a list, not ${shown(value)}`);
  }
  const items: readonly unknown[] = typeof value === "string" ? [value] : value;
  const conditions: Condition[] = [];
  for (const [n, item] of items.entries()) {
    const read = readItem(item, own);
    if (isFault(read)) return items.length === 1 ? read : { ...read, message: `condition ${n + 1}: ${read.message}` };
    conditions.push(...read);
  }
  const [only] = items;
  const profile = items.length === 1 && typeof only === "string" ? profileNamed(only.trim(), own) : null;
  return { conditions, profile: profile?.name ?? null, text: conditions.map(printCondition).join(" ") };
}

/** A profile of the config. Its conditions may name presets. Faults: CONDITION_INVALID. */
export function parseProfile(name: string, conditions: unknown): Profile | Fault {
  const given = readGiven(conditions);
  if (isFault(given)) return { ...given, message: `profile ${name}: ${given.message}` };
  return { name, source: "your own", conditions: given.conditions };
}

function readItem(item: unknown, own: readonly Profile[]): readonly Condition[] | Fault {
  if (typeof item !== "string") {
    const condition = parseCondition(item);
    return isFault(condition) ? condition : [condition];
  }
  const text = item.trim();
  const whole = profileNamed(text, own);
  if (whole !== null) return whole.conditions;
  const all: Condition[] = [];
  for (const word of text.split(/\s+/).filter((one) => one !== "")) {
    const read = readWord(word, own);
    if (isFault(read)) return read;
    all.push(...read);
  }
  return all;
}

/** A profile's name or a condition. */
function readWord(word: string, own: readonly Profile[]): readonly Condition[] | Fault {
  const profile = findProfile(word, own);
  if (!isFault(profile)) return profile.conditions;
  const condition = readCondition(word);
  if (!isFault(condition)) return [condition];
  const kinds = Object.keys(KINDS);
  // A word that is neither is taken for a misspelt profile, unless it is nearer to a kind's name.
  const plain = /^[a-z0-9][a-z0-9-]*$/i.test(word) && !kinds.includes(word);
  return plain && (nearest(word, kinds) === null || profile.hint?.startsWith("did you mean")) ? profile : condition;
}

function profileNamed(name: string, own: readonly Profile[]): Profile | null {
  const found = findProfile(name, own);
  return isFault(found) ? null : found;
}
