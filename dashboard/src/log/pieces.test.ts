import { expect, test } from "vitest";
import { decode } from "./ansi.ts";
import { pieces } from "./pieces.ts";

const plain = { look: null, href: null, match: null };

test("a plain line is one piece, an empty one none", () => {
  expect(pieces(decode("hello"), [])).toEqual([{ ...plain, text: "hello" }]);
  expect(pieces(decode(""), [])).toEqual([]);
});

test("a match across a change of colour is cut in two that know they are one", () => {
  expect(pieces(decode("ab\x1b[31mcd\x1b[0me"), [{ start: 1, end: 3 }])).toEqual([
    { ...plain, text: "a" },
    { ...plain, text: "b", match: 0 },
    { ...plain, text: "c", look: { color: 1 }, match: 0 },
    { ...plain, text: "d", look: { color: 1 } },
    { ...plain, text: "e" },
  ]);
});

test("a URL is a link without the sentence around it", () => {
  expect(pieces(decode("see http://web.shop.localhost:62893/a?b=1."), [])).toEqual([
    { ...plain, text: "see " },
    { ...plain, text: "http://web.shop.localhost:62893/a?b=1", href: "http://web.shop.localhost:62893/a?b=1" },
    { ...plain, text: "." },
  ]);
});

test("pieces put together are the line", () => {
  const line = decode("\x1b[1m➜\x1b[0m Local: \x1b[36mhttp://127.0.0.1:\x1b[1m5173\x1b[22m/\x1b[39m ready");
  const cut = pieces(line, [
    { start: 0, end: 4 },
    { start: 20, end: 25 },
  ]);
  expect(cut.map(({ text }) => text).join("")).toBe(line.text);
});
