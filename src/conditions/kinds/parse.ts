import { type Fault, fault } from "../../fault/fault.ts";
import { didYouMean } from "../../fault/spelling.ts";
import type { ConditionBase, ConditionKind, Direction } from "./condition.ts";
import { checkField, defaultOf, isWord, PROBABILITY } from "./field.ts";

const DIRECTIONS: readonly unknown[] = ["up", "down", "both"] satisfies Direction[];

/** Checks the parameters of a condition of this kind and fills in what was left out. Faults: CONDITION_INVALID. */
export function parseAs<C extends ConditionBase>(kind: ConditionKind<C>, value: unknown): C | Fault {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return invalid(`the parameters of ${kind.kind} must be an object, not ${shown(value)}`);
  }
  const {
    kind: named = kind.kind,
    direction,
    probability,
    name,
    ...given
  } = value as Readonly<Record<string, unknown>>;
  if (named !== kind.kind) return invalid(`${shown(named)} is no ${kind.kind}`);
  if (direction !== undefined && !DIRECTIONS.includes(direction)) {
    return invalid(`${kind.kind}: direction must be up, down or both, not ${shown(direction)}`);
  }
  if (name !== undefined && !isWord(name)) {
    return invalid(`${kind.kind}: name must be a text without white space and commas, not ${shown(name)}`);
  }
  const share = checkField(PROBABILITY, probability ?? 1);
  if (typeof share === "object" && "unfit" in share) return invalid(`${kind.kind}: probability ${share.unfit}`);
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(kind.fields, key));
  if (unknown !== undefined) return unknownKey(kind, unknown);
  const own = parseFields(kind, given);
  if (typeof own === "string") return invalid(own);
  const all: unknown = {
    kind: kind.kind,
    ...(name !== undefined && { name }),
    ...{ direction: direction ?? kind.direction, probability: share },
    ...own,
  };
  const condition = all as C;
  const wrong = kind.check?.(condition) ?? null;
  return wrong === null ? condition : invalid(`${kind.kind}: ${wrong}`);
}

/** The kind's own parameters, or what is wrong with one. */
function parseFields<C extends ConditionBase>(
  kind: ConditionKind<C>,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> | string {
  const parsed: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(kind.fields)) {
    const value = (Object.hasOwn(given, key) ? given[key] : undefined) ?? defaultOf(field);
    if (value === undefined) {
      if ("required" in field) return `${kind.kind} needs ${key} (${field.about})`;
      continue;
    }
    const checked = checkField(field, value);
    if (typeof checked === "object" && "unfit" in checked) return `${kind.kind}: ${key} ${checked.unfit}`;
    parsed[key] = checked;
  }
  return parsed;
}

export function unknownKey<C extends ConditionBase>(kind: ConditionKind<C>, key: string): Fault {
  const keys = Object.keys(kind.fields);
  const has = keys.length === 0 ? "none of its own; every condition has direction and probability" : keys.join(", ");
  const near = didYouMean(key, [...keys, "direction", "probability"]);
  return fault("CONDITION_INVALID", `${kind.kind} has no parameter ${key}${near}`, `it has: ${has}`);
}

export function invalid(message: string): Fault {
  return fault("CONDITION_INVALID", message, "for example latency=200±50, loss=2%, bandwidth=50KB/s");
}

/** A value that is not what was expected, for a message: short, whatever it is. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  return Array.isArray(value) ? "a list" : "an object";
}
