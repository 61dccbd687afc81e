import { expect, test } from "vitest";
import type { Series } from "../../../src/telemetry/series.ts";
import { metricCharts } from "./metric-chart.ts";

const series = (name: string, more: Partial<Series> = {}): Series => ({
  ...{
    stack: "shop",
    service: "api",
    name,
    unit: "",
    description: "",
    kind: "gauge",
    monotonic: false,
    attributes: {},
  },
  points: [{ at: 1_000, value: 1, p50: null, p95: null }],
  ...more,
});

test("each metric is a chart; its series differ by the attributes that differ", () => {
  const charts = metricCharts([
    series("requests", { kind: "sum", monotonic: true, unit: "{request}", attributes: { route: "/a", host: "x" } }),
    series("requests", {
      ...{ kind: "sum", monotonic: true, unit: "{request}", attributes: { route: "/b", host: "x" } },
      points: [{ at: 2_000, value: 5, p50: null, p95: null }],
    }),
    series("heap", { unit: "By" }),
    series("nothing yet", { points: [] }),
  ]);
  expect(charts.map(({ name, what, lines, data }) => [name, what, lines.map((line) => line.name), data])).toEqual([
    ["heap", "bytes", ["heap"], [[1], [1]]],
    [
      ...["requests", "request per s", ["/b", "/a"]],
      [
        [1, 2],
        [null, 5],
        [1, null],
      ],
    ],
  ]);
  expect(charts[0]?.format(2_000_000)).toBe("2.0 MB");
});

test("a distribution is p50 and p95; several are the p95 of each", () => {
  const points = [{ at: 1_000, value: 3, p50: 10, p95: 40 }];
  const one = series("took", { kind: "histogram", monotonic: true, unit: "ms", points, attributes: { to: "a" } });
  expect(metricCharts([one])[0]).toMatchObject({ what: "ms", data: [[1], [10], [40]] });
  const two = metricCharts([one, { ...one, attributes: { to: "b" } }])[0];
  expect(two).toMatchObject({ what: "ms, p95", data: [[1], [40], [40]] });
});

test("of many series the latest are drawn, and the others counted", () => {
  const many = Array.from({ length: 9 }, (_, n) => series("heap", { attributes: { n } }));
  expect(metricCharts(many)[0]).toMatchObject({ more: 5, lines: { length: 4 } });
});
