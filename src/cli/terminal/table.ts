import { stripVTControlCharacters } from "node:util";
import { shownSigns } from "./signs.ts";

type Rows = readonly (readonly string[])[];

/** Narrower than this, the last column isn't wrapped under itself. */
const NARROWEST = 16;
const INNER = "    ";

/**
 * Rows as aligned columns, two blanks apart. Colours don't count; the last column is never padded. Where they are wider than
 * `room` columns, texts of the last column are wrapped; where that isn't enough, each row's cells take lines of their own.
 * What has no blanks (a name, a URL) is never broken.
 */
export function table(cells: Rows, indent = "  ", room = terminalRoom()): string[] {
  const rows = cells.map((row) => row.map((cell) => shownSigns(cell)));
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      if (column < row.length - 1) widths[column] = Math.max(widths[column] ?? 0, width(cell));
    });
  }
  const lead = (row: readonly string[]) =>
    indent +
    row
      .slice(0, -1)
      .map((cell, column) => `${cell}${" ".repeat(Math.max(0, (widths[column] ?? 0) - width(cell)))}  `)
      .join("");
  const lines = rows.map((row) => (lead(row) + (row.at(-1) ?? "")).trimEnd());
  if (lines.every((line) => width(line) <= room)) return lines;
  const left = room - Math.max(...rows.map((row) => width(lead(row))));
  const longest = Math.max(...rows.map((row) => longestWord(row.at(-1) ?? "")));
  if (left >= Math.max(NARROWEST, longest)) {
    return rows.flatMap((row) => {
      const [first = "", ...more] = wrap(row.at(-1) ?? "", left);
      return [(lead(row) + first).trimEnd(), ...more.map((line) => " ".repeat(width(lead(row))) + line)];
    });
  }
  return rows.flatMap((row) => flowed(row, indent, room));
}

/** A row's cells one after the other, on as many lines as they need: for terminals that are too narrow for columns. */
export function flowed(row: readonly string[], indent: string, room: number): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const cell of row.filter((text) => text.trim() !== "")) {
    const joined = line.trim() === "" ? line + cell : `${line}  ${cell}`;
    if (width(joined) <= room || line.trim() === "") line = joined;
    else {
      lines.push(line);
      const inner = indent + INNER;
      const parts = wrap(cell, Math.max(1, room - inner.length));
      lines.push(...parts.slice(0, -1).map((part) => inner + part));
      line = inner + (parts.at(-1) ?? "");
    }
  }
  return [...lines, line.trimEnd()];
}

/** Columns of the terminal that standard output is; elsewhere lines may be as long as they are. */
/** Columns of the terminal; endless where there is none. */
export function terminalRoom(): number {
  return process.stdout.isTTY === true ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY;
}

function longestWord(text: string): number {
  return Math.max(0, ...text.split(" ").map(width));
}

/** The text, cut to `room` columns where it is longer: `GET /orders/…`. Its colours end with it. */
export function cut(text: string, room: number): string {
  const shown = shownSigns(text);
  if (width(shown) <= room) return shown;
  const mark = shownSigns("…");
  const most = Math.max(0, room - width(mark));
  let taken = 0;
  let result = "";
  for (const part of shown.split(SGR)) {
    if (part.startsWith("\x1b")) {
      result += part;
      continue;
    }
    for (const char of part) {
      taken += width(char);
      if (taken > most) return `${result}${mark.slice(0, room)}${result.includes("\x1b") ? "\x1b[0m" : ""}`;
      result += char;
    }
  }
  return result;
}

const SGR = /(\x1b\[[\d;]*m)/;

/** Columns that a text takes: East Asian wide characters and emoji take two. */
export function width(text: string): number {
  let columns = 0;
  for (const char of stripVTControlCharacters(text)) {
    const code = char.codePointAt(0) ?? 0;
    columns += /\p{Mark}/u.test(char) ? 0 : isWide(code) ? 2 : 1;
  }
  return columns;
}

function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}

/** `0.4 s`, `1.2 s`, `2 min`. */
export function duration(ms: number): string {
  if (ms < 100_000) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}

/** Breaks a sentence into lines of at most `room` columns, between words. */
export function wrap(text: string, room: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of shownSigns(text).split(" ")) {
    if (line !== "" && width(line) + 1 + width(word) > room) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, line];
}
