import { expect, test } from "vitest";
import { stacksText } from "./use-stacks.ts";

test.each([
  ["", ""],
  ["shop", "shop"],
  ["shop blog", "blog, shop"],
  ["a b c d", "4 stacks"],
])("of %j is said %j", (names, said) => {
  expect(stacksText(names.split(" ").flatMap((name) => (name === "" ? [] : [{ name }])))).toBe(said);
});
