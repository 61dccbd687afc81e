import { describe, expect, test } from "vitest";
import type { Batch, MetricPoint, ServiceLog, ServiceSpan } from "./records.ts";
import { createTelemetry } from "./store.ts";

const API = { stack: "shop", service: "api" };
const NOTHING: Batch = { spans: [], logs: [], points: [], rejected: 0 };

const span = (traceId: string, at: number, more: Partial<ServiceSpan> = {}): ServiceSpan => ({
  ...{ traceId, spanId: `s${at}`, parentId: null, name: "work", kind: "internal", at, ms: 1 },
  ...{ failed: false, message: "", scope: "", attributes: {}, events: [] },
  ...more,
});
const log = (at: number, more: Partial<ServiceLog> = {}): ServiceLog => ({
  ...{ at, level: "info", text: `line ${at}`, traceId: null, spanId: null, scope: "", attributes: {} },
  ...more,
});
const point = (at: number, value: MetricPoint["value"], more: Partial<MetricPoint> = {}): MetricPoint => ({
  ...{ name: "m", unit: "", description: "", kind: "sum", monotonic: true, delta: false, attributes: {}, at, value },
  ...more,
});

describe("spans", () => {
  test("are found by their trace, by time, with their sender", () => {
    const telemetry = createTelemetry();
    telemetry.add(API, { ...NOTHING, spans: [span("a", 2), span("b", 1), span("a", 1)] });
    const found = telemetry.spansOf(new Set(["a"]));
    expect(found.map(({ at, service }) => [at, service])).toEqual([
      [1, "api"],
      [2, "api"],
    ]);
  });

  test("are bounded in number: the oldest go first, and their trace with the last of them", () => {
    const telemetry = createTelemetry();
    for (let n = 0; n < 50_010; n++) telemetry.add(API, { ...NOTHING, spans: [span(n < 5 ? "old" : "new", n)] });
    expect(telemetry.spansOf(new Set(["old"]))).toEqual([]);
    expect(telemetry.spansOf(new Set(["new"]))).toHaveLength(50_000);
  });

  test("are bounded in size", () => {
    const telemetry = createTelemetry();
    const attributes = Object.fromEntries(Array.from({ length: 64 }, (_, n) => [`k${n}`, "x".repeat(4_000)]));
    for (let n = 0; n < 300; n++) telemetry.add(API, { ...NOTHING, spans: [span("t", n, { attributes })] });
    const left = telemetry.spansOf(new Set(["t"])).length;
    expect(left).toBeGreaterThan(50);
    expect(left).toBeLessThan(140);
  });
});

test("log records are filtered by stack, service, trace and level, newest first", () => {
  const telemetry = createTelemetry();
  telemetry.add(API, { ...NOTHING, logs: [log(1), log(2, { level: "error", traceId: "a" }), log(3, { level: null })] });
  telemetry.add({ stack: "shop", service: "web" }, { ...NOTHING, logs: [log(4, { level: "warn" })] });
  const all = { stack: null, service: null, traceId: null, from: null, limit: 10 } as const;
  const times = (query: object) => telemetry.logs({ ...all, ...query }).map(({ at }) => at);
  expect(times({})).toEqual([4, 3, 2, 1]);
  expect(times({ service: "api", limit: 2 })).toEqual([3, 2]);
  expect(times({ from: "warn" })).toEqual([4, 2]);
  expect(times({ traceId: "a" })).toEqual([2]);
  expect(times({ stack: "other" })).toEqual([]);
  expect(telemetry.logsOf(new Set(["a"])).map(({ at }) => at)).toEqual([2]);
});

describe("metrics", () => {
  const points = (...given: MetricPoint[]) => {
    const telemetry = createTelemetry();
    for (const one of given) telemetry.add(API, { ...NOTHING, points: [one] });
    return telemetry.series("shop", "api").map((series) => series.points);
  };

  test("what only grows is told as growth a second, also over a restart", () => {
    expect(points(point(0, 10), point(2_000, 30), point(4_000, 4))).toEqual([
      [
        { at: 2_000, value: 10, p50: null, p95: null },
        { at: 4_000, value: 2, p50: null, p95: null },
      ],
    ]);
  });

  test("deltas are growth as they come; gauges are as they are", () => {
    expect(points(point(0, 1, { delta: true }), point(500, 3, { delta: true }))[0]).toMatchObject([{ value: 6 }]);
    expect(points(point(0, 5, { kind: "gauge", monotonic: false }))[0]).toMatchObject([{ at: 0, value: 5 }]);
  });

  test("histograms give p50 and p95 of what came since the point before", () => {
    const buckets = (...counts: number[]) => ({
      count: counts.reduce((a, b) => a + b),
      sum: 0,
      bounds: [10, 100],
      counts,
    });
    const histogram = (at: number, value: MetricPoint["value"]) => point(at, value, { kind: "histogram" });
    const [series] = points(histogram(0, buckets(1_000, 0, 0)), histogram(1_000, buckets(1_000, 100, 0)));
    expect(series).toEqual([{ at: 1_000, value: 100, p50: 55, p95: 95.5 }]);
    // Beyond the last bound only that is known.
    const [beyond] = points(histogram(0, buckets(0, 0, 0)), histogram(1_000, buckets(0, 0, 4)));
    expect(beyond).toMatchObject([{ p50: 100, p95: 100 }]);
  });

  test("a point that comes again, or too late, changes nothing", () => {
    expect(points(point(0, 0), point(1_000, 5), point(1_000, 5), point(500, 2))[0]).toHaveLength(1);
  });

  test("series differ by attributes in any order, and are bounded", () => {
    const telemetry = createTelemetry();
    const gauge = (attributes: MetricPoint["attributes"], at = 1) =>
      telemetry.add(API, { ...NOTHING, points: [point(at, 1, { kind: "gauge", monotonic: false, attributes })] });
    gauge({ a: 1, b: 2 });
    gauge({ b: 2, a: 1 }, 2);
    gauge({ a: 2 });
    expect(telemetry.series("shop", null).map((one) => one.points.length)).toEqual([2, 1]);
    for (let n = 0; n < 2_100; n++) gauge({ user: n });
    expect(telemetry.series("shop", null)).toHaveLength(2_000);
  });
});
