/** What services report about themselves, as Cove keeps it: read from OTLP, bounded, credentials hidden. */

/** An attribute's value; lists and maps are JSON text. */
export type AttributeValue = string | number | boolean;
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** Who sent it. */
export interface Sender {
  /** The stack's name. */
  readonly stack: string;
  /** The service to which Cove gave the address that it was sent to. */
  readonly service: string;
}

export interface SpanEvent {
  /** Epoch ms, with a fraction. */
  readonly at: number;
  readonly name: string;
  readonly attributes: Attributes;
}

/** A span that a service made: https://opentelemetry.io/docs/specs/otel/trace/api/#span */
export interface ServiceSpan {
  /** 32 and 16 hex digits. */
  readonly traceId: string;
  readonly spanId: string;
  /** Null: it begins its trace. */
  readonly parentId: string | null;
  readonly name: string;
  readonly kind: "internal" | "server" | "client" | "producer" | "consumer";
  /** Start, epoch ms, with a fraction. */
  readonly at: number;
  /** Duration, ms. */
  readonly ms: number;
  readonly failed: boolean;
  /** What its status says; empty: nothing. */
  readonly message: string;
  /** The instrumentation that made it: `@opentelemetry/instrumentation-pg`. */
  readonly scope: string;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
}

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal";

/** A log record: https://opentelemetry.io/docs/specs/otel/logs/data-model */
export interface ServiceLog {
  /** Epoch ms, with a fraction. */
  readonly at: number;
  /** Null: it says none. */
  readonly level: LogLevel | null;
  readonly text: string;
  /** Null: it belongs to no trace. */
  readonly traceId: string | null;
  readonly spanId: string | null;
  readonly scope: string;
  readonly attributes: Attributes;
}

/** A histogram's state at one time. */
export interface Histogram {
  readonly count: number;
  readonly sum: number;
  /** Upper bounds of all buckets but the last, which has none. */
  readonly bounds: readonly number[];
  /** One more than bounds. */
  readonly counts: readonly number[];
}

/** One measurement of a metric: https://opentelemetry.io/docs/specs/otel/metrics/data-model */
export interface MetricPoint {
  readonly name: string;
  /** As UCUM has it: `ms`, `By`, `{request}`. Empty: none. */
  readonly unit: string;
  readonly description: string;
  /** `sum` only grows where `monotonic`; `delta`: since the last one, not since the start. */
  readonly kind: "gauge" | "sum" | "histogram";
  readonly monotonic: boolean;
  readonly delta: boolean;
  readonly attributes: Attributes;
  /** Epoch ms. */
  readonly at: number;
  readonly value: number | Histogram;
}

/** The kinds of OTLP requests, as their paths name them: `/v1/traces`. */
export type Signal = "traces" | "logs" | "metrics";

/** What one request held. */
export interface Batch {
  readonly spans: readonly ServiceSpan[];
  readonly logs: readonly ServiceLog[];
  readonly points: readonly MetricPoint[];
  /** Items that could not be read, or that are of a kind that isn't kept. */
  readonly rejected: number;
}
