import type { ExchangeError } from "../../exchange.ts";
import { binaryText } from "./types.ts";

/*
 * Bodies of protocol 3's messages (PostgreSQL's documentation, "Message Formats"). Each reads `bytes[from, to)`, which may be
 * the beginning of a longer body only; null where it makes no sense.
 */

/** What is known of a result's columns. */
export interface Fields {
  readonly names: readonly string[];
  readonly oids: readonly number[];
  /** 0 is text, 1 binary. */
  readonly formats: readonly number[];
}

export const NO_FIELDS: Fields = { names: [], oids: [], formats: [] };
/** Format of a value that nothing is known of. */
const UNKNOWN_FORMAT = -1;
/** What a value costs beside its text, bytes. */
const VALUE = 16;
const CUT = "…";

/** A text that ends with a zero byte: where the zero is, or -1. */
function zeroAt(bytes: Buffer, from: number, to: number): number {
  const at = bytes.indexOf(0, from);
  return at === -1 || at >= to ? -1 : at;
}

/** The text from `from` to its zero, or to where the body was cut. */
export function sqlAt(bytes: Buffer, from: number, to: number): { readonly text: string; readonly end: number } {
  const zero = zeroAt(bytes, from, to);
  if (zero === -1) return { text: bytes.toString("utf8", from, to) + CUT, end: to };
  return { text: bytes.toString("utf8", from, zero), end: zero + 1 };
}

export interface ParseBody {
  readonly name: string;
  readonly sql: string;
  readonly oids: readonly number[];
}

export function readParse(bytes: Buffer, from: number, to: number): ParseBody | null {
  const named = zeroAt(bytes, from, to);
  if (named === -1) return null;
  const { text, end } = sqlAt(bytes, named + 1, to);
  const oids: number[] = [];
  const count = end + 2 <= to ? bytes.readUInt16BE(end) : 0;
  for (let at = end + 2; oids.length < count && at + 4 <= to; at += 4) oids.push(bytes.readUInt32BE(at));
  return { name: bytes.toString("utf8", from, named), sql: text, oids };
}

/** `S` or `P` and a name, as in Describe and Close; a lone name in Execute. */
export function readName(bytes: Buffer, from: number, to: number): string | null {
  const end = zeroAt(bytes, from, to);
  return end === -1 ? null : bytes.toString("utf8", from, end);
}

export interface BindBody {
  readonly portal: string;
  readonly statement: string;
  readonly params: (string | null)[];
  /** Of the result's columns: none is all text, one is for all. Null: not seen. */
  readonly formats: readonly number[] | null;
  readonly cost: number;
}

/** `oidsOf`: the types of a statement's parameters. `most`: bytes of values that are kept. */
export function readBind(
  bytes: Buffer,
  from: number,
  to: number,
  oidsOf: (statement: string) => readonly number[],
  most: number,
): BindBody | null {
  const portalEnd = zeroAt(bytes, from, to);
  const nameEnd = portalEnd === -1 ? -1 : zeroAt(bytes, portalEnd + 1, to);
  if (nameEnd === -1) return null;
  const statement = bytes.toString("utf8", portalEnd + 1, nameEnd);
  const read = { portal: bytes.toString("utf8", from, portalEnd), statement };
  const given = readShorts(bytes, nameEnd + 1, to);
  if (given === null) return null;
  const values = readValues(bytes, given.end, to, oidsOf(statement), given.shorts, most);
  if (values === null) return { ...read, params: [], formats: null, cost: 0 };
  const formats = values.whole ? (readShorts(bytes, values.end, to)?.shorts ?? null) : null;
  return { ...read, params: values.values, formats, cost: values.cost };
}

function readShorts(bytes: Buffer, from: number, to: number): { shorts: number[]; end: number } | null {
  if (from + 2 > to) return null;
  const count = bytes.readUInt16BE(from);
  const end = from + 2 + 2 * count;
  if (end > to) return null;
  const shorts: number[] = [];
  for (let at = from + 2; at < end; at += 2) shorts.push(bytes.readUInt16BE(at));
  return { shorts, end };
}

export interface Values {
  readonly values: (string | null)[];
  /** Bytes to charge. */
  readonly cost: number;
  readonly end: number;
  /** False: the body was cut. */
  readonly whole: boolean;
}

/** Parameters, or a row. `formats` as in Bind, null where unknown. Null: not even a number of values. */
export function readValues(
  bytes: Buffer,
  from: number,
  to: number,
  oids: readonly number[],
  formats: readonly number[] | null,
  most: number,
): Values | null {
  if (from + 2 > to) return null;
  const count = bytes.readUInt16BE(from);
  const values: (string | null)[] = [];
  let cost = 0;
  let at = from + 2;
  for (let n = 0; n < count; n++) {
    if (at + 4 > to) return { values, cost, end: to, whole: false };
    const size = bytes.readInt32BE(at);
    at += 4;
    if (size < -1) return null;
    cost += VALUE;
    if (size === -1) {
      values.push(null);
      continue;
    }
    const end = Math.min(at + size, to, at + Math.max(0, most - cost));
    const format = formats === null ? UNKNOWN_FORMAT : formats.length > 1 ? formats[n] : (formats[0] ?? 0);
    const text = valueText(bytes, at, end, format ?? 0, end === at + size ? (oids[n] ?? 0) : 0);
    values.push(end === at + size ? text : text + CUT);
    cost += text.length;
    if (at + size > to) return { values, cost, end: to, whole: false };
    at += size;
  }
  return { values, cost, end: at, whole: true };
}

function valueText(bytes: Buffer, from: number, to: number, format: number, oid: number): string {
  if (format === 0) return bytes.toString("utf8", from, to);
  if (format === 1) return binaryText(oid, bytes, from, to);
  for (let at = from; at < to; at++) {
    if ((bytes[at] as number) < 0x20) return binaryText(0, bytes, from, to);
  }
  return bytes.toString("utf8", from, to);
}

/** RowDescription. */
export function readFields(bytes: Buffer, from: number, to: number): Fields | null {
  if (from + 2 > to) return null;
  const count = bytes.readUInt16BE(from);
  const names: string[] = [];
  const oids: number[] = [];
  const formats: number[] = [];
  for (let n = 0, at = from + 2; n < count; n++, at += 18) {
    const end = zeroAt(bytes, at, to);
    if (end === -1 || end + 19 > to) return null;
    names.push(bytes.toString("utf8", at, end));
    at = end + 1;
    oids.push(bytes.readUInt32BE(at + 6));
    formats.push(bytes.readUInt16BE(at + 16));
  }
  return { names, oids, formats };
}

/** ParameterDescription. */
export function readOids(bytes: Buffer, from: number, to: number): number[] | null {
  if (from + 2 > to) return null;
  const oids: number[] = [];
  for (let at = from + 2; at + 4 <= to; at += 4) oids.push(bytes.readUInt32BE(at));
  return oids;
}

/** ErrorResponse: SQLSTATE, and the message with its detail. */
export function readError(bytes: Buffer, from: number, to: number): ExchangeError {
  let code = "";
  let message = "";
  let detail = "";
  for (let at = from; at < to && bytes[at] !== 0; ) {
    const { text, end } = sqlAt(bytes, at + 1, to);
    if (bytes[at] === 0x43) code = text;
    else if (bytes[at] === 0x4d) message = text;
    else if (bytes[at] === 0x44) detail = text;
    at = end;
  }
  return { code: code === "" ? "XX000" : code, message: detail === "" ? message : `${message}: ${detail}` };
}

/** Rows that a CommandComplete's tag counts: `INSERT 0 3`, `COPY 5`; null where it counts none. */
export function tagRows(tag: string): number | null {
  const rows = Number(tag.slice(tag.lastIndexOf(" ") + 1));
  return Number.isInteger(rows) ? rows : null;
}
