import type { LogLevel, ServiceLog } from "../records.ts";
import { attributesOf, bodyOf } from "./attributes.ts";
import { id, number, type Raw, text, time } from "./raw.ts";

/** Each stands for four of SeverityNumber's values, from 1 on. */
const LEVELS: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error", "fatal"];

/** A log record; null where it has no time at all. */
export function logOf(raw: Raw, scope: string): ServiceLog | null {
  const at = time(raw.timeUnixNano) ?? time(raw.observedTimeUnixNano);
  if (at === null) return null;
  return {
    at,
    level: levelOf(number(raw.severityNumber) ?? 0, text(raw.severityText)),
    text: bodyOf(raw.body),
    ...{ traceId: id(raw.traceId, 16), spanId: id(raw.spanId, 8), scope },
    attributes: attributesOf(raw.attributes),
  };
}

function levelOf(severity: number, said: string): LogLevel | null {
  if (severity >= 1) return LEVELS[Math.floor((severity - 1) / 4)] ?? null;
  const word = said.toLowerCase();
  return LEVELS.find((level) => word.startsWith(level)) ?? null;
}
