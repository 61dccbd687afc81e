import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeRequest } from "./decode.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const traces = (...spans: unknown[]) =>
  json({ resourceSpans: [{ scopeSpans: [{ scope: { name: "my-lib" }, spans }] }] });
const said = (key: string, value: object) => ({ key, value });

const span = {
  traceId: TRACE.toUpperCase(),
  spanId: SPAN,
  parentSpanId: "00f067aa0ba902b7",
  name: "load order",
  kind: 3,
  startTimeUnixNano: "1764324000123456789",
  endTimeUnixNano: "1764324000223456789",
  status: { code: 2, message: "no such order" },
};

describe("a request as JSON", () => {
  test("gives spans with times to the µs, ids in lower case, and who made them", () => {
    const { spans, rejected } = decodeRequest("traces", "json", traces(span)) ?? {};
    expect(rejected).toBe(0);
    expect(spans).toEqual([
      {
        ...{ traceId: TRACE, spanId: SPAN, parentId: "00f067aa0ba902b7", name: "load order", kind: "client" },
        ...{ at: 1764324000123.457, ms: 100, failed: true, message: "no such order", scope: "my-lib" },
        ...{ attributes: {}, events: [] },
      },
    ]);
  });

  test("keeps attributes of all types", () => {
    const attributes = [
      said("http.route", { stringValue: "/orders/:id" }),
      said("retry", { boolValue: false }),
      said("rows", { intValue: "12" }),
      said("large", { intValue: "9223372036854775807" }),
      said("ratio", { doubleValue: 0.5 }),
      said("ids", { arrayValue: { values: [{ intValue: 1 }, { stringValue: "b" }] } }),
      said("user", { kvlistValue: { values: [said("name", { stringValue: "Ann" })] } }),
      said("raw", { bytesValue: Buffer.from("abc").toString("base64") }),
      said("nothing", {}),
    ];
    const { spans } = decodeRequest("traces", "json", traces({ ...span, attributes })) ?? {};
    expect(spans?.[0]?.attributes).toEqual({
      ...{ "http.route": "/orders/:id", retry: false, rows: 12, large: "9223372036854775807", ratio: 0.5 },
      ...{ ids: '[1,"b"]', user: '{"name":"Ann"}', raw: "3 bytes" },
    });
  });

  test("hides credentials: by an attribute's name, in SQL, in URLs, in maps", () => {
    const attributes = [
      said("http.request.header.authorization", {
        arrayValue: { values: [{ stringValue: "Bearer abcdefghijklmnop" }] },
      }),
      said("db.query.text", { stringValue: "UPDATE users SET password = 'hunter2' WHERE id = 1" }),
      said("url.full", { stringValue: "http://ann:hunter2@127.0.0.1/cb?access_token=hunter2" }),
      said("body", { kvlistValue: { values: [said("password", { stringValue: "hunter2" })] } }),
    ];
    const batch = decodeRequest(
      "traces",
      "json",
      traces({ ...span, attributes, name: "GET /cb?access_token=hunter2" }),
    );
    expect(JSON.stringify(batch)).not.toMatch(/hunter2|abcdefghijklmnop/);
    expect(batch?.spans[0]?.attributes["db.query.text"]).toContain("WHERE id = 1");
  });

  test("leaves out and counts what isn't sound, and keeps the rest", () => {
    const body = traces(
      span,
      { ...span, traceId: "0".repeat(32) },
      { ...span, spanId: "12" },
      { ...span, startTimeUnixNano: "soon" },
      "not a span",
    );
    const { spans, rejected } = decodeRequest("traces", "json", body) ?? {};
    expect([spans?.length, rejected]).toEqual([1, 4]);
  });

  test("gives log records with their level and place in a trace", () => {
    const logRecords = [
      {
        timeUnixNano: "1764324000000000000",
        severityNumber: 17,
        body: { stringValue: "no stock" },
        traceId: TRACE,
        spanId: SPAN,
      },
      {
        observedTimeUnixNano: "1764324001000000000",
        severityText: "Warning",
        body: { kvlistValue: { values: [said("a", { intValue: 1 })] } },
      },
      { severityNumber: 9 },
    ];
    const batch = decodeRequest("logs", "json", json({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }));
    expect(batch?.logs.map(({ at, level, text, traceId }) => ({ at, level, text, traceId }))).toEqual([
      { at: 1764324000000, level: "error", text: "no stock", traceId: TRACE },
      { at: 1764324001000, level: "warn", text: '{"a":1}', traceId: null },
    ]);
    expect(batch?.rejected).toBe(1);
  });

  test("gives points of gauges, sums and histograms, and counts those of kinds that aren't kept", () => {
    const timeUnixNano = "1764324000000000000";
    const metrics = [
      { name: "heap", unit: "By", gauge: { dataPoints: [{ timeUnixNano, asInt: "5" }] } },
      {
        name: "requests",
        sum: { isMonotonic: true, aggregationTemporality: 2, dataPoints: [{ timeUnixNano, asDouble: 7 }] },
      },
      {
        name: "took",
        histogram: {
          aggregationTemporality: 1,
          dataPoints: [{ timeUnixNano, count: "3", sum: 9, explicitBounds: [1, 5], bucketCounts: ["1", "1", "1"] }],
        },
      },
      { name: "odd", summary: { dataPoints: [{ timeUnixNano }, { timeUnixNano }] } },
      {
        name: "torn",
        histogram: { dataPoints: [{ timeUnixNano, count: "3", explicitBounds: [1, 5], bucketCounts: ["3"] }] },
      },
    ];
    const batch = decodeRequest("metrics", "json", json({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }));
    expect(
      batch?.points.map(({ name, kind, monotonic, delta, value }) => ({ name, kind, monotonic, delta, value })),
    ).toEqual([
      { name: "heap", kind: "gauge", monotonic: false, delta: false, value: 5 },
      { name: "requests", kind: "sum", monotonic: true, delta: false, value: 7 },
      {
        ...{ name: "took", kind: "histogram", monotonic: true, delta: true },
        value: { count: 3, sum: 9, bounds: [1, 5], counts: [1, 1, 1] },
      },
    ]);
    expect(batch?.rejected).toBe(3);
  });
});

describe("what is no request of OTLP", () => {
  test.each(["", "[]", "7", "{", "null"])("as JSON is refused: %j", (text) => {
    expect(decodeRequest("traces", "json", Buffer.from(text))).toBeNull();
  });

  test("never throws, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.constantFrom("traces", "logs", "metrics"), fc.uint8Array({ maxLength: 200 }), (signal, bytes) => {
        decodeRequest(signal, "protobuf", Buffer.from(bytes));
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.constantFrom("traces", "logs", "metrics"), fc.json(), (signal, text) => {
        decodeRequest(signal, "json", Buffer.from(text));
      }),
      { numRuns: 500 },
    );
  });

  test("attributes within attributes, 10,000 deep, end somewhere", () => {
    const depth = 10_000;
    const open = '{"arrayValue":{"values":['.repeat(depth);
    const deep = `${open}{"intValue":1}${"]}}".repeat(depth)}`;
    const text = JSON.stringify({ ...span, attributes: [{ key: "deep", value: 0 }] }).replace(
      '"value":0',
      `"value":${deep}`,
    );
    const body = Buffer.from(`{"resourceSpans":[{"scopeSpans":[{"spans":[${text}]}]}]}`);
    expect(String(decodeRequest("traces", "json", body)?.spans[0]?.attributes.deep)).toContain("…");
  });
});
