import type { Exchange } from "../../capture/exchange.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { nearest } from "../../fault/spelling.ts";
import { FILTER_KEYS } from "./filter-keys.ts";
import type { FilterContext, Test } from "./filter-test.ts";
import { fullText } from "./full-text.ts";

/** One word of a filter, read. */
interface Term {
  readonly not: boolean;
  /** Null: full text. */
  readonly key: string | null;
  /** One of them has to fit. */
  readonly values: readonly string[];
  readonly test: Test;
}

export interface Filter {
  /** Cheap ones first. All must hold; none: everything fits. */
  readonly terms: readonly Term[];
}

const EMPTY: FilterContext = {};

export function matchesFilter(filter: Filter, exchange: Exchange, context: FilterContext = EMPTY): boolean {
  for (const { not, test } of filter.terms) if (test(exchange, context) === not) return false;
  return true;
}

/**
 * Reads a filter: `edge:web→api status:4xx,5xx -path:/health* "two words"`. Words are separated by blanks and must all hold;
 * a comma lists alternatives, a dash in front turns a word round, quotes keep blanks, commas and colons as they are (within
 * them \" and \\). FILTER_INVALID says which word is wrong, and where it stands.
 */
export function parseFilter(text: string): Filter | Fault {
  const terms: Term[] = [];
  for (let at = 0; at < text.length; ) {
    if (/\s/.test(text[at] as string)) {
      at++;
      continue;
    }
    const term = readTerm(text, at);
    if (isFault(term)) return term;
    terms.push(term.term);
    at = term.end;
  }
  return { terms: terms.sort((a, b) => Number(a.key === null) - Number(b.key === null)) };
}

const KEYS = Object.keys(FILTER_KEYS);

function readTerm(text: string, start: number): { term: Term; end: number } | Fault {
  const not = text[start] === "-" && start + 1 < text.length && !/\s/.test(text[start + 1] as string);
  const from = not ? start + 1 : start;
  const [, key = "", rest = ""] = /^([A-Za-z]+):(\S?\S?)/.exec(text.slice(from)) ?? [];
  // What has slashes behind the colon is an address that is looked for.
  const keyed = key !== "" && rest !== "//";
  const read = readValues(text, keyed ? from + key.length + 1 : from, keyed);
  if (isFault(read)) return read;
  const { values, end } = read;
  if (!keyed) return { term: { not, key: null, values, test: anyOf(values.map(fullText)) }, end };

  const name = key.toLowerCase();
  const kind = FILTER_KEYS[name];
  if (kind === undefined) {
    const near = nearest(name, KEYS);
    const hint = `${near === null ? `there are ${KEYS.join(", ")};` : `did you mean ${near}:?`} in quotes it is text that is looked for`;
    return invalid(text, start, `there is no ${key}: to filter by`, hint);
  }
  const tests: Test[] = [];
  for (const value of values) {
    if (value === "") return invalid(text, start, `${name}: has no value`, kind.hint);
    const test = kind.read(value);
    if (test === null) return invalid(text, start, `${name}: can't be "${value}"`, kind.hint);
    tests.push(test);
  }
  return { term: { not, key: name, values, test: anyOf(tests) }, end };
}

/** The values from `start` to the next blank outside of quotes; commas part those of a key. */
function readValues(text: string, start: number, commas: boolean): { values: string[]; end: number } | Fault {
  const values: string[] = [];
  let value = "";
  let at = start;
  for (; at < text.length && !/\s/.test(text[at] as string); at++) {
    const sign = text[at] as string;
    if (sign === '"') {
      const open = at++;
      for (; at < text.length && text[at] !== '"'; at++) {
        if (text[at] === "\\" && /["\\]/.test(text[at + 1] ?? "")) at++;
        value += text[at];
      }
      if (at >= text.length)
        return invalid(text, open, 'a quote (") is not closed', 'close it, or write \\" within quotes');
    } else if (sign === "," && commas) {
      values.push(value);
      value = "";
    } else value += sign;
  }
  values.push(value);
  return { values, end: at };
}

function anyOf(tests: readonly Test[]): Test {
  const [first] = tests;
  if (tests.length === 1 && first !== undefined) return first;
  return (exchange, context) => tests.some((test) => test(exchange, context));
}

function invalid(text: string, at: number, why: string, hint: string): Fault {
  return fault("FILTER_INVALID", `${why} (in the filter at ${at + 1}: ${text.slice(at, at + 40)})`, hint, { at });
}
