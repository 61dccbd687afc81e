import { expect, test } from "vitest";
import { pageOf, readPage, readResults } from "./results.ts";
import { runRows } from "./run-rows.ts";
import { TABLE } from "./table.ts";

runRows(
  TABLE.filter(({ quick }) => quick === true),
  () => {},
);

test("the docs page is made from what was seen of every row", () => {
  expect(Object.keys(readResults().rows)).toEqual(TABLE.map(({ name }) => name));
  expect(readPage()).toBe(pageOf(readResults()));
});
