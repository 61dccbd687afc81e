import { fillIn, type Gap, isGap } from "../../text/fill-in.ts";
import { isUnreadable, readUserText, type Unreadable } from "../../text/user-text.ts";

/**
 * Env files, as compose reads them. Neither `dotenv` nor Node's `parseEnv` tells a mistake from a value, and neither knows
 * which quotes a value had, so that `dotenv-expand` fills in what stands in single quotes.
 */

/** One variable of an env file, as it is written there. */
interface EnvEntry {
  readonly name: string;
  /** From 1: where it begins. */
  readonly line: number;
  /** Without its quotes, and in single quotes with `\'` as `'`. */
  readonly text: string;
  readonly quote: "'" | '"' | "`" | "";
}

/** What is wrong with an env file, without the file's name. */
export interface EnvProblem {
  readonly message: string;
  /** From 1. */
  readonly line?: number;
}

/** Variables by name; those that can't be filled in are apart. */
export interface EnvVariables {
  readonly values: Map<string, string>;
  readonly gaps: Map<string, Gap & { readonly line: number }>;
}

/** The largest env file, bytes. */
const MOST = 1024 * 1024;

/**
 * Reads an env file into `into`, after those that were read before it. `$NAME` and `${NAME}` mean the shell's variable, else an
 * earlier one, else one of `last`; text in single quotes and backticks stays as it is.
 */
export function readEnvFile(
  file: string,
  shell: NodeJS.ProcessEnv,
  into: EnvVariables,
  last: Readonly<Record<string, string>> = {},
): EnvProblem | Unreadable | undefined {
  const text = readUserText(file, MOST);
  if (isUnreadable(text)) return text;
  const entries = parseEnvText(text);
  if (!Array.isArray(entries)) return entries as EnvProblem;
  for (const { name, line, text: written, quote } of entries as readonly EnvEntry[]) {
    const isLiteral = quote === "'" || quote === "`";
    const lookup = (wanted: string) => shell[wanted] ?? into.values.get(wanted) ?? last[wanted];
    const value = isLiteral ? written : fillIn(written, { lookup, bare: true, escapes: quote === '"' });
    into.values.delete(name);
    into.gaps.delete(name);
    if (isGap(value)) into.gaps.set(name, { ...value, line });
    else into.values.set(name, value);
  }
  return undefined;
}

/** The entries of an env file in order, or the first line that is none. Values never stand in a message: they may be secret. */
function parseEnvText(given: string): readonly EnvEntry[] | EnvProblem {
  const text = given.replace(/\r\n?/g, "\n");
  const entries: EnvEntry[] = [];
  const nul = text.indexOf("\0");
  if (nul !== -1) return { line: lineAt(text, nul), message: "has a NUL byte, which no variable can hold" };
  for (let at = skip(text, 0, /[\s\ufeff]*(?:#.*\s*)*/y); at < text.length; at = skip(text, at, /\s*(?:#.*\s*)*/y)) {
    const line = lineAt(text, at);
    const name = /(?:export[ \t]+(?=[^\s=:]))?([\p{L}\p{N}_.\-[\]]+)[ \t]*/uy;
    name.lastIndex = at;
    const [whole = "", key = ""] = name.exec(text) ?? [];
    if (key === "") return { line, message: "begins with no variable's name; write NAME=value, or # before a comment" };
    at += whole.length;
    // A name alone stands for the shell's variable, which the service has anyway.
    if (/(?:#.*)?(?:\n|$)/y.test(text.slice(at))) {
      at = skip(text, at, /.*/y);
      continue;
    }
    const sign = skip(text, at, /=|:(?=\s|$)/y);
    if (sign === at) return { line, message: `has no = behind ${key}; write NAME=value, or # before a comment` };
    const value = valueAt(text, sign);
    if ("message" in value) return { line, message: `${key} ${value.message}` };
    entries.push({ name: key, line, text: value.text, quote: value.quote });
    at = value.end;
  }
  return entries;
}

type Value = Pick<EnvEntry, "text" | "quote"> & { readonly end: number };

/** The value behind a `=`: in quotes over several lines, else to the line's end or to a `#` behind a space. */
function valueAt(text: string, from: number): Value | { readonly message: string } {
  const start = skip(text, from, /[ \t]*/y);
  const quote = text[start];
  if (quote !== "'" && quote !== '"' && quote !== "`") {
    const end = skip(text, from, /.*/y);
    return {
      text: text
        .slice(from, end)
        .replace(/[ \t]#.*$/, "")
        .trim(),
      quote: "",
      end,
    };
  }
  const inner = quote === "`" ? /[^`]*/y : quote === "'" ? /(?:\\'|[^'])*/y : /(?:\\.|[^"\\])*/sy;
  const close = skip(text, start + 1, inner);
  if (text[close] !== quote) return { message: `begins with ${quote} and has no closing ${quote}` };
  const end = skip(text, close + 1, /[ \t]*(?:#.*)?/y);
  if (end < text.length && text[end] !== "\n") {
    return { message: `has more behind its closing ${quote}; put the whole value in quotes, with \\${quote} within` };
  }
  const written = text.slice(start + 1, close);
  return { text: quote === "'" ? written.replaceAll("\\'", "'") : written, quote, end };
}

/** Where a pattern that begins at `at` ends; `at` itself where it doesn't match. */
function skip(text: string, at: number, pattern: RegExp): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split("\n").length;
}
