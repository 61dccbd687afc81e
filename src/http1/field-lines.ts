import { TOKEN_BYTES } from "./byte-classes.ts";
import { trimmed } from "./fields.ts";
import { type KnownNames, numberOf } from "./known-names.ts";

const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;
/** Numbers that `KnownLines` has of each line. */
const NUMBERS = 4;

/** How lines are read: the names that count, and what values may hold. */
export interface LineRules {
  readonly known: KnownNames;
  readonly values: Uint8Array;
}

/** Where lines lie in a head whose names count; all others are passed on as they came. */
export interface KnownLines {
  /** So many there are. */
  count: number;
  /** Of each its name's number, its start, where its value begins, and its end, behind its CRLF. */
  readonly numbers: number[];
}

export function knownLines(): KnownLines {
  return { count: 0, numbers: [] };
}

/**
 * Reads the field lines from `from` on, up to the empty line of the head that begins at `base`, and notes where the known ones
 * lie. Gives the index after the empty line, or -1: before `to` there is none, or something is no line.
 */
export function readLines(
  bytes: Buffer,
  base: number,
  from: number,
  to: number,
  { known, values }: LineRules,
  lines: KnownLines,
): number {
  lines.count = 0;
  let at = from;
  while (at < to) {
    const start = at;
    while (at < to && TOKEN_BYTES[bytes[at] ?? 0] === 1) at++;
    if (at === start) return at + 1 < to && bytes[at] === CR && bytes[at + 1] === LF ? at + 2 : -1;
    if (at === to || bytes[at] !== COLON) return -1;
    const number = numberOf(known, bytes, start, at);
    const value = ++at;
    while (at < to && values[bytes[at] ?? 0] === 1) at++;
    if (at + 1 >= to || bytes[at] !== CR || bytes[at + 1] !== LF) return -1;
    at += 2;
    if (number !== 0) note(lines, number, start - base, value - base, at - base);
  }
  return -1;
}

function note(lines: KnownLines, number: number, start: number, value: number, end: number): void {
  const { numbers } = lines;
  const at = lines.count++ * NUMBERS;
  numbers[at] = number;
  numbers[at + 1] = start;
  numbers[at + 2] = value;
  numbers[at + 3] = end;
}

/**
 * The field lines of a head that are passed on: `text` from `from` on, without the known ones that `note` keeps back. They are
 * cut out in runs, not one by one. `note` is told each known line's name and value, and writes down in `said` what it says.
 */
export function passedOn<Said>(
  text: string,
  from: number,
  { numbers, count }: KnownLines,
  said: Said,
  note: (said: Said, name: number, value: string) => boolean,
): string {
  const last = text.length - 2;
  let kept = "";
  let run = from;
  for (let at = 0; at < count * NUMBERS; at += NUMBERS) {
    const start = numbers[at + 1] ?? 0;
    const end = numbers[at + 3] ?? 0;
    if (note(said, numbers[at] ?? 0, trimmed(text, numbers[at + 2] ?? 0, end - 2))) continue;
    if (run < start) kept += text.slice(run, start);
    run = end;
  }
  return run < last ? kept + text.slice(run, last) : kept;
}
