import { diffLines } from "diff";
import type { BodyView } from "./content/forms/body-view.ts";
import type { ExchangeDetail } from "./detail.ts";

/** What two exchanges don't have in common. */
export interface ExchangeDiff {
  /** Null: the same. */
  readonly request: Changed | null;
  readonly status: Changed | null;
  readonly requestHeaders: readonly HeaderChange[];
  readonly responseHeaders: readonly HeaderChange[];
  readonly requestBody: BodyDiff;
  readonly responseBody: BodyDiff;
  /** ms; null: not known, or still under way. */
  readonly timing: {
    readonly firstByte: { readonly before: number | null; readonly after: number | null };
    readonly ended: { readonly before: number | null; readonly after: number | null };
  };
}

export interface Changed {
  readonly before: string;
  readonly after: string;
}

export interface HeaderChange {
  readonly name: string;
  /** Null: it isn't there. Several of one name are joined by line breaks. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface BodyDiff {
  readonly same: boolean;
  /** Empty where they are the same, or can't be compared by line. */
  readonly lines: readonly DiffLine[];
  /** Why they can't be compared by line, in words. */
  readonly problem: string | null;
}

export interface DiffLine {
  readonly sign: "same" | "removed" | "added";
  readonly text: string;
}

/** More lines aren't compared: it would block the event loop. */
const MOST_LINES = 5_000;
const MOST_EDITS = 1_500;
/** ms. */
const MOST_TIME = 50;

/** Compares two exchanges as they are shown: what is hidden in both counts as the same. */
export function diffOf(before: ExchangeDetail, after: ExchangeDetail): ExchangeDiff {
  const [a, b] = [before.http, after.http];
  return {
    request: changed(lineOf(before), lineOf(after)),
    status: changed(statusOf(before), statusOf(after)),
    requestHeaders: headerChanges(a?.requestHeaders ?? [], b?.requestHeaders ?? []),
    responseHeaders: headerChanges(a?.responseHeaders ?? [], b?.responseHeaders ?? []),
    requestBody: bodyDiff(a?.request ?? null, b?.request ?? null),
    responseBody: http(before, after)
      ? bodyDiff(a?.response ?? null, b?.response ?? null)
      : lineDiff(answerOf(before), answerOf(after)),
    timing: {
      firstByte: { before: before.timing.firstByte, after: after.timing.firstByte },
      ended: { before: before.timing.ended, after: after.timing.ended },
    },
  };
}

function http(before: ExchangeDetail, after: ExchangeDetail): boolean {
  return before.http !== null || after.http !== null;
}

function lineOf({ http, postgres, redis, summary }: ExchangeDetail): string {
  if (http !== null) return `${http.method} ${http.url}`;
  if (postgres !== null)
    return [postgres.sql, ...postgres.params.map((param, n) => `$${n + 1} = ${param ?? "NULL"}`)].join("\n");
  return redis === null ? summary.title : [redis.command, ...redis.args].join(" ");
}

function statusOf({ http, summary }: ExchangeDetail): string {
  return http !== null && http.status !== null
    ? `${http.status} ${http.statusText}`.trim()
    : (summary.status ?? "under way");
}

/** Of a query the rows, of a command the reply. */
function answerOf({ postgres, redis }: ExchangeDetail): string {
  if (postgres === null) return redis?.reply ?? "";
  return [postgres.columns, ...postgres.rows].map((row) => row.map((value) => value ?? "NULL").join(" | ")).join("\n");
}

function changed(before: string, after: string): Changed | null {
  return before === after ? null : { before, after };
}

/** Names in any case are the same; what changes with every message anyway is left in: only the reader knows. */
function headerChanges(before: Headers, after: Headers): HeaderChange[] {
  const [a, b] = [byName(before), byName(after)];
  return [...new Set([...a.keys(), ...b.keys()])].flatMap((key): HeaderChange[] => {
    const [old, now] = [a.get(key), b.get(key)];
    const change = { before: old?.values.join("\n") ?? null, after: now?.values.join("\n") ?? null };
    return change.before === change.after ? [] : [{ name: now?.name ?? old?.name ?? key, ...change }];
  });
}

type Headers = readonly (readonly [string, string])[];

function byName(headers: Headers): Map<string, { name: string; values: string[] }> {
  const named = new Map<string, { name: string; values: string[] }>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    const known = named.get(key);
    if (known === undefined) named.set(key, { name, values: [value] });
    else known.values.push(value);
  }
  return named;
}

function bodyDiff(before: BodyView | null, after: BodyView | null): BodyDiff {
  const texts = [before, after].map((view) => (view === null ? "" : comparable(view)));
  const [a, b] = texts;
  if (typeof a === "string" && typeof b === "string") return lineDiff(a, b);
  const same = before?.base64 != null && before.base64 === after?.base64 && before.size === after.size;
  return { same, lines: [], problem: same ? null : "one of them is no text: compare their sizes" };
}

/** JSON in one order of names, so that only what it says is compared; null for what is no text. */
function comparable({ form, raw, text }: BodyView): string | null {
  if (form === "image" || form === "binary") return null;
  if (form !== "json" || raw === null) return text;
  try {
    return JSON.stringify(sorted(JSON.parse(raw)), null, 2);
  } catch {
    return text;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}

function lineDiff(before: string, after: string): BodyDiff {
  if (before === after) return { same: true, lines: [], problem: null };
  const limits = { maxEditLength: MOST_EDITS, timeout: MOST_TIME };
  const changes = diffLines(ended(before), ended(after), limits);
  if (changes === undefined) return { same: false, lines: [], problem: "they differ too much to be compared by line" };
  const lines: DiffLine[] = [];
  for (const { value, added, removed } of changes) {
    const sign = added ? "added" : removed ? "removed" : "same";
    for (const text of value.replace(/\n$/, "").split("\n")) lines.push({ sign, text });
  }
  const problem = lines.length > MOST_LINES ? `the first ${MOST_LINES} lines are shown` : null;
  return { same: false, lines: lines.slice(0, MOST_LINES), problem };
}

/** A last line without its end would count as another line. */
function ended(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
