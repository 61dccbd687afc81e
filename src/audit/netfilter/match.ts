import { type Network, networkOf, numberOf } from "../../address/network.ts";
import { holdsAddress } from "./address-set.ts";
import { ABSENT, fieldOf, type Packet, UNKNOWN, type Value } from "./packet.ts";
import { type Chain, field, type Ruleset, setKey } from "./ruleset.ts";

/** Whether a match holds; null where that can't be told. */
export type Holds = boolean | null;

/** Whether `left op right` holds for a packet. */
export function holds(match: unknown, packet: Packet, chain: Chain, ruleset: Ruleset): Holds {
  const value = fieldOf(field(match, "left"), packet);
  if (value === ABSENT) return false;
  // `fib … oif missing`, `exthdr exists`: the right side is a truth value.
  const right = field(match, "right");
  const op = field(match, "op") ?? "==";
  if (typeof right === "boolean") return value === UNKNOWN ? null : op === "!=" ? !right : right;
  if (op === "<" || op === ">" || op === "<=" || op === ">=") return compares(op, value, right);
  const same = isIn(value, right, chain, ruleset);
  return op === "!=" && same !== null ? !same : same;
}

/** Whether a value is one of those that an expression stands for. */
function isIn(value: Value, right: unknown, chain: Chain, ruleset: Ruleset): Holds {
  if (typeof right === "string" && right.startsWith("@")) {
    const elements = ruleset.sets.get(setKey(chain, right.slice(1)));
    return elements === undefined ? null : isInSet(value, elements);
  }
  const set = field(right, "set");
  if (Array.isArray(set)) return anyOf(set.map((one) => equals(value, elementOf(one))));
  // Flags: `ct state established,related`.
  if (Array.isArray(right) && !Array.isArray(value)) return anyOf(right.map((one) => equals(value, one)));
  return equals(value, right);
}

function isInSet(value: Value, elements: readonly unknown[]): Holds {
  const number = typeof value === "string" ? numberIn(value) : null;
  const found = number === null ? null : holdsAddress(elements, number);
  return found ?? anyOf(elements.map((one) => equals(value, elementOf(one))));
}

/** The value that a map has for another; undefined when it has none, null when that can't be told. */
export function lookedUp(value: Value, data: unknown, chain: Chain, ruleset: Ruleset): unknown {
  if (value === ABSENT) return undefined;
  const given =
    typeof data === "string" && data.startsWith("@")
      ? ruleset.sets.get(setKey(chain, data.slice(1)))
      : field(data, "set");
  if (!Array.isArray(given)) return null;
  let unsure = false;
  for (const pair of given) {
    const [key, result] = Array.isArray(pair) ? pair : [undefined, undefined];
    const same = equals(value, elementOf(key));
    if (same === true) return result;
    if (same === null) unsure = true;
  }
  return unsure ? null : undefined;
}

/** An element may carry a timeout, a counter or a comment. */
export function elementOf(element: unknown): unknown {
  return field(field(element, "elem"), "val") ?? element;
}

function equals(value: Value, right: unknown): Holds {
  if (value === ABSENT) return false;
  if (right === "*") return true;
  if (value === UNKNOWN) return null;
  const parts = field(right, "concat");
  if (Array.isArray(parts)) {
    if (!Array.isArray(value) || value.length !== parts.length) return null;
    return allOf(parts.map((part, at) => equals(value[at] ?? ABSENT, part)));
  }
  if (typeof value === "object") return listEquals(value, right);
  const prefix = field(right, "prefix");
  if (typeof prefix === "object" && prefix !== null) return inPrefix(value, prefix);
  const range = field(right, "range");
  if (Array.isArray(range)) return allOf([compares(">=", value, range[0]), compares("<=", value, range[1])]);
  if (typeof right === "number" || typeof right === "string") return scalarEquals(value, right);
  return null;
}

/** Flags of a packet, or the name and number of an interface. */
function listEquals(value: readonly Value[], right: unknown): Holds {
  if (Array.isArray(right)) return right.length === value.length && right.every((one) => value.includes(one));
  const flags = field(right, "|");
  if (flags !== undefined) return false;
  return right === 0 ? value.length === 0 : anyOf(value.map((one) => equals(one, right)));
}

function scalarEquals(value: number | string, right: number | string): Holds {
  if (typeof value === "string" && typeof right === "string") {
    if (right.endsWith("*")) return value.startsWith(right.slice(0, -1));
    if (value === right) return true;
    const [a, b] = [numberIn(value), numberIn(right)];
    return a !== null && b !== null && a.family === b.family && a.value === b.value;
  }
  if (typeof value === "number") return value === Number(right);
  return PROTOCOLS.get(value) === right || value === String(right);
}

/** Numbers of what nft may print either way. */
const PROTOCOLS = new Map([
  ["tcp", 6],
  ["udp", 17],
  ["ip", 8],
  ["ip6", 0x86dd],
]);

function inPrefix(value: Value, prefix: object): Holds {
  const [address, length] = [field(prefix, "addr"), field(prefix, "len")];
  if (typeof value !== "string" || typeof address !== "string" || typeof length !== "number") return null;
  const number = numberIn(value);
  const network = networks.get(prefix) ?? networkOf(address, length);
  networks.set(prefix, network);
  return (
    number !== null && number.family === network.family && number.value >= network.from && number.value <= network.to
  );
}

/** Of prefixes that rules name, so that each is read once. */
const networks = new WeakMap<object, Network>();

/** Addresses that were asked about: some dozens, again and again. */
const numbers = new Map<string, ReturnType<typeof numberOf>>();
const MOST_NUMBERS = 10_000;

function numberIn(text: string): ReturnType<typeof numberOf> {
  let found = numbers.get(text);
  if (found === undefined) {
    if (numbers.size >= MOST_NUMBERS) numbers.clear();
    found = numberOf(text);
    numbers.set(text, found);
  }
  return found;
}

function compares(op: unknown, value: Value, right: unknown): Holds {
  const [a, b] = [ordered(value), ordered(right)];
  if (a === null || b === null) return null;
  switch (op) {
    case "<":
      return a < b;
    case ">":
      return a > b;
    case "<=":
      return a <= b;
    default:
      return a >= b;
  }
}

function ordered(value: unknown): bigint | null {
  if (typeof value === "number") return BigInt(value);
  return typeof value === "string" ? (numberIn(value)?.value ?? null) : null;
}

function anyOf(all: readonly Holds[]): Holds {
  return all.includes(true) ? true : all.includes(null) ? null : false;
}

function allOf(all: readonly Holds[]): Holds {
  return all.includes(false) ? false : all.includes(null) ? null : true;
}
