import { expect, test } from "vitest";
import type { DiffLine } from "../../../../src/inspect/diff.ts";
import { folded } from "./fold.ts";

const same = (...texts: string[]): DiffLine[] => texts.map((text) => ({ sign: "same", text }));
const lines = (many: number) => same(...Array.from({ length: many }, (_, at) => String(at)));
const drawn = (all: readonly DiffLine[]) =>
  folded(all).map((line) => (typeof line === "number" ? line : line.sign === "same" ? line.text : line.sign));

test("what is the same is folded, but for what is around a difference", () => {
  const added: DiffLine = { sign: "added", text: "x" };
  expect(drawn([...lines(10), added, ...lines(20), added, ...lines(9)])).toEqual([
    ...[7, "7", "8", "9", "added", "0", "1", "2"],
    ...[14, "17", "18", "19", "added", "0", "1", "2", 6],
  ]);
});

test("little is left as it is, and no difference is lost", () => {
  const removed: DiffLine = { sign: "removed", text: "x" };
  expect(drawn([...lines(3), removed, removed, ...lines(6), removed])).toEqual([
    ...["0", "1", "2", "removed", "removed", "0", "1", "2", "3", "4", "5", "removed"],
  ]);
  expect(drawn([])).toEqual([]);
  expect(drawn(lines(50))).toEqual([50]);
});
