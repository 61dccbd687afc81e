import { type Fault, isFault } from "../fault/fault.ts";
import {
  type Condition,
  defaultOf,
  findKind,
  invalid,
  kindOf,
  PROBABILITY,
  parseCondition,
  unknownKey,
} from "./conditions.ts";
import type { ConditionBase } from "./kinds/condition.ts";
import { type Field, printField, readField } from "./kinds/field.ts";

const WAYS: readonly string[] = ["up", "down", "both"];

/**
 * Reads a condition as people write it: the kind, its main parameter, then options behind commas in any order.
 * `latency=200±50,normal,up`, `bandwidth=50KB/s,burst=10KB`, `loss=2%`, `loss,p=1%,r=20%`, `reset,probability=10%`.
 * `+-` stands for ±. Faults: CONDITION_INVALID.
 */
export function readCondition(text: string): Condition | Fault {
  const [head = "", ...options] = text.split(",").map((part) => part.trim());
  const [name = "", main] = halves(head, "=");
  const kind = findKind(name);
  if (isFault(kind)) return kind;
  const given: Record<string, unknown> = { kind: kind.kind };
  const fields = Object.entries(kind.fields);

  const set = (key: string, field: Field, value: string): Fault | null => {
    const read = readField(field, value);
    if (typeof read === "object" && "unfit" in read) return invalid(`${kind.kind}: ${key} ${read.unfit}`);
    given[key] = read;
    return null;
  };

  if (main !== undefined) {
    const [value = "", spread] = main.split(/±|\+-|\+\/-/);
    const wrong = setPlaced("main", value) ?? (spread === undefined ? null : setPlaced("spread", spread));
    if (wrong !== null) return wrong;
  }
  function setPlaced(place: "main" | "spread", value: string): Fault | null {
    const [key, field] = fields.find(([, candidate]) => candidate.place === place) ?? [];
    if (key === undefined || field === undefined) return invalid(`${name} takes no ${place === "main" ? "=" : "±"}`);
    return set(key, field, value);
  }

  for (const option of options) {
    const [key = "", value] = halves(option, "=");
    if (value === undefined) {
      const [word] = fields.find(([, field]) => field.type === "choice" && field.of.includes(key)) ?? [];
      if (WAYS.includes(key)) given.direction = key;
      else if (word !== undefined) given[word] = key;
      else return unknownKey(kind, key);
      continue;
    }
    if (key === "name" || key === "direction") given[key] = value;
    else {
      const field = key === "probability" ? PROBABILITY : kind.fields[key];
      if (field === undefined) return unknownKey(kind, key);
      const wrong = set(key, field, value);
      if (wrong !== null) return wrong;
    }
  }
  return parseCondition(given);
}

/** Reads conditions with white space between them. */
export function readConditions(text: string): readonly Condition[] | Fault {
  const all: Condition[] = [];
  for (const part of text.split(/\s+/).filter((one) => one !== "")) {
    const one = readCondition(part);
    if (isFault(one)) return one;
    all.push(one);
  }
  return all;
}

/** As people write it; what is as usual is left out. A table is only counted: it can't be read back. */
export function printCondition(condition: Condition): string {
  const kind = kindOf(condition);
  const values = condition as ConditionBase & Readonly<Record<string, unknown>>;
  let head: string = kind.kind;
  const options: string[] = [];
  for (const [key, field] of Object.entries(kind.fields)) {
    const { [key]: value } = values;
    const usual = value === undefined || value === defaultOf(field);
    if (field.place === "main" && value !== undefined && (!usual || "required" in field)) {
      head += `=${printField(field, value)}`;
    } else if (field.place === "spread" && !usual) head += `±${printField(field, value)}`;
    else if (!usual) options.push(field.type === "choice" ? String(value) : `${key}=${printField(field, value)}`);
  }
  if (condition.direction !== kind.direction) options.push(condition.direction);
  if (condition.probability !== 1) options.push(`probability=${printField(PROBABILITY, condition.probability)}`);
  if (condition.name !== undefined) options.push(`name=${condition.name}`);
  return [head, ...options].join(",");
}

/** `a=b=c` → a, b=c; without the sign: the whole, undefined. */
function halves(text: string, sign: string): [string, string | undefined] {
  const at = text.indexOf(sign);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
