import { describe, expect, test } from "vitest";
import { cut, duration, table, width } from "./table.ts";

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

describe("a table that is too wide", () => {
  const rows = [
    ["web", "ready", "http://web.shop.localhost:62893"],
    ["database", "failed", "http://database.shop.localhost:62893"],
  ];

  test("wraps texts of the last column under each other", () => {
    expect(table([["cove up", "every service of a config"]], "", 26)).toEqual([
      "cove up  every service of",
      "         a config",
    ]);
  });

  test("takes several lines a row where that isn't enough; a URL stays whole", () => {
    expect(table(rows, "  ", 40)).toEqual([
      "  web  ready",
      "      http://web.shop.localhost:62893",
      "  database  failed",
      "      http://database.shop.localhost:62893",
    ]);
    expect(table(rows, "  ", 10).join("\n")).toContain("      http://database.shop.localhost:62893");
  });

  test("a cut text says so within its room", () => {
    expect(cut("GET /orders/1234", 10)).toBe("GET /orde…");
    expect(cut("short", 10)).toBe("short");
  });
});
