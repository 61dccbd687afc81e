import { expect, test } from "vitest";
import { duration, table, width } from "./table.ts";

test("columns are as wide as their widest cell, whatever its colour or script", () => {
  expect(
    table([
      ["db", "\x1b[32mready\x1b[39m", "a"],
      ["データ", "failed", "b"],
      ["e\u0301", "", "c"],
    ]),
  ).toEqual(["  db      \x1b[32mready\x1b[39m   a", "  データ  failed  b", "  e\u0301               c"]);
});

test("lines end where their text ends", () => {
  expect(table([["a", ""]], "")).toEqual(["a"]);
  expect(width("🪢 x")).toBe(4);
});

test.each([
  [0, "0.0 s"],
  [1_240, "1.2 s"],
  [99_900, "99.9 s"],
  [180_000, "3 min"],
  [7_200_000, "2 h"],
])("%i ms are %s", (ms, text) => {
  expect(duration(ms)).toBe(text);
});
