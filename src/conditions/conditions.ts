import { type Fault, fault, isFault } from "../fault/fault.ts";
import { nearest } from "../fault/spelling.ts";
import type { ConditionKind } from "./kinds/condition.ts";
import { invalid, parseAs, shown } from "./kinds/parse.ts";
import * as list from "./list.ts";

/** One way in which a network misbehaves, complete: parseCondition and the constructors fill in what was left out. */
export type Condition = ReturnType<(typeof list)[keyof typeof list]>;

type Kinds = { readonly [K in Condition["kind"]]: ConditionKind<Extract<Condition, { kind: K }>> };

/** Every kind by its name: those about bytes first, then those about HTTP, each in alphabetical order. */
export const KINDS = Object.fromEntries(
  Object.values(list)
    .toSorted((a, b) => Number(a.harm !== undefined) - Number(b.harm !== undefined) || (a.kind < b.kind ? -1 : 1))
    .map((kind) => [kind.kind, kind]),
) as unknown as Kinds;

/** The kind of a condition, for code that treats all alike. */
export function kindOf(condition: Condition): ConditionKind<Condition> {
  return KINDS[condition.kind] as unknown as ConditionKind<Condition>;
}

/** Whether it needs to know HTTP's messages; the others are about bytes. */
export function isAboutHttp(condition: Condition): boolean {
  return kindOf(condition).harm !== undefined;
}

/** Checks a condition that came as data and fills in what was left out. Faults: CONDITION_INVALID. */
export function parseCondition(value: unknown): Condition | Fault {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return invalid(`a condition must be an object such as { kind: "latency", ms: 200 }, not ${shown(value)}`);
  }
  const kind = findKind("kind" in value ? value.kind : undefined);
  return isFault(kind) ? kind : parseAs(kind, value);
}

/** The kind of that name. Faults: CONDITION_INVALID, with the nearest name. */
export function findKind(name: unknown): ConditionKind<Condition> | Fault {
  if (typeof name === "string" && Object.hasOwn(KINDS, name)) {
    return KINDS[name as Condition["kind"]] as unknown as ConditionKind<Condition>;
  }
  const names = Object.keys(KINDS);
  const near = typeof name === "string" ? nearest(name, names) : null;
  const hint = near === null ? `kinds: ${names.join(", ")}` : `did you mean ${near}?`;
  return fault("CONDITION_INVALID", `there is no condition ${shown(name)}`, hint);
}
