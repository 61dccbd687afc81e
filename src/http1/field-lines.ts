import { TOKEN, trimmed } from "./fields.ts";

/** One field line of a head. */
export interface FieldLine {
  /** As it came, with its CRLF. */
  readonly text: string;
  /** What a reader knows its name as; 0 for every other name. */
  readonly field: number;
  /** In lower case. */
  readonly name: string;
  /** Without the blanks around it; of fields that no reader knows it's left empty. */
  readonly value: string;
}

/**
 * The lines of a connection's last head. Clients and services repeat most of theirs (all but a request line, a cookie, a
 * date), and comparing a line costs a tenth of reading it: HPACK lives off the same.
 */
export interface LineMemory {
  readonly lines: FieldLine[];
  /** How many of them belong to the head that was read last. */
  count: number;
}

/** More lines than this are read, but not remembered. */
const REMEMBERED_MOST = 64;

export function lineMemory(): LineMemory {
  return { lines: [], count: 0 };
}

/** A name, a colon, and a value of visible characters, blanks and bytes over 0x7f. Requests. */
export const STRICT_LINE = new RegExp(`${TOKEN}:[\\t\\x20-\\x7e\\x80-\\xff]*\\r\\n`, "y");
/** The same with any control character in the value but NUL, CR and LF: what services send and clients take. */
export const LENIENT_LINE = new RegExp(`${TOKEN}:[^\\0\\r\\n]*\\r\\n`, "y");

/**
 * Reads the field lines in `text[from, to)` into the memory, with what it remembers of the head before. `known` numbers the
 * fields whose values matter to the caller. Returns false where a line is none.
 */
export function readLines(
  text: string,
  from: number,
  to: number,
  memory: LineMemory,
  shape: RegExp,
  known: ReadonlyMap<string, number>,
): boolean {
  const { lines } = memory;
  let at = from;
  let count = 0;
  for (; at < to; count++) {
    const last = lines[count];
    // Mostly the very line that stood here before.
    if (last !== undefined && text.startsWith(last.text, at)) {
      at += last.text.length;
      continue;
    }
    shape.lastIndex = at;
    if (!shape.test(text)) return false;
    const end = shape.lastIndex;
    const line = readLine(text, at, end, known);
    at = end;
    // A line more than before pushes the others on; else it takes the place of the one with its name.
    if (last === undefined || last.name === line.name || lines.length >= REMEMBERED_MOST) lines[count] = line;
    else lines.splice(count, 0, line);
  }
  memory.count = count;
  if (lines.length > count) forget(memory);
  return at === to;
}

/** Lines that this head lacks may come again with the next one, but not for ever. */
function forget({ lines, count }: LineMemory): void {
  if (lines.length > count + 8) lines.length = count;
}

function readLine(text: string, at: number, end: number, known: ReadonlyMap<string, number>): FieldLine {
  const colon = text.indexOf(":", at);
  const name = text.slice(at, colon).toLowerCase();
  const field = known.get(name) ?? 0;
  return { text: text.slice(at, end), field, name, value: field === 0 ? "" : trimmed(text, colon + 1, end - 2) };
}
