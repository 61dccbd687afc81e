import type { INamespace } from "protobufjs/light.js";
import type { Signal } from "../records.ts";

/**
 * The messages of OTLP 1.x as far as they are read here: names and numbers of opentelemetry-proto
 * (https://github.com/open-telemetry/opentelemetry-proto). Fields that aren't named are passed over.
 */
export const MESSAGES: INamespace = {
  nested: {
    traces: message({ resourceSpans: [1, "ResourceSpans", "repeated"] }),
    logs: message({ resourceLogs: [1, "ResourceLogs", "repeated"] }),
    metrics: message({ resourceMetrics: [1, "ResourceMetrics", "repeated"] }),
    ResourceSpans: message({ scopeSpans: [2, "ScopeSpans", "repeated"] }),
    ScopeSpans: message({ scope: [1, "Scope"], spans: [2, "Span", "repeated"] }),
    ResourceLogs: message({ scopeLogs: [2, "ScopeLogs", "repeated"] }),
    ScopeLogs: message({ scope: [1, "Scope"], logRecords: [2, "LogRecord", "repeated"] }),
    ResourceMetrics: message({ scopeMetrics: [2, "ScopeMetrics", "repeated"] }),
    ScopeMetrics: message({ scope: [1, "Scope"], metrics: [2, "Metric", "repeated"] }),
    Scope: message({ name: [1, "string"] }),
    Span: message({
      traceId: [1, "bytes"],
      spanId: [2, "bytes"],
      parentSpanId: [4, "bytes"],
      name: [5, "string"],
      kind: [6, "int32"],
      startTimeUnixNano: [7, "fixed64"],
      endTimeUnixNano: [8, "fixed64"],
      attributes: [9, "KeyValue", "repeated"],
      events: [11, "Event", "repeated"],
      status: [15, "Status"],
    }),
    Event: message({ timeUnixNano: [1, "fixed64"], name: [2, "string"], attributes: [3, "KeyValue", "repeated"] }),
    Status: message({ message: [2, "string"], code: [3, "int32"] }),
    LogRecord: message({
      timeUnixNano: [1, "fixed64"],
      severityNumber: [2, "int32"],
      severityText: [3, "string"],
      body: [5, "AnyValue"],
      attributes: [6, "KeyValue", "repeated"],
      traceId: [9, "bytes"],
      spanId: [10, "bytes"],
      observedTimeUnixNano: [11, "fixed64"],
    }),
    Metric: message({
      name: [1, "string"],
      description: [2, "string"],
      unit: [3, "string"],
      gauge: [5, "Points"],
      sum: [7, "Points"],
      histogram: [9, "Histogram"],
      exponentialHistogram: [10, "Unread"],
      summary: [11, "Unread"],
    }),
    /** Gauge and Sum: a gauge says neither temporality nor direction. */
    Points: message({
      dataPoints: [1, "NumberDataPoint", "repeated"],
      aggregationTemporality: [2, "int32"],
      isMonotonic: [3, "bool"],
    }),
    Histogram: message({ dataPoints: [1, "HistogramDataPoint", "repeated"], aggregationTemporality: [2, "int32"] }),
    Unread: message({ dataPoints: [1, "bytes", "repeated"] }),
    NumberDataPoint: message({
      timeUnixNano: [3, "fixed64"],
      asDouble: [4, "double"],
      asInt: [6, "sfixed64"],
      attributes: [7, "KeyValue", "repeated"],
    }),
    HistogramDataPoint: message({
      timeUnixNano: [3, "fixed64"],
      count: [4, "fixed64"],
      sum: [5, "double"],
      bucketCounts: [6, "fixed64", "repeated"],
      explicitBounds: [7, "double", "repeated"],
      attributes: [9, "KeyValue", "repeated"],
    }),
    KeyValue: message({ key: [1, "string"], value: [2, "AnyValue"] }),
    AnyValue: {
      oneofs: {
        value: {
          oneof: ["stringValue", "boolValue", "intValue", "doubleValue", "arrayValue", "kvlistValue", "bytesValue"],
        },
      },
      ...message({
        stringValue: [1, "string"],
        boolValue: [2, "bool"],
        intValue: [3, "int64"],
        doubleValue: [4, "double"],
        arrayValue: [5, "ArrayValue"],
        kvlistValue: [6, "KeyValueList"],
        bytesValue: [7, "bytes"],
      }),
    },
    ArrayValue: message({ values: [1, "AnyValue", "repeated"] }),
    KeyValueList: message({ values: [1, "KeyValue", "repeated"] }),
    /** google.rpc.Status: what a refused request is answered with. */
    Refusal: message({ message: [2, "string"] }),
    /** ExportTracePartialSuccess and its siblings, which differ in names only. */
    Answer: message({ partialSuccess: [1, "PartialSuccess"] }),
    PartialSuccess: message({ rejected: [1, "int64"], errorMessage: [2, "string"] }),
  },
};

/** How each signal's partial success names what it rejected, in JSON. */
export const REJECTED: Readonly<Record<Signal, string>> = {
  traces: "rejectedSpans",
  logs: "rejectedLogRecords",
  metrics: "rejectedDataPoints",
};

type Field = readonly [id: number, type: string, rule?: "repeated"];

function message(fields: Readonly<Record<string, Field>>): { fields: Record<string, { id: number; type: string }> } {
  return {
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, [id, type, rule]]) => [
        name,
        { id, type, ...(rule !== undefined && { rule }) },
      ]),
    ),
  };
}
