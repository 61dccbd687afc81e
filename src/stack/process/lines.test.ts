import { describe, expect, test } from "vitest";
import { lineSplitter } from "./lines.ts";

function split(...chunks: (string | Buffer)[]): string[] {
  const lines: string[] = [];
  const splitter = lineSplitter((text) => lines.push(text));
  for (const chunk of chunks) splitter.write(Buffer.from(chunk));
  splitter.end();
  return lines;
}

describe("lines", () => {
  test.each([
    ["a line across chunks is one", ["he", "llo\nwor", "ld\n"], ["hello", "world"]],
    ["the last one needs no newline", ["a\nb"], ["a", "b"]],
    ["empty lines stay", ["a\n\n\nb\n"], ["a", "", "", "b"]],
    ["CRLF ends a line, also when cut in two", ["a\r\nb\r", "\nc\r\n"], ["a", "b", "c"]],
    ["of a progress bar only the last drawing is kept", ["10 %\r50 %\r", "100 %\ndone\n"], ["100 %", "done"]],
    ["colours stay", ["\u001b[31mred\u001b[0m\n"], ["\u001b[31mred\u001b[0m"]],
  ])("%s", (_, chunks, lines) => {
    expect(split(...chunks)).toEqual(lines);
  });

  test("what is no line is told as a piece: a prompt, and what a bar has drawn over", () => {
    const pieces: [string, boolean][] = [];
    const lines: string[] = [];
    const splitter = lineSplitter(
      (text) => lines.push(text),
      (text, drawnOver) => pieces.push([text, drawnOver]),
    );
    for (const chunk of ["name", "? ", "\r\n", "10 %\r50 %\r100 %\r", "\ndone\r", "gone"])
      splitter.write(Buffer.from(chunk));
    splitter.end();
    expect(lines).toEqual(["name? ", "100 %", "gone"]);
    expect(pieces).toEqual([
      ["name", false],
      ["name? ", false],
      ["10 %", true],
      ["50 %", true],
      ["100 %", false],
      ["done", false],
      ["done", true],
      ["gone", false],
    ]);
  });

  test("UTF-8 survives any cut, byte by byte", () => {
    const text = "größe ✓ 🚢 naïve";
    const bytes = Buffer.from(`${text}\n`);
    expect(split(...Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual([text]);
  });

  test("a line without end is cut at 64 Ki characters, never through one", () => {
    const lines = split("x".repeat(65_535), "🚢".repeat(40_000), "\nnext\n");
    expect(lines.at(-1)).toBe("next");
    expect(lines.slice(0, -1).join("")).toBe("x".repeat(65_535) + "🚢".repeat(40_000));
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(65_536);
    expect(lines.every((line) => line.isWellFormed())).toBe(true);
  });

  test("a bar that draws for ever doesn't fill the memory", () => {
    expect(split(...Array.from({ length: 20_000 }, (_, n) => `\r${n}`.padEnd(100)), "\n")).toEqual([
      "19999".padEnd(99),
    ]);
  });
});
