import { kept, roughSize } from "./kept.ts";
import type { Batch, LogLevel, Sender, ServiceLog, ServiceSpan } from "./records.ts";
import { type Series, seriesBook } from "./series.ts";

export type KeptSpan = ServiceSpan & Sender;
export type KeptLog = ServiceLog & Sender;

/** Which log records are wanted. */
interface LogQuery {
  readonly stack: string | null;
  readonly service: string | null;
  readonly traceId: string | null;
  /** These levels and those above; null: all. */
  readonly from: LogLevel | null;
  readonly limit: number;
}

/** What services have reported of late. */
export interface Telemetry {
  readonly add: (sender: Sender, batch: Batch) => void;
  /** In order of their starts. */
  readonly spansOf: (traceIds: ReadonlySet<string>) => readonly KeptSpan[];
  readonly logsOf: (traceIds: ReadonlySet<string>) => readonly KeptLog[];
  /**
   * For spans of a trace by id: what stands above it that no service reported, so an exchange, or a span of somebody else's.
   * What isn't a reported span is above itself.
   */
  readonly aboveIn: (traceId: string) => (spanId: string) => string;
  /** The newest, newest first. */
  readonly logs: (query: LogQuery) => readonly KeptLog[];
  readonly series: (stack: string, service: string | null) => readonly Series[];
  readonly clear: () => void;
}

const SPANS_MOST = 50_000;
const LOGS_MOST = 20_000;
const BYTES_MOST = 32 * 1024 * 1024;
const LEVELS: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error", "fatal"];

export function createTelemetry(): Telemetry {
  const spans = byTrace<KeptSpan>(SPANS_MOST);
  const logs = byTrace<KeptLog>(LOGS_MOST);
  const metrics = seriesBook();
  return {
    add: (sender, batch) => {
      for (const span of batch.spans) spans.add({ ...span, ...sender });
      for (const log of batch.logs) logs.add({ ...log, ...sender });
      for (const point of batch.points) metrics.add(sender, point);
    },
    spansOf: spans.of,
    logsOf: logs.of,
    aboveIn: (traceId) => {
      const parents = new Map(spans.of(new Set([traceId])).map(({ spanId, parentId }) => [spanId, parentId]));
      return (spanId) => topOf(parents, spanId);
    },
    logs: (query) => {
      const matches = matcher(query);
      return [...logs.all()].reverse().filter(matches).slice(0, query.limit);
    },
    series: metrics.of,
    clear: () => {
      spans.clear();
      logs.clear();
      metrics.clear();
    },
  };
}

function topOf(parents: ReadonlyMap<string, string | null>, spanId: string): string {
  let at = spanId;
  // A circle of parents ends, too.
  for (let steps = parents.size; steps >= 0; steps--) {
    const parent = parents.get(at);
    if (parent === undefined || parent === null) return at;
    at = parent;
  }
  return spanId;
}

function matcher({ stack, service, traceId, from }: LogQuery): (log: KeptLog) => boolean {
  const lowest = from === null ? -1 : LEVELS.indexOf(from);
  return (log) =>
    (stack === null || log.stack === stack) &&
    (service === null || log.service === service) &&
    (traceId === null || log.traceId === traceId) &&
    (lowest < 0 || (log.level !== null && LEVELS.indexOf(log.level) >= lowest));
}

interface ByTrace<T> {
  readonly add: (item: T) => void;
  readonly of: (traceIds: ReadonlySet<string>) => T[];
  readonly all: () => Iterable<T>;
  readonly clear: () => void;
}

/** The newest items, found by their trace. */
function byTrace<T extends { readonly traceId: string | null; readonly at: number }>(most: number): ByTrace<T> {
  const traces = new Map<string, T[]>();
  const sizes = new WeakMap<T, number>();
  const all = kept<T>({
    ...{ most, mostBytes: BYTES_MOST },
    bytesOf: (item) => sizes.get(item) ?? 0,
    dropped: ({ traceId }) => {
      const of = traceId === null ? undefined : traces.get(traceId);
      // The oldest of all is the oldest of its trace.
      of?.shift();
      if (of?.length === 0 && traceId !== null) traces.delete(traceId);
    },
  });
  return {
    add: (item) => {
      sizes.set(item, roughSize(item));
      const { traceId } = item;
      if (traceId !== null) {
        const of = traces.get(traceId);
        if (of === undefined) traces.set(traceId, [item]);
        else of.push(item);
      }
      all.add(item);
    },
    of: (traceIds) =>
      [...traceIds].flatMap((traceId) => traces.get(traceId) ?? []).sort((one, other) => one.at - other.at),
    ...{ all: all.all, clear: all.clear },
  };
}
