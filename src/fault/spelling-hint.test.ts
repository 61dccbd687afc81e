import { expect, test } from "vitest";
import { didYouMean } from "./spelling.ts";

const KEYS = ["command", "needs", "ready", "readyTimeout", "env", "cwd"];

test.each([
  ["comand", "command"],
  ["commadn", "command"],
  ["Needs", "needs"],
  ["need", "needs"],
  ["readytimeout", "readyTimeout"],
  ["evn", "env"],
])("%s is a slip of %s", (word, meant) => {
  expect(didYouMean(word, KEYS)).toBe(`; did you mean "${meant}"?`);
});

test.each(["volumes", "x", "image"])("%s is near to nothing", (word) => {
  expect(didYouMean(word, KEYS)).toBe("");
});
