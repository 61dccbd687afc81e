import type { ExchangeError } from "../../exchange.ts";
import { quoted } from "./text.ts";
import { BROKEN, NONE, numberIn, tokenScanner } from "./tokens.ts";

/** Replies within replies: Redis itself goes no deeper than a few. */
const DEEPEST = 128;
const CUT = "…";

/** A reply, or a push that nobody asked for. */
export interface Reply {
  /** As redis-cli prints it, cut at the limit. */
  readonly text: string;
  readonly error: ExchangeError | null;
  /** RESP3 says so; in RESP2 an array may be one. */
  readonly push: boolean;
  readonly array: boolean;
  /** Its first element, where that is a short string: `message`. And its third, where that is a number. */
  readonly first: string;
  readonly third: number | null;
  /** Of the whole reply. */
  readonly bytes: number;
}

/** An array, set, map or push whose elements are still to come. */
interface Nest {
  readonly type: string;
  readonly count: number;
  done: number;
  /** What its own lines begin with, and those of what is in it. */
  readonly indent: string;
  readonly digits: number;
}

const EMPTY: Readonly<Record<string, string>> = {
  "*": "(empty array)",
  "~": "(empty set)",
  "%": "(empty hash)",
  ">": "(empty push)",
};

/** The bulk string at hand. */
interface Bulk {
  type: string;
  /** Whole, bytes. */
  size: number;
  kept: Buffer[];
  keptSize: number;
}

/** The reply at hand: as much as was read of it. */
interface Reader {
  /** Characters of each reply that are kept. */
  readonly most: number;
  readonly began: () => void;
  readonly told: (reply: Reply) => boolean;
  /** What it is in, from the outside in. */
  readonly nests: Nest[];
  readonly bulk: Bulk;
  text: string;
  cut: boolean;
  /** No reply has begun. */
  idle: boolean;
  total: number;
  error: ExchangeError | null;
  type: string;
  first: string;
  third: number | null;
}

/** Reads replies and prints them. `most`: characters of each that are kept. */
export function replyReader(
  most: number,
  began: () => void,
  told: (reply: Reply) => boolean,
): (bytes: Buffer) => boolean {
  const reader: Reader = {
    ...{ most, began, told, nests: [], bulk: { type: "", size: 0, kept: [], keptSize: 0 } },
    ...{ text: "", cut: false, idle: true, total: 0, error: null, type: "", first: "", third: null },
  };
  return tokenScanner({
    line: (bytes, from, to) => takeLine(reader, bytes, from, to),
    payload: (bytes, from, to) => takePayload(reader, bytes, from, to),
    end: () => endBulk(reader),
  });
}

function takeLine(reader: Reader, bytes: Buffer, from: number, to: number): number {
  if (from === to) return BROKEN;
  reader.total += to - from + 2;
  if (reader.idle) {
    reader.idle = false;
    reader.began();
  }
  const kind = String.fromCharCode(bytes[from] as number);
  if (reader.nests.length === 0) reader.type = kind;
  switch (kind) {
    case "*":
    case "~":
    case "%":
    case ">":
    case "|": {
      const count = numberIn(bytes, from, to);
      return count !== null && openNest(reader, kind, count) ? NONE : BROKEN;
    }
    case "$":
    case "!":
    case "=":
      return openBulk(reader, kind, numberIn(bytes, from, to));
    case ":":
      if (isElement(reader, 2)) reader.third = numberIn(bytes, from, to);
      break;
    case "-":
      if (reader.nests.length === 0) reader.error = errorOf(bytes.toString("utf8", from + 1, to));
      break;
  }
  const printed = simpleValue(kind, bytes, from, to);
  return printed !== null && value(reader, printed) ? NONE : BROKEN;
}

/** A value that is one line; null: there is no such type. */
function simpleValue(kind: string, bytes: Buffer, from: number, to: number): string | null {
  const rest = bytes.toString("utf8", from + 1, to);
  switch (kind) {
    case "+":
    case "(":
      return rest;
    case "-":
      return `(error) ${rest}`;
    case ":":
      return `(integer) ${rest}`;
    case "_":
      return "(nil)";
    case "#":
      return rest === "t" ? "(true)" : "(false)";
    case ",":
      return `(double) ${rest}`;
    default:
      return null;
  }
}

/** `length`: null where it is no number. Returns how many bytes follow. */
function openBulk(reader: Reader, kind: string, length: number | null): number {
  if (length === null || length < -1) return BROKEN;
  if (length === -1) return value(reader, "(nil)") ? NONE : BROKEN;
  reader.bulk.type = kind;
  reader.bulk.size = length;
  return length;
}

function takePayload(reader: Reader, bytes: Buffer, from: number, to: number): void {
  const { bulk, most, text, cut } = reader;
  // A push is known by its first element, whatever the limit.
  const room = cut ? 0 : isElement(reader, 0) ? Math.max(32, most - text.length) : most - text.length;
  const end = Math.min(to, from + Math.max(0, room - bulk.keptSize));
  if (end === from) return;
  bulk.kept.push(Buffer.from(bytes.subarray(from, end)));
  bulk.keptSize += end - from;
}

function endBulk(reader: Reader): boolean {
  const { bulk } = reader;
  const { type, size, kept, keptSize } = bulk;
  reader.total += size + 2;
  const whole = kept.length === 1 ? (kept[0] as Buffer) : Buffer.concat(kept);
  if (isElement(reader, 0) && size <= 32) reader.first = whole.toString("latin1");
  const more = keptSize < size ? CUT : "";
  bulk.kept = [];
  bulk.keptSize = 0;
  if (type === "!") {
    const said = whole.toString("utf8") + more;
    if (reader.nests.length === 0) reader.error = errorOf(said);
    return value(reader, `(error) ${said}`);
  }
  // A verbatim string: its form, a colon, the text.
  return value(reader, type === "=" ? whole.toString("utf8", 4) + more : quoted(whole) + more);
}

/** Whether the value at hand is element `n` of the reply itself. */
function isElement({ nests }: Reader, n: number): boolean {
  return nests.length === 1 && nests[0]?.done === n && nests[0].type !== "|";
}

function isInAttribute({ nests }: Reader): boolean {
  for (const nest of nests) if (nest.type === "|") return true;
  return false;
}

function print(reader: Reader, more: string): void {
  if (reader.cut) return;
  reader.text += more;
  if (reader.text.length <= reader.most) return;
  reader.text = reader.text.slice(0, reader.most) + CUT;
  reader.cut = true;
}

/** Prints what stands before the next element. */
function printLead(reader: Reader): void {
  const nest = reader.nests.at(-1);
  if (nest === undefined || reader.cut || nest.type === "|") return;
  const { done, indent, digits } = nest;
  if (nest.type === "%" && done % 2 === 1) return print(reader, " => ");
  const number = String(nest.type === "%" ? done / 2 + 1 : done + 1).padStart(digits);
  const sign = nest.type === "%" ? "#" : nest.type === "~" ? "~" : ")";
  print(reader, `${done === 0 ? "" : `\n${indent}`}${number}${sign} `);
}

/** A value without others in it. False: the reply makes no sense. */
function value(reader: Reader, printed: string): boolean {
  if (!isInAttribute(reader)) {
    printLead(reader);
    print(reader, printed);
  }
  return endElement(reader);
}

/** One more is whole: maybe what it is in, too. */
function endElement(reader: Reader): boolean {
  const { nests } = reader;
  for (let nest = nests.at(-1); nest !== undefined; nest = nests.at(-1)) {
    if (++nest.done < nest.count) return true;
    nests.pop();
    // An attribute comes before the value that it is about.
    if (nest.type === "|") return true;
  }
  const { text, error, type, first, third, total } = reader;
  Object.assign(reader, NOTHING_READ);
  return reader.told({ text, error, push: type === ">", array: type === "*", first, third, bytes: total });
}

const NOTHING_READ: Pick<Reader, "text" | "cut" | "idle" | "total" | "error" | "first" | "third"> = {
  ...{ text: "", cut: false, idle: true, total: 0, error: null, first: "", third: null },
};

function openNest(reader: Reader, kind: string, count: number): boolean {
  const pairs = kind === "%" || kind === "|";
  if (count <= 0) {
    // An attribute without pairs is nothing.
    if (kind === "|") return true;
    return value(reader, count < 0 ? "(nil)" : (EMPTY[kind] ?? ""));
  }
  const { nests } = reader;
  if (nests.length >= DEEPEST) return false;
  const outer = nests.at(-1);
  if (kind !== "|" && !isInAttribute(reader)) printLead(reader);
  const indent = outer === undefined ? "" : outer.indent + " ".repeat(outer.digits + 2);
  // A map's value of several lines has lines of its own.
  if (outer?.type === "%" && outer.done % 2 === 1 && count > 1) print(reader, `\n${indent}`);
  nests.push({ type: kind, count: pairs ? count * 2 : count, done: 0, indent, digits: String(count).length });
  return true;
}

/** `WRONGTYPE Operation against …`: its first word is the code. */
function errorOf(text: string): ExchangeError {
  const space = text.indexOf(" ");
  return space === -1 ? { code: text, message: "" } : { code: text.slice(0, space), message: text.slice(space + 1) };
}
