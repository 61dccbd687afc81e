import { expect, test } from "vitest";
import type { EdgeTraffic, Snapshot } from "../../../src/home/view/view.ts";
import { createSeries, LENGTH, withTraffic } from "./series.ts";

const snapshot = (bytes: number) =>
  ({
    stacks: [{ id: "s", edges: [{ id: "api→db", connections: 0, bytesUp: bytes, bytesDown: 0, shape: null }] }],
  }) as unknown as Snapshot;
const moved = (bytesUp: number, bytesDown: number, turns: EdgeTraffic["turns"] = null): EdgeTraffic[] => [
  { stack: "s", edge: "api→db", connections: 2, bytesUp, bytesDown, turns },
];

test("counters become rates over home's own seconds, from where the snapshot stood", () => {
  const series = createSeries();
  const turns = { count: 3, p50: 1, p95: 2 };
  series.start(snapshot(500));
  series.add(10_000, moved(1_500, 100, turns));
  series.add(10_500, moved(2_000, 100));
  series.add(11_500, []);
  expect(series.of("s", "api→db")).toEqual([
    { time: 10_000, up: 1_000, down: 100, turns },
    { time: 10_500, up: 1_000, down: 0, turns: null },
    { time: 11_500, up: 0, down: 0, turns: null },
  ]);
});

test("a relay that was opened anew counts from nothing, and a pause is no burst", () => {
  const series = createSeries();
  series.start(snapshot(9_000));
  series.add(0, moved(300, 0));
  series.add(600_000, moved(1_300, 0));
  expect(series.of("s", "api→db").map(({ up }) => up)).toEqual([300, 1_000]);
});

test("it goes back so far and no further", () => {
  const series = createSeries();
  for (let n = 0; n < LENGTH + 20; n++) series.add(n * 1_000, []);
  expect(series.of("s", "api→db")).toHaveLength(LENGTH);
  expect(series.of("s", "api→db")[0]?.time).toBe(20_000);
});

test("a snapshot takes the counters that came after it; what is at rest stays as it is", () => {
  const before = snapshot(1);
  expect(withTraffic(before, [])).toBe(before);
  expect(withTraffic(before, moved(5, 6)).stacks[0]?.edges[0]).toMatchObject({
    ...{ id: "api→db", connections: 2, bytesUp: 5, bytesDown: 6 },
  });
});
