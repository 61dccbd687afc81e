import { type Fault, isFault } from "../fault/fault.ts";
import { type Condition, findKind, kindOf } from "./conditions.ts";
import type { ConditionBase, ConditionKind } from "./kinds/condition.ts";
import { defaultOf, type Field, isWord, PROBABILITY, printField, readField } from "./kinds/field.ts";
import { invalid, parseAs, unknownKey } from "./kinds/parse.ts";

const WAYS: readonly string[] = ["up", "down", "both"];
const SPREAD = /±|\+-|\+\/-/;

/**
 * Reads a condition as people write it: the kind, its main parameter, then options in any order, each after a comma.
 * `latency=200±50,normal,up`, `bandwidth=50KB/s,burst=10KB`, `loss=2%`, `loss,p=1%,r=20%`, `reset,probability=10%`.
 * `+-` stands for ±. Faults: CONDITION_INVALID.
 */
export function readCondition(text: string): Condition | Fault {
  const [head = "", ...options] = text.split(",").map((part) => part.trim());
  const [name = "", main] = halves(head);
  const kind = findKind(name);
  if (isFault(kind)) return kind;
  const given = new Map<string, unknown>();
  const wrong = main === undefined ? null : readMain(kind, main, given);
  if (wrong !== null) return wrong;
  for (const option of options) {
    const wrongOption = readOption(kind, option, given);
    if (wrongOption !== null) return wrongOption;
  }
  return parseAs(kind, Object.fromEntries(given));
}

/** What follows the kind: `200` or `200±50`. */
function readMain(kind: ConditionKind<Condition>, text: string, given: Map<string, unknown>): Fault | null {
  const fields = Object.entries(kind.fields);
  const [value = "", spread, ...more] = text.split(SPREAD);
  if (more.length > 0) return invalid(`${kind.kind} takes one ±`);
  for (const [place, written] of [["main", value] as const, ["spread", spread] as const]) {
    if (written === undefined) continue;
    const [key, field] = fields.find(([, candidate]) => candidate.place === place) ?? [];
    if (key === undefined || field === undefined) {
      return invalid(`${kind.kind} takes no ${place === "main" ? "=" : "±"}`);
    }
    const wrong = readValue(kind, key, field, written, given);
    if (wrong !== null) return wrong;
  }
  return null;
}

/** `up`, `normal`, `burst=10KB`. */
function readOption(kind: ConditionKind<Condition>, text: string, given: Map<string, unknown>): Fault | null {
  const [word, value] = halves(text);
  if (value === undefined) {
    const chosen = Object.entries(kind.fields).find(([, field]) => field.type === "choice" && field.of.includes(word));
    const key = WAYS.includes(word) ? "direction" : chosen?.[0];
    return key === undefined ? unknownKey(kind, word) : put(kind, key, word, given);
  }
  if (word === "name" || word === "direction") return put(kind, word, value, given);
  if (word === "probability") return readValue(kind, word, PROBABILITY, value, given);
  const field = Object.hasOwn(kind.fields, word) ? kind.fields[word] : undefined;
  return field === undefined ? unknownKey(kind, word) : readValue(kind, word, field, value, given);
}

function readValue(
  kind: ConditionKind<Condition>,
  key: string,
  field: Field,
  text: string,
  given: Map<string, unknown>,
): Fault | null {
  const read = readField(field, text);
  if (typeof read === "object" && "unfit" in read) return invalid(`${kind.kind}: ${key} ${read.unfit}`);
  return put(kind, key, read, given);
}

function put(kind: ConditionKind<Condition>, key: string, value: unknown, given: Map<string, unknown>): Fault | null {
  if (given.has(key)) return invalid(`${kind.kind}: ${key} is given twice`);
  given.set(key, value);
  return null;
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

/**
 * A condition as people write it, without parameters that have their default value. Numbers are rounded for reading: to µs, to
 * whole bytes from 1 KB on, else to four digits at least. readCondition takes it back, and prints the same again. Two things
 * can't be read back: a table, of which only the length is written, and a name of more than one word, which only a Toxiproxy
 * client can set.
 */
export function printCondition(condition: Condition): string {
  const kind = kindOf(condition);
  const values = condition as ConditionBase & Readonly<Record<string, unknown>>;
  let head: string = kind.kind;
  const options: string[] = [];
  for (const [key, field] of Object.entries(kind.fields)) {
    const { [key]: value } = values;
    const fallback = defaultOf(field);
    // Compared as printed: a value that prints like the default would be read back as the default.
    const usual =
      value === undefined || (fallback !== undefined && printField(field, value) === printField(field, fallback));
    if (field.place === "main" && value !== undefined && (!usual || "required" in field)) {
      head += `=${printField(field, value)}`;
    } else if (usual) continue;
    // Without the main parameter there is no place for a ±.
    else if (field.place === "spread" && head !== kind.kind) head += `±${printField(field, value)}`;
    else options.push(field.type === "choice" ? String(value) : `${key}=${printField(field, value)}`);
  }
  if (condition.direction !== kind.direction) options.push(condition.direction);
  const probability = printField(PROBABILITY, condition.probability);
  if (probability !== printField(PROBABILITY, 1)) options.push(`probability=${probability}`);
  if (isWord(condition.name)) options.push(`name=${condition.name}`);
  return [head, ...options].join(",");
}

/** `a=b=c` → a, b=c; without the sign: the whole, undefined. */
function halves(text: string): readonly [string, string | undefined] {
  const at = text.indexOf("=");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
