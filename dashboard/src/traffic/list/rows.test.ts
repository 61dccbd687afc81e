import { expect, test } from "vitest";
import { inOrder, NO_ROWS, type Rows, withNews } from "./rows.ts";

const shown = (rows: Rows) => {
  const sight = inOrder(rows);
  return Array.from({ length: sight.count }, (_, index) => sight.seqAt(index));
};

test("without a filter every number is a row", () => {
  expect(shown(NO_ROWS)).toEqual([]);
  const rows = { oldest: 7, newest: 9, seqs: null };
  expect(shown(rows)).toEqual([7, 8, 9]);
  expect([6, 7, 9, 10].map(inOrder(rows).indexOf)).toEqual([-1, 0, 2, -1]);
});

test("with one, those that fit", () => {
  const sight = inOrder({ oldest: 1, newest: 99, seqs: [3, 40, 41] });
  expect(sight.count).toBe(3);
  expect([3, 4, 41, 42].map(sight.indexOf)).toEqual([0, -1, 2, -1]);
});

test("news come to the end or where they belong, once; what home dropped goes", () => {
  const rows = { oldest: 1, newest: 9, seqs: [2, 5, 8] };
  expect(shown(withNews(rows, { oldest: 4, newest: 12, seqs: [12, 5, 6, 1] }))).toEqual([5, 6, 8, 12]);
  expect(shown(withNews({ oldest: 1, newest: 2, seqs: null }, { oldest: 2, newest: 4, seqs: [4] }))).toEqual([2, 3, 4]);
  expect(shown(withNews(rows, { oldest: 20, newest: 19, seqs: [] }))).toEqual([]);
});
