import { expect, test } from "vitest";
import { createLogBuffer } from "./buffer.ts";
import { createMatchIndex, NO_SPANS, step } from "./matches.ts";
import { toMatcher } from "./search.ts";

function buffer(...texts: string[]) {
  const made = createLogBuffer(1_000);
  made.append(
    texts.map((text) => ({ service: "api", stream: text.startsWith("!") ? "stderr" : "stdout", time: 0, text })),
  );
  return made.chunks();
}
const index = (query: string) => {
  const matcher = toMatcher(query);
  return createMatchIndex(typeof matcher === "function" ? matcher : null);
};

test("matches are counted over the rows that are shown", () => {
  const chunks = buffer("a b a", "none", "!a");
  expect(index("a").all(chunks, () => true)).toEqual([
    { row: 0, at: 0 },
    { row: 0, at: 1 },
    { row: 2, at: 0 },
  ]);
  expect(index("a").all(chunks, ({ line }) => line.stream === "stderr")).toEqual([{ row: 2, at: 0 }]);
  expect(index("").all(chunks, () => true)).toEqual([]);
});

test("colours don't come between a match", () => {
  const chunks = buffer("\x1b[1mrea\x1b[32mdy\x1b[0m");
  expect(index("ready").all(chunks, () => true)).toHaveLength(1);
});

test("rows without a match share one empty list", () => {
  const [chunk] = buffer("x", "y");
  const made = index("z");
  expect(chunk?.rows.map((row) => made.spans(row) === NO_SPANS)).toEqual([true, true]);
});

test("next and previous go round, and begin with the newest", () => {
  const matches = index("a").all(buffer("a", "a", "a"), () => true);
  expect(step(matches, null, 1)).toEqual({ row: 2, at: 0 });
  expect(step(matches, { row: 2, at: 0 }, 1)).toEqual({ row: 0, at: 0 });
  expect(step(matches, { row: 0, at: 0 }, -1)).toEqual({ row: 2, at: 0 });
  expect(step([], null, 1)).toBeNull();
});
