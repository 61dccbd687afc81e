import { expect, test } from "vitest";
import { createSequence } from "./sequence.ts";

test("one key, two keys in time, and what is neither", () => {
  const { press } = createSequence(["/", "g m"]);
  expect(press("/", 0)).toBe("/");
  expect(press("g", 1_000)).toBeNull();
  expect(press("m", 1_900)).toBe("g m");
  expect(press("m", 2_000)).toBeNull();
  expect(press("g", 5_000)).toBeNull();
  expect(press("m", 9_000)).toBeNull();
});
