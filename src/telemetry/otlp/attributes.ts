import { namesOf } from "../../inspect/redact/names.ts";
import { redactorOf } from "../../inspect/redact/redactor.ts";
import { HIDDEN } from "../../inspect/redact/text.ts";
import type { Attributes, AttributeValue } from "../records.ts";
import { list, object, text } from "./raw.ts";

/** Attributes of one item that are kept, and characters of a value. */
const MOST = 64;
const LONGEST = 4_096;
/** Maps and lists within each other. */
const DEEPEST = 8;

const NAMES = namesOf([]);
const REDACTOR = redactorOf({});

/** What `KeyValue[]` says, credentials hidden: by the attribute's name, in SQL, and by what a text looks like. */
export function attributesOf(pairs: unknown): Attributes {
  const found: Record<string, AttributeValue> = {};
  for (const pair of list(pairs).slice(0, MOST)) {
    const { key, value } = object(pair);
    const name = text(key).slice(0, 256);
    if (name === "") continue;
    const said = scalar(meaningOf(value, 0));
    if (said !== null) found[name] = typeof said === "string" ? shown(name, said) : said;
  }
  return found;
}

/** A log's body as text. */
export function bodyOf(value: unknown): string {
  const said = scalar(meaningOf(value, 0));
  return said === null ? "" : REDACTOR.any(cut(String(said)));
}

/** Text without credentials, of a bounded length. */
export function plain(value: unknown): string {
  return REDACTOR.any(cut(text(value)));
}

function shown(name: string, value: string): string {
  const short = cut(value);
  return /^db\.(query\.text|statement)$/.test(name) ? REDACTOR.sql(short) : REDACTOR.value(name, short, "field");
}

function cut(value: string): string {
  return value.length <= LONGEST ? value : `${value.slice(0, LONGEST)}…`;
}

/** What an `AnyValue` means; null: nothing. */
function meaningOf(value: unknown, depth: number): unknown {
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue, bytesValue } = object(value);
  if (stringValue !== undefined) return text(stringValue);
  if (boolValue !== undefined) return boolValue === true;
  if (intValue !== undefined) return whole(intValue);
  if (doubleValue !== undefined) return typeof doubleValue === "number" ? doubleValue : Number(text(doubleValue));
  if (bytesValue !== undefined) return `${lengthOf(bytesValue)} bytes`;
  if (depth >= DEEPEST) return "…";
  if (arrayValue !== undefined) return list(object(arrayValue).values).map((one) => meaningOf(one, depth + 1));
  if (kvlistValue === undefined) return null;
  const pairs = list(object(kvlistValue).values).map(object);
  return Object.fromEntries(
    pairs.map(({ key, value: inner }) => [
      text(key),
      NAMES.isSecret(text(key), "field") ? HIDDEN : meaningOf(inner, depth + 1),
    ]),
  );
}

/** A whole number; as text where a number would not be exact. */
function whole(value: unknown): AttributeValue {
  const exact = Number(value);
  return Number.isSafeInteger(exact) ? exact : String(value);
}

function lengthOf(bytes: unknown): number {
  return bytes instanceof Uint8Array ? bytes.length : Buffer.from(text(bytes), "base64").length;
}

function scalar(value: unknown): AttributeValue | null {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  return JSON.stringify(value);
}
