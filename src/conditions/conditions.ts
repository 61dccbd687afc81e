import { type Fault, fault, isFault } from "../fault/fault.ts";
import { nearest } from "../fault/spelling.ts";
import { type Bandwidth, bandwidth } from "./kinds/bandwidth.ts";
import { type Blackhole, blackhole } from "./kinds/blackhole.ts";
import type { ConditionKind, Direction } from "./kinds/condition.ts";
import { checkField, type Field } from "./kinds/field.ts";
import { type HttpAbort, httpAbort } from "./kinds/http-abort.ts";
import { type HttpCorrupt, httpCorrupt } from "./kinds/http-corrupt.ts";
import { type HttpDrop, httpDrop } from "./kinds/http-drop.ts";
import { type HttpSlow, httpSlow } from "./kinds/http-slow.ts";
import { type HttpStatus, httpStatus } from "./kinds/http-status.ts";
import { type HttpTruncate, httpTruncate } from "./kinds/http-truncate.ts";
import { type Latency, latency } from "./kinds/latency.ts";
import { type Limit, limit } from "./kinds/limit.ts";
import { loss } from "./kinds/loss/loss.ts";
import type { Loss } from "./kinds/loss/loss-model.ts";
import { type Open, open } from "./kinds/open.ts";
import { type Refuse, refuse } from "./kinds/refuse.ts";
import { type Reset, reset } from "./kinds/reset.ts";
import { type Slice, slice } from "./kinds/slice.ts";
import { type SlowClose, slowClose } from "./kinds/slow-close.ts";
import { type Timeout, timeout } from "./kinds/timeout.ts";
import { type WsDrop, wsDrop } from "./kinds/ws-drop.ts";

/** One way in which a network misbehaves, complete: parseCondition fills in what was left out. */
export type Condition =
  | Latency
  | Bandwidth
  | Loss
  | Open
  | Refuse
  | Blackhole
  | Slice
  | Limit
  | Timeout
  | SlowClose
  | Reset
  | HttpStatus
  | HttpDrop
  | HttpAbort
  | HttpTruncate
  | HttpSlow
  | HttpCorrupt
  | WsDrop;

type Kinds = { readonly [K in Condition["kind"]]: ConditionKind<Extract<Condition, { kind: K }>> };

/** Every kind. The only list: checks, texts and the relay go by it. */
export const KINDS: Kinds = {
  latency,
  bandwidth,
  loss,
  open,
  refuse,
  blackhole,
  slice,
  limit,
  timeout,
  "slow-close": slowClose,
  reset,
  "http-status": httpStatus,
  "http-drop": httpDrop,
  "http-abort": httpAbort,
  "http-truncate": httpTruncate,
  "http-slow": httpSlow,
  "http-corrupt": httpCorrupt,
  "ws-drop": wsDrop,
};

/** The kind of a condition, for those who treat all alike. */
export function kindOf(condition: Condition): ConditionKind<Condition> {
  return KINDS[condition.kind] as unknown as ConditionKind<Condition>;
}

/** Whether it needs to know HTTP's messages; the others are about bytes. */
export function isAboutHttp(condition: Condition): boolean {
  return kindOf(condition).harm !== undefined;
}

const DIRECTIONS: readonly unknown[] = ["up", "down", "both"] satisfies Direction[];
/** The parameters that every kind has. */
export const PROBABILITY: Field = { type: "share", default: 1, about: "share of connections, or of requests" };

/** Checks a condition that came as data and fills in what was left out. Faults: CONDITION_INVALID. */
export function parseCondition(value: unknown): Condition | Fault {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return invalid(`a condition must be an object such as { kind: "latency", ms: 200 }, not ${JSON.stringify(value)}`);
  }
  const { kind: name, direction, probability = 1, name: label, ...given } = value as Readonly<Record<string, unknown>>;
  const kind = findKind(name);
  if (isFault(kind)) return kind;
  if (direction !== undefined && !DIRECTIONS.includes(direction)) {
    return invalid(`${kind.kind}: direction must be up, down or both, not ${JSON.stringify(direction)}`);
  }
  if (label !== undefined && typeof label !== "string") return invalid(`${kind.kind}: name must be a text`);
  const chance = checkField(PROBABILITY, probability);
  if (typeof chance !== "number") return invalid(`${kind.kind}: probability ${reason(chance)}`);

  const parsed: Record<string, unknown> = {
    kind: kind.kind,
    ...(label !== undefined && { name: label }),
    direction: direction ?? kind.direction,
    probability: chance,
  };
  for (const [key, field] of Object.entries(kind.fields)) {
    const { [key]: own } = given;
    const filled = own ?? defaultOf(field);
    if (filled === undefined) {
      if ("required" in field) return invalid(`${kind.kind} needs ${key} (${field.about})`);
      continue;
    }
    const checked = checkField(field, filled);
    if (typeof checked === "object" && "unfit" in checked) return invalid(`${kind.kind}: ${key} ${checked.unfit}`);
    parsed[key] = checked;
  }
  const stranger = Object.keys(given).find((key) => !(key in kind.fields));
  if (stranger !== undefined) return unknownKey(kind, stranger);
  const condition = parsed as unknown as Condition;
  const wrong = kind.check?.(condition) ?? null;
  return wrong === null ? condition : invalid(`${kind.kind}: ${wrong}`);
}

/** Checks a list; the first fault names its place. */
export function parseConditions(values: readonly unknown[]): readonly Condition[] | Fault {
  const all: Condition[] = [];
  for (const [n, value] of values.entries()) {
    const one = parseCondition(value);
    if (isFault(one)) return values.length === 1 ? one : invalid(`condition ${n + 1}: ${one.message}`);
    all.push(one);
  }
  return all;
}

/** The kind of that name. Faults: CONDITION_INVALID, with the nearest name. */
export function findKind(name: unknown): ConditionKind<Condition> | Fault {
  if (typeof name === "string" && Object.hasOwn(KINDS, name)) {
    return KINDS[name as Condition["kind"]] as unknown as ConditionKind<Condition>;
  }
  const names = Object.keys(KINDS);
  const near = typeof name === "string" ? nearest(name, names) : null;
  const hint = near === null ? `kinds: ${names.join(", ")}` : `did you mean ${near}?`;
  return fault("CONDITION_INVALID", `there is no condition ${JSON.stringify(name)}`, hint, { kind: name });
}

export function unknownKey(kind: ConditionKind<Condition>, key: string): Fault {
  const keys = Object.keys(kind.fields);
  return fault(
    "CONDITION_INVALID",
    `${kind.kind} has no parameter ${key}`,
    keys.length === 0
      ? "it has none of its own; every condition has direction and probability"
      : `it has: ${keys.join(", ")}`,
  );
}

export function defaultOf(field: Field): number | string | undefined {
  return "default" in field ? field.default : undefined;
}

export function invalid(message: string): Fault {
  return fault("CONDITION_INVALID", message, "for example latency=200±50, loss=2%, bandwidth=50KB/s");
}

const reason = (checked: unknown) =>
  typeof checked === "object" && checked !== null && "unfit" in checked ? String(checked.unfit) : "can't be";
