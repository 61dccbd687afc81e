import { columnsFor, insertInto, rowColumns } from "./columns.ts";
import { endsOf, type Frame, newFrame, newSegment, type Reader, type Segment, type SqlValue, top } from "./reader.ts";
import { stringValue, type Token } from "./tokens.ts";
import { BOUNDARIES, NO_CALLS, OF_NUMBERS, OF_TABLES, RESERVED, TELL_NOTHING } from "./words.ts";

/** Parentheses around a value that are looked at for functions; names that are passed on to the parentheses around. */
const CALLS_MOST = 8;
const PASSED_ON = 32;

/** What a statement says about its values. */
export interface SqlReading {
  readonly values: readonly SqlValue[];
  /** Every column, key and alias that it names. */
  readonly names: readonly string[];
  /** The names that go into each alias, in order. */
  readonly aliases: readonly { readonly alias: string; readonly of: readonly string[] }[];
  /** The names that go into each column of its result; null where a star stands for some. */
  readonly result: readonly (readonly string[])[] | null;
  /** The table that it inserts into; null for none. */
  readonly table: string | null;
  /** It inserts without naming columns, or runs a statement that was prepared elsewhere. */
  readonly blind: boolean;
}

/** Reads a statement far enough to know what its values are: no grammar, but lists, comparisons and calls. */
export function readValues(tokens: readonly Token[]): SqlReading {
  const root = newFrame(-1, false, null, null);
  const reader: Reader = {
    ...{ tokens, ends: endsOf(tokens), frames: [root], values: [], names: [], aliases: [] },
    ...{ table: null, blind: tokens[0]?.text === "execute" && tokens[0].kind === "word" },
  };
  for (let at = 0; at < tokens.length; ) at = read(reader, at);
  while (reader.frames.length > 1) close(reader);
  endSegment(root);
  const { values, names, aliases, table, blind } = reader;
  return { values, names, aliases, result: root.star ? null : root.items, table, blind };
}

/** Reads what begins at `at`; returns where the next begins. */
function read(reader: Reader, at: number): number {
  const token = reader.tokens[at] as Token;
  const frame = top(reader);
  const { segment } = frame;
  const before = reader.tokens[at - 1];
  if (token.text !== "," && token.text !== ")") {
    segment.string = token.kind === "string" && segment.tokens === 0 ? token : null;
    segment.tokens++;
  }
  switch (token.kind) {
    case "string":
      if (isKey(before, reader.tokens[at - 2])) addName(reader, segment, keyIn(stringValue(token)), null);
      else addValue(reader, segment, token);
      return at + 1;
    case "number":
    case "parameter":
      addValue(reader, segment, token);
      return at + 1;
    case "sign":
      return readSign(reader, frame, token, at);
    case "word":
      if (BOUNDARIES.has(token.text)) return boundary(reader, frame, token.text, at);
      if (token.text === "case") reader.frames.push(newFrame(-1, true, null, null));
      else if (token.text === "end" && frame.isCase) close(reader);
      else if (token.text === "between") segment.between = true;
      else if (token.text === "as" && frame.call === "cast") return reader.ends.get(frame.from) ?? at + 1;
      if (RESERVED.has(token.text) && !isColumnNamed(token.text, reader.tokens[at + 1])) return at + 1;
  }
  return readName(reader, segment, token, at);
}

/** `PASSWORD 'x'` of a role is read as a column of that name; `user.name` is one. */
function isColumnNamed(word: string, next: Token | undefined): boolean {
  return word === "user" && next?.text === ".";
}

function readName(reader: Reader, segment: Segment, token: Token, at: number): number {
  const next = reader.tokens[at + 1];
  const before = reader.tokens[at - 1];
  // A qualifier, or a function's name: `open` takes that.
  if (next?.kind === "sign" && next.text === ".") return at + 2;
  if (next?.kind === "sign" && next.text === "(") return at + 1;
  // `expression AS alias`, or without AS.
  const follows = before !== undefined && (before.kind !== "sign" || before.text === ")" || before.text === "]");
  const isAlias = before?.text === "as" || (follows && segment.tokens > 1 && !isWordOf(before));
  addName(reader, segment, token.text, isAlias ? token.text : null);
  return at + 1;
}

function isWordOf(token: Token | undefined): boolean {
  return token?.kind === "word" && (RESERVED.has(token.text) || BOUNDARIES.has(token.text));
}

function readSign(reader: Reader, frame: Frame, { text }: Token, at: number): number {
  switch (text) {
    case "(":
      open(reader, frame, at);
      return at + 1;
    case ")":
      if (reader.frames.length > 1) close(reader);
      return at + 1;
    case ",":
      endSegment(frame);
      frame.index++;
      frame.segment = newSegment(frame.segment.of);
      return at + 1;
    case "*":
      frame.segment.star = true;
      return at + 1;
    case "::":
      return afterType(reader.tokens, at + 1);
    default:
      return at + 1;
  }
}

/** Behind `"public"."Role"`, `character varying(20)[]`. */
function afterType(tokens: readonly Token[], from: number): number {
  let at = from + 1;
  while (tokens[at]?.text === "." && tokens[at]?.kind === "sign") at += 2;
  return at;
}

function addName({ names, aliases }: Reader, segment: Segment, name: string, alias: string | null): void {
  names.push(name);
  if (alias !== null) {
    segment.alias = alias;
    aliases.push({ alias, of: [...segment.names] });
  }
  segment.names.push(name);
}

function addValue({ values, frames }: Reader, segment: Segment, token: Token): void {
  const value: SqlValue = { token, names: [], calls: [], key: null };
  for (let n = frames.length - 1; n >= Math.max(0, frames.length - CALLS_MOST); n--) {
    const call = frames[n]?.call ?? null;
    if (call !== null) value.calls.push(call);
  }
  values.push(value);
  if (segment.of === "numbers") value.names = ["limit"];
  else segment.open.push(value);
}

/** `data->>'key'`, `data #>> '{user,key}'`, `data['key']`. */
function isKey(before: Token | undefined, beforeThat: Token | undefined): boolean {
  if (before?.kind !== "sign") return false;
  return /^(?:->>?|#>>?|\?)$/.test(before.text) || (before.text === "[" && beforeThat?.text !== "array");
}

function keyIn(text: string): string {
  return /([^{},"]+)[}"]*$/.exec(text)?.[1] ?? text;
}

function boundary(reader: Reader, frame: Frame, word: string, at: number): number {
  if (word === "and" && frame.segment.between) {
    frame.segment.between = false;
    return at + 1;
  }
  endSegment(frame);
  const of = OF_TABLES.has(word) ? "tables" : OF_NUMBERS.has(word) ? "numbers" : "expression";
  frame.segment = newSegment(of);
  if (word === "select" || word === "returning" || word === "values") {
    frame.part = word === "values" ? "values" : "select";
    frame.index = 0;
    if (word !== "values" && !frame.itemsDone) frame.items ??= [];
  } else if (frame.part === "select" && word !== "and" && word !== "or") {
    frame.part = "other";
    frame.itemsDone = frame.items !== null;
  }
  if (word === "values") frame.rows = rowColumns(reader, frame);
  return word === "into" && reader.tokens[at - 1]?.text === "insert" ? insertInto(reader, frame, at + 1) : at + 1;
}

function open(reader: Reader, frame: Frame, at: number): void {
  const before = reader.tokens[at - 1];
  const isCall = (before?.kind === "word" && !NO_CALLS.has(before.text)) || before?.kind === "name";
  const call = isCall ? before.text : null;
  reader.frames.push(newFrame(at, false, call, columnsFor(reader, frame, call, before)));
}

/** What is after a list's item, or a part: its values have the names in it, or those that its place says. */
function endSegment(frame: Frame): void {
  const { segment, index } = frame;
  const column = frame.columns?.[index] ?? (frame.part === "select" ? frame.insert?.[index] : undefined);
  const names = segment.of === "tables" ? [] : segment.names;
  const all = column === undefined ? names : [column, ...names];
  for (const value of segment.open) {
    value.key ??= frame.key;
    if (all.length > 0) value.names = all;
    else frame.left.push(value);
  }
  frame.names.push(...names.slice(0, PASSED_ON));
  frame.key = segment.tokens === 1 && segment.string !== null ? keyOf(stringValue(segment.string)) : null;
  if (frame.part === "select" && frame.items !== null && !frame.itemsDone) {
    frame.items.push(names);
    frame.star ||= segment.star && segment.tokens <= 3;
  }
}

/** `'password'`, `'{login,password}'`, `'app.password'`; null for what names nothing. */
function keyOf(text: string): string | null {
  return /^[\w.{},-]{1,80}$/.test(text) ? keyIn(text) : null;
}

/** The innermost parentheses end: what has no name in them gets one from where they stand. */
function close(reader: Reader): void {
  const frame = reader.frames.pop() as Frame;
  endSegment(frame);
  const { segment } = top(reader);
  const beside = frame.call === null ? [] : frame.names;
  for (const value of frame.left) {
    if (beside.length > 0) value.names = beside;
    else segment.open.push(value);
  }
  const isRow = frame.call === null && frame.left.length === 0 && frame.names.length > 1;
  if (isRow) segment.row = frame.names;
  if (frame.call === null || !TELL_NOTHING.has(frame.call)) segment.names.push(...frame.names.slice(0, PASSED_ON));
}
