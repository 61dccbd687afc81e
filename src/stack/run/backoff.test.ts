import { expect, test } from "vitest";
import { backoff, crashesInARow } from "./backoff.ts";

test("waits double from a quarter of a second to ten", () => {
  const waits = Array.from({ length: 9 }, (_, n) => backoff(n + 1, () => 0.5));
  expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
});

test("services that crash together don't restart together", () => {
  expect(backoff(3, () => 0)).toBe(950);
  expect(backoff(3, () => 1)).toBe(1_050);
});

test("a crash after half a minute of being ready is a first one again", () => {
  expect(crashesInARow(4, null)).toBe(5);
  expect(crashesInARow(4, 29_999)).toBe(5);
  expect(crashesInARow(4, 30_000)).toBe(1);
});
