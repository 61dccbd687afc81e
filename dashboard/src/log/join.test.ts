import { expect, test } from "vitest";
import type { LogLine } from "../../../src/stack/session/messages.ts";
import { joinLines } from "./join.ts";

const lines = (...texts: string[]): LogLine[] =>
  texts.map((text) => ({ service: "api", stream: "stdout", time: text.charCodeAt(0), text }));

test.each([
  ["what came while home answered is not shown twice", "abcd", "cdef", "abcdef"],
  ["a stream that lags behind the answer adds nothing yet", "abcd", "bc", "abcd"],
  ["nothing in common: one after the other", "ab", "cd", "abcd"],
  ["a quiet stream", "ab", "", "ab"],
  ["an empty log", "", "ab", "ab"],
  ["the same line again and again", "aaa", "aab", "aaab"],
])("%s", (_, kept, live, joined) => {
  expect(
    joinLines(lines(...kept), lines(...live))
      .map(({ text }) => text)
      .join(""),
  ).toBe(joined);
});
