import { expect, test } from "vitest";
import type { Rows } from "./rows.ts";
import { asTraces } from "./tree.ts";

const drawn = (rows: Rows, parents: readonly [number, number][]) => {
  const sight = asTraces(rows, new Map(parents));
  return Array.from({ length: sight.count }, (_, index) => `${" ".repeat(sight.depthAt(index))}${sight.seqAt(index)}`);
};

test("what an exchange caused stands under it, also when others came between", () => {
  const rows = { oldest: 1, newest: 7, seqs: null };
  const parents: [number, number][] = [
    [3, 1],
    [4, 2],
    [5, 3],
    [6, 1],
  ];
  expect(drawn(rows, parents)).toEqual(["1", " 3", "  5", " 6", "2", " 4", "7"]);
  const sight = asTraces(rows, new Map(parents));
  expect([1, 5, 7, 8].map(sight.indexOf)).toEqual([0, 2, 6, -1]);
});

test("a parent that a filter leaves out, or that is gone, leaves its children to themselves", () => {
  expect(
    drawn({ oldest: 2, newest: 9, seqs: [4, 6] }, [
      [4, 3],
      [6, 1],
    ]),
  ).toEqual(["4", "6"]);
});

test("a circle is no trace", () => {
  expect(
    drawn({ oldest: 1, newest: 2, seqs: null }, [
      [1, 2],
      [2, 1],
    ]),
  ).toEqual(["1", " 2"]);
});

test("a very long chain is walked without recursion", () => {
  const parents = Array.from({ length: 99_999 }, (_, n): [number, number] => [n + 2, n + 1]);
  const sight = asTraces({ oldest: 1, newest: 100_000, seqs: null }, new Map(parents));
  expect(sight.seqAt(99_999)).toBe(100_000);
  expect(sight.depthAt(99_999)).toBe(12);
});
