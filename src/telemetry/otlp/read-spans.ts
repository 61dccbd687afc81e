import type { ServiceSpan, SpanEvent } from "../records.ts";
import { attributesOf, plain } from "./attributes.ts";
import { id, list, number, object, type Raw, text, time } from "./raw.ts";

/** Events of a span that are kept. */
const EVENTS_MOST = 32;
/** SpanKind's numbers. */
const KINDS = ["internal", "internal", "server", "client", "producer", "consumer"] as const;
const ERROR = 2;

/** A span; null where it lacks what makes it one: ids and times. */
export function spanOf(raw: Raw, scope: string): ServiceSpan | null {
  const traceId = id(raw.traceId, 16);
  const spanId = id(raw.spanId, 8);
  const at = time(raw.startTimeUnixNano);
  const end = time(raw.endTimeUnixNano);
  if (traceId === null || spanId === null || at === null || end === null) return null;
  const status = object(raw.status);
  return {
    ...{ traceId, spanId, parentId: id(raw.parentSpanId, 8) },
    name: plain(raw.name) || "span",
    kind: KINDS[number(raw.kind) ?? 0] ?? "internal",
    ...{ at, ms: Math.max(0, Math.round((end - at) * 1_000) / 1_000) },
    failed: number(status.code) === ERROR,
    message: plain(status.message),
    scope,
    attributes: attributesOf(raw.attributes),
    events: list(raw.events).slice(0, EVENTS_MOST).map(object).map(eventOf),
  };
}

function eventOf(raw: Raw): SpanEvent {
  return {
    at: time(raw.timeUnixNano) ?? 0,
    name: text(raw.name).slice(0, 256),
    attributes: attributesOf(raw.attributes),
  };
}
