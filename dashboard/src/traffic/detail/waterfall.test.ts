import { expect, test } from "vitest";
import type { ExchangeSummary } from "../../../../src/inspect/summary.ts";
import type { Why } from "../../../../src/inspect/why/why.ts";
import type { KeptSpan } from "../../../../src/telemetry/store.ts";
import { onPath, phases, waterfall } from "./waterfall.ts";

const one = (seq: number, at: number, ms: number | null, parent: number | null, firstByteMs: number | null = null) =>
  ({
    seq,
    at,
    ms,
    firstByteMs,
    spanId: `s${seq}`,
    parentId: parent === null ? null : `s${parent}`,
    guess: null,
  }) as ExchangeSummary;

test("a trace is bars under each other, in parts of the whole", () => {
  const trace = [one(1, 1_000, 100, null, 80), one(3, 1_050, 25, 2), one(2, 1_020, 60, 1), one(4, 1_090, 5, 1)];
  const { bars, span, ticks } = waterfall(trace, 0);
  expect(span).toBe(100);
  expect(bars.map(({ exchange, depth }) => [exchange?.seq, depth])).toEqual([
    [1, 0],
    [2, 1],
    [3, 2],
    [4, 1],
  ]);
  expect(bars[2]).toMatchObject({ left: 0.5, width: 0.25, waited: 1 });
  expect(bars[0]).toMatchObject({ left: 0, width: 1, waited: 0.8 });
  expect(ticks).toEqual([20, 40, 60, 80]);
});

test("what is under way reaches until now; what has no parent here is a root", () => {
  const { bars, span } = waterfall([one(7, 0, 10, 99), one(8, 5, null, 7)], 45);
  expect(span).toBe(45);
  expect(bars[1]).toMatchObject({ depth: 1, left: 5 / 45, width: 40 / 45 });
});

test("what may be of the trace stands below all that is sure, with what it caused", () => {
  const guess = { count: 2, orNone: false, candidates: [] };
  const trace = [one(1, 0, 90, null), { ...one(2, 10, 5, null), guess }, one(3, 11, 2, 2), one(4, 20, 5, 1)];
  const { bars } = waterfall(trace, 0);
  expect(bars.map(({ exchange, depth, guessed }) => [exchange?.seq, depth, guessed])).toEqual([
    [1, 0, false],
    [4, 1, false],
    [2, 0, true],
    [3, 1, true],
  ]);
});

const span = (spanId: string, parentId: string | null, at: number, ms: number) =>
  ({ spanId, parentId, at, ms, name: spanId }) as KeptSpan;

test("what services reported stands where it belongs: under its request, and above what it sent", () => {
  const sent = { ...one(2, 1_020, 30, null), parentId: "client" };
  const spans = [
    span("client", "server", 1_018, 34),
    span("server", "s1", 1_002, 90),
    span("lost", "nowhere", 1_050, 1),
  ];
  const { bars } = waterfall([one(1, 1_000, 100, null), sent], 0, spans);
  expect(bars.map(({ exchange, span: of, depth }) => [exchange?.seq ?? of?.name, depth])).toEqual([
    [1, 0],
    ["server", 1],
    ["client", 2],
    [2, 3],
    ["lost", 0],
  ]);
});

test("a circle of parents ends", () => {
  const { bars } = waterfall([one(1, 0, 10, null)], 0, [span("a", "b", 1, 1), span("b", "a", 1, 1)]);
  expect(bars.map(({ exchange }) => exchange?.seq)).toEqual([1]);
});

test("no time at all breaks nothing", () => {
  expect(waterfall([], 0).bars).toEqual([]);
  expect(waterfall([one(1, 5, 0, null)], 5).bars[0]).toMatchObject({ left: 0, width: 0 });
});

test("phases add up to the whole; unknown ones go to the next", () => {
  expect(phases({ queued: null, connected: 2, firstByte: 10, ended: 12 })).toEqual([
    { name: "Connecting", from: 0, to: 2 },
    { name: "Waiting for the first byte", from: 2, to: 10 },
    { name: "Receiving", from: 10, to: 12 },
  ]);
  expect(phases({ queued: 50, connected: 50, firstByte: null, ended: 60 })).toEqual([
    { name: "Waited to be let through", from: 0, to: 50 },
    { name: "Receiving", from: 50, to: 60 },
  ]);
});

test("the critical path is marked on the bars that it passes", () => {
  const trace = [one(1, 1_000, 100, null), one(2, 1_020, 60, 1)];
  const [first] = trace;
  if (first === undefined) throw new Error("no trace");
  const step = (seq: number, fromMs: number, toMs: number) => ({ seq, fromMs, toMs }) as Why["path"][number];
  const path = [step(1, 0, 20), step(2, 20, 80), step(1, 80, 100)];
  const marks = onPath({ summary: first, path }, waterfall(trace, 0).bars);
  expect(marks.get(1)).toEqual([
    { left: 0, width: 0.2 },
    { left: 0.8, width: expect.closeTo(0.2) },
  ]);
  expect(marks.get(2)).toEqual([{ left: 0.2, width: 0.6 }]);
});
