import type { Condition } from "../conditions/conditions.ts";
import { readFields } from "./decode.ts";
import { type ApiError, badBody, isApiError, STREAM_INVALID, TYPE_INVALID } from "./problem.ts";

type Attributes = Readonly<Record<string, number>>;

/** A toxic as the API shows it, keys in its order. */
export interface Toxic {
  readonly attributes: Attributes;
  readonly name: string;
  readonly type: string;
  /** As it was written; the case doesn't matter. */
  readonly stream: string;
  readonly toxicity: number;
}

/** A condition without what every condition has. */
type Own<C> = C extends Condition ? Omit<C, "direction" | "probability" | "name"> : never;

interface ToxicType {
  /** Its name in error texts. */
  readonly struct: string;
  readonly attributes: Readonly<Record<string, "int64" | "int">>;
  /** Values that Toxiproxy takes and then crashes on. */
  readonly check?: (attributes: Attributes) => string | null;
  /** Null: it does nothing. */
  readonly condition: (attributes: Attributes) => Own<Condition> | null;
}

/** A day: as long as conditions take, ms. */
const LONGEST = 86_400_000;
const ms = (value = 0) => Math.max(0, Math.min(value, LONGEST));

/** Every type of toxic and the condition that it is. A new one is an entry here. */
const TYPES: Readonly<Record<string, ToxicType>> = {
  bandwidth: {
    struct: "BandwidthToxic",
    attributes: { rate: "int64" },
    check: belowZero,
    // KB/s, of 1,000 bytes.
    condition: ({ rate = 0 }) => ({ kind: "bandwidth", rate: rate * 1000, burst: 0 }),
  },
  latency: {
    struct: "LatencyToxic",
    attributes: { latency: "int64", jitter: "int64" },
    condition: ({ latency, jitter }) => {
      return { kind: "latency", ms: ms(latency), jitter: ms(jitter), distribution: "uniform" };
    },
  },
  limit_data: {
    struct: "LimitDataToxic",
    attributes: { bytes: "int64" },
    condition: ({ bytes = 0 }) => ({ kind: "limit", bytes: Math.max(0, bytes) }),
  },
  noop: { struct: "NoopToxic", attributes: {}, condition: () => null },
  reset_peer: {
    struct: "ResetToxic",
    attributes: { timeout: "int64" },
    condition: ({ timeout }) => ({ kind: "reset", ms: ms(timeout), from: "data" }),
  },
  slicer: {
    struct: "SlicerToxic",
    attributes: { average_size: "int", size_variation: "int", delay: "int" },
    check: belowZero,
    condition: ({ average_size: size = 0, size_variation: variation = 0, delay = 0 }) => {
      // Nothing said: nothing is cut, and each chunk has its pause.
      const average = size === 0 ? Number.MAX_SAFE_INTEGER : size;
      return { kind: "slice", size: average, variation: Math.min(variation, size), delay: ms(delay / 1000) };
    },
  },
  slow_close: {
    struct: "SlowCloseToxic",
    attributes: { delay: "int64" },
    condition: ({ delay }) => ({ kind: "slow-close", ms: ms(delay) }),
  },
  timeout: {
    struct: "TimeoutToxic",
    attributes: { timeout: "int64" },
    condition: ({ timeout }) => ({ kind: "timeout", ms: ms(timeout) }),
  },
};

function belowZero(attributes: Attributes): string | null {
  const [name] = Object.entries(attributes).find(([, value]) => value < 0) ?? [];
  return name === undefined ? null : `${name} must not be below 0`;
}

const FIELDS = { name: "string", type: "string", stream: "string", toxicity: "float32", attributes: "any" } as const;

/** A new toxic from a body. Problems: bad request body, stream, type. */
export function readToxic(value: unknown): Toxic | ApiError {
  const given = readFields(value, "toxics.ToxicWrapper", FIELDS);
  if (isApiError(given)) return given;
  const { type = "", stream = "downstream", toxicity = 1, name } = given;
  if (!/^(up|down)stream$/i.test(stream)) return STREAM_INVALID;
  if (!Object.hasOwn(TYPES, type)) return TYPE_INVALID;
  const attributes = readAttributes(type, given.attributes, {});
  if (isApiError(attributes)) return attributes;
  return { attributes, name: name || `${type}_${stream}`, type, stream, toxicity };
}

/** The toxic with what a body changes: attributes and toxicity, no more. Problems: bad request body. */
export function changeToxic(toxic: Toxic, value: unknown): Toxic | ApiError {
  const given = readFields(value, "toxics.ToxicWrapper", { toxicity: "float32", attributes: "any" } as const);
  if (isApiError(given)) return given;
  const attributes = readAttributes(toxic.type, given.attributes, toxic.attributes);
  return isApiError(attributes) ? attributes : { ...toxic, attributes, toxicity: given.toxicity ?? toxic.toxicity };
}

function readAttributes(type: string, value: unknown, before: Attributes): Attributes | ApiError {
  const { struct = "", attributes: fields = {}, check } = TYPES[type] ?? {};
  const given = readFields(value, `toxics.${struct}`, fields, `${struct}.attributes`);
  if (isApiError(given)) return given;
  const all: Record<string, number> = {};
  for (const name of Object.keys(fields)) all[name] = given[name] ?? before[name] ?? 0;
  const wrong = check?.(all) ?? null;
  return wrong === null ? all : badBody(wrong);
}

/** In the API's order: upstream first, else as they were added. */
export function inOrder(toxics: readonly Toxic[]): readonly Toxic[] {
  return [...toxics.filter(isUpstream), ...toxics.filter((toxic) => !isUpstream(toxic))];
}

/** The conditions that toxics are. Each stream's stand in the order of adding, and keep their name when others come and go. */
export function conditionsOf(toxics: readonly Toxic[]): readonly Condition[] {
  const all: Condition[] = [];
  for (const toxic of toxics) {
    const own = TYPES[toxic.type]?.condition(toxic.attributes) ?? null;
    if (own === null) continue;
    const direction = isUpstream(toxic) ? "up" : "down";
    all.push({ ...own, name: toxic.name, direction, probability: Math.max(0, Math.min(toxic.toxicity, 1)) });
  }
  return all;
}

const isUpstream = ({ stream }: Toxic) => stream.toLowerCase() === "upstream";
