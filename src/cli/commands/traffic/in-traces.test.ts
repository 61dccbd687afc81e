import { expect, test } from "vitest";
import type { ExchangeSummary } from "../../../inspect/summary.ts";
import { inTraces } from "./in-traces.ts";

/** An exchange of trace `trace`; `ms` null: under way. */
const exchange = (spanId: string, parentId: string | null, at: number, ms: number | null, traceId = "t") =>
  ({ traceId, spanId, parentId, at, ms, how: parentId === null ? "none" : "alone", from: "web" }) as ExchangeSummary;

function told(...batches: ExchangeSummary[][]): string[] {
  const lines: string[] = [];
  const take = inTraces(({ spanId }, depth) => lines.push(`${"-".repeat(depth)}${spanId}`));
  for (const batch of batches) take(batch);
  return lines;
}

test("a root is told of with all that it caused under it, in order of time", () => {
  const all = [exchange("a", null, 0, 9), exchange("b", "a", 1, 5), exchange("c", "b", 2, 1), exchange("d", "a", 7, 1)];
  expect(told(all)).toEqual(["a", "-b", "--c", "-d"]);
  expect(told([...all].reverse())).toEqual(["a", "-b", "--c", "-d"]);
});

test("what ends while its root is under way waits for it", () => {
  expect(told([exchange("a", null, 0, null)], [exchange("b", "a", 1, 2)])).toEqual([]);
  expect(told([exchange("a", null, 0, null)], [exchange("b", "a", 1, 2)], [exchange("a", null, 0, 9)])).toEqual([
    "a",
    "-b",
  ]);
});

test("what has no root here, or comes after it, is told of at once", () => {
  expect(told([exchange("b", "elsewhere", 1, 2)])).toEqual(["b"]);
  expect(told([exchange("a", null, 0, 1)], [exchange("b", "a", 0.5, 9)])).toEqual(["a", "b"]);
});

test("a guess stands for itself, with what it caused; one whose trace is known comes after that trace", () => {
  const guess = (spanId: string, at: number, ms: number | null, traceId: string) =>
    ({ ...exchange(spanId, null, at, ms, traceId), how: "likely" }) as ExchangeSummary;
  const other = exchange("c", "g", 3, 1, "g");
  expect(told([exchange("a", null, 0, 9)], [guess("g", 1, null, "g")], [other], [guess("g", 1, 4, "g")])).toEqual([
    ...["a", "g", "-c"],
  ]);
  const all = [exchange("a", null, 0, 9), guess("g", 1, 2, "t"), exchange("b", "a", 2, 1)];
  expect(told(all)).toEqual(["a", "-b", "g"]);
  expect(told([exchange("a", null, 0, null)], [guess("g", 1, 2, "t")], [exchange("a", null, 0, 9)])).toEqual([
    "a",
    "g",
  ]);
});

test("traces don't mix, and roots that never end give way", () => {
  const many = Array.from({ length: 1_001 }, (_, n) => exchange(`r${n}`, null, n, null, `t${n}`));
  expect(told(many, [exchange("x", "r0", 5_000, 1, "t0")])).toEqual(["x"]);
  expect(told([exchange("a", null, 0, 5, "1"), exchange("b", null, 1, 1, "2")])).toEqual(["b", "a"]);
});
