import { expect, test } from "vitest";
import { decode } from "./ansi.ts";

const ESC = "\x1b";

test("a plain line is itself", () => {
  expect(decode("GET /orders 200\tok")).toEqual({ text: "GET /orders 200\tok", runs: [] });
});

test("colours become stretches of the plain text", () => {
  expect(decode(`${ESC}[32mready${ESC}[0m in ${ESC}[1;91m38${ESC}[22m ms${ESC}[39m.`)).toEqual({
    text: "ready in 38 ms.",
    runs: [
      { start: 0, end: 5, look: { color: 2 } },
      { start: 9, end: 11, look: { color: 9, bold: true } },
      { start: 11, end: 14, look: { color: 9 } },
    ],
  });
});

test.each([
  ["38;5;1", 1],
  ["38;5;208", "rgb(255 135 0)"],
  ["38;5;244", "rgb(128 128 128)"],
  ["38;2;1;2;3", "rgb(1 2 3)"],
  ["38:2:1:2:3", "rgb(1 2 3)"],
  ["97", 15],
])("SGR %s is colour %s", (sgr, color) => {
  expect(decode(`${ESC}[${sgr}mx`).runs).toEqual([{ start: 0, end: 1, look: { color } }]);
});

test("an extended colour doesn't leak its numbers into what follows it", () => {
  expect(decode(`${ESC}[38;5;4;4mx`).runs[0]?.look).toEqual({ color: 4, underline: true });
  expect(decode(`${ESC}[48;2;9;9;9;3mx`).runs[0]?.look).toEqual({ background: "rgb(9 9 9)", italic: true });
});

test("an empty SGR resets", () => {
  expect(decode(`${ESC}[7mon${ESC}[moff`).runs).toEqual([{ start: 0, end: 2, look: { inverse: true } }]);
});

test("cursor moves, titles, links and stray controls leave no trace", () => {
  expect(
    decode(`${ESC}[2K${ESC}[1G${ESC}]0;title\x07a${ESC}]8;;http://x/${ESC}\\b${ESC}]8;;\x07\x00c${ESC}(B\x08`).text,
  ).toBe("abc");
  expect(decode(`cut off${ESC}[`).text).toBe("cut off");
});

test("of a line that was drawn over, the last drawing counts", () => {
  expect(decode("10 %\r50 %\r100 %").text).toBe("100 %");
  expect(decode("done\r").text).toBe("done");
});
