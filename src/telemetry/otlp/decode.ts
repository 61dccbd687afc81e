import protobuf from "protobufjs/light.js";
import type { Batch, Signal } from "../records.ts";
import { MESSAGES, REJECTED } from "./messages.ts";
import { list, object, type Raw, text } from "./raw.ts";
import { logOf } from "./read-logs.ts";
import { pointsOf } from "./read-metrics.ts";
import { spanOf } from "./read-spans.ts";

/** OTLP's two forms over HTTP: https://opentelemetry.io/docs/specs/otlp/#otlphttp-request */
export type Form = "protobuf" | "json";

/** Items of one request that are taken; more are rejected. */
const ITEMS_MOST = 20_000;

const ROOT = protobuf.Root.fromJSON(MESSAGES);

/** What a request says; null: its bytes aren't of that form. What isn't sound in a sound request is left out and counted. */
export function decodeRequest(signal: Signal, form: Form, body: Buffer): Batch | null {
  const raw = form === "json" ? jsonOf(body) : protobufOf(signal, body);
  if (raw === null) return null;
  const spans: Batch["spans"][number][] = [];
  const logs: Batch["logs"][number][] = [];
  const points: Batch["points"][number][] = [];
  let rejected = 0;
  let taken = 0;
  const keep = <T>(into: T[], one: T | null) => {
    if (one === null || taken >= ITEMS_MOST) rejected++;
    else into.push(one);
    taken++;
  };
  for (const [scope, item] of itemsOf(signal, raw)) {
    if (signal === "traces") keep(spans, spanOf(item, scope));
    else if (signal === "logs") keep(logs, logOf(item, scope));
    else {
      const found = pointsOf(item);
      rejected += found.rejected;
      for (const point of found.points) keep(points, point);
    }
  }
  return { spans, logs, points, rejected };
}

/** How the three kinds of requests call their levels. */
const LEVELS = {
  traces: ["resourceSpans", "scopeSpans", "spans"],
  logs: ["resourceLogs", "scopeLogs", "logRecords"],
  metrics: ["resourceMetrics", "scopeMetrics", "metrics"],
} as const;

/** Spans, log records or metrics, each with the name of its instrumentation. */
function* itemsOf(signal: Signal, raw: Raw): Generator<readonly [string, Raw]> {
  const [resources, scopes, items] = LEVELS[signal];
  for (const resource of list(raw[resources]).map(object)) {
    for (const scope of list(resource[scopes]).map(object)) {
      const name = text(object(scope.scope).name).slice(0, 256);
      for (const item of list(scope[items]).map(object)) yield [name, item];
    }
  }
}

function jsonOf(body: Buffer): Raw | null {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === "object" && value !== null && !Array.isArray(value) ? object(value) : null;
  } catch {
    return null;
  }
}

function protobufOf(signal: Signal, body: Buffer): Raw | null {
  const type = ROOT.lookupType(signal);
  try {
    return type.toObject(type.decode(body), { longs: String });
  } catch {
    return null;
  }
}

/** The answer to a request that was taken, with what was rejected of it. */
export function answerBytes(signal: Signal, form: Form, rejected: number): Buffer {
  const errorMessage = `${rejected} of them can't be kept: ids or times are missing, or Cove doesn't read that kind`;
  if (form === "json") {
    const partialSuccess = { [REJECTED[signal]]: String(rejected), errorMessage };
    return Buffer.from(JSON.stringify(rejected === 0 ? {} : { partialSuccess }));
  }
  return encoded("Answer", rejected === 0 ? {} : { partialSuccess: { rejected, errorMessage } });
}

/** The answer to a request that wasn't. */
export function refusalBytes(form: Form, message: string): Buffer {
  return form === "json" ? Buffer.from(JSON.stringify({ message })) : encoded("Refusal", { message });
}

function encoded(name: string, value: Raw): Buffer {
  return Buffer.from(ROOT.lookupType(name).encode(value).finish());
}
