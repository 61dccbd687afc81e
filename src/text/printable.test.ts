import fc from "fast-check";
import { expect, test } from "vitest";
import { printable, printableJson, printableLine, printableLog, printableWords } from "./printable.ts";

test.each([
  ["\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"],
  ["\x1b[2J\x1b[31mred\x1b[0m", "␛[2J␛[31mred␛[0m"],
  ["\x9b31m\x85\x7f", "<U+009B>31m<U+0085>␡"],
  ["user\u202eexe.txt\u2066", "user<U+202E>exe.txt<U+2066>"],
  ["a\r\nb\tc\0", "a␍\nb\tc␀"],
  ["\ud800x", "<U+D800>x"],
  ["Grüße, データ 👩‍🚀 e\u0301", "Grüße, データ 👩‍🚀 e\u0301"],
])("%j is printed as %j", (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test("colours stay, go, or show; nothing that only begins like them stays", () => {
  const text = "\x1b[1;38:2::1:2:3mok\x1b[0m \x1b[?25l\x1b[31\x1b[5n";
  expect(printable(text, "keep")).toBe("\x1b[1;38:2::1:2:3mok\x1b[0m ␛[?25l␛[31␛[5n");
  expect(printable(text, "drop")).toBe("ok ␛[?25l␛[31␛[5n");
  expect(printable("\x1b\x1b[0m[31m", "drop")).toBe("␛[31m");
});

test("a log's colours end with its line", () => {
  expect(printableLog("\x1b[31mred", "keep")).toBe("\x1b[31mred\x1b[0m");
  expect(printableLog("plain\r", "keep")).toBe("plain");
  expect(printableLog("1%\r2%\r", "drop")).toBe("1%␍2%");
});

test("one line is one line", () => {
  expect(printableLine("a\nb\tc\r")).toBe("a⏎b c␍");
});

const unsafe = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
const wild = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom("\x1b", "[", "]", "m", "3", "1", ";", "\x9b", "\x07", "\u202e", "a", "\r", "\n") }),
);

test("whatever comes in, only line feeds, tabs and colours come out", () => {
  fc.assert(
    fc.property(wild, (text) => {
      expect(printable(text)).not.toMatch(unsafe);
      expect(printable(text, "drop")).not.toMatch(unsafe);
      expect(printable(text, "keep").replace(/\x1b\[[0-9;:]*m/g, "")).not.toMatch(unsafe);
      expect(printable(printable(text))).toBe(printable(text));
    }),
    { numRuns: 2_000 },
  );
});

test("JSON keeps its value", () => {
  fc.assert(
    fc.property(wild, (text) => {
      const json = printableJson(JSON.stringify({ text, [text]: [text] }));
      expect(json).not.toMatch(unsafe);
      expect(JSON.parse(json)).toEqual({ text, [text]: [text] });
    }),
  );
  expect(JSON.parse(printableJson(JSON.stringify("\u{e0041}\ufeff")))).toBe("\u{e0041}\ufeff");
});

test("names and commands are one line, with every run of white space as one blank", () => {
  expect(printableWords(" a\r\n\tb\x1b[31m \u202ec")).toBe("a b␛[31m <U+202E>c");
});
