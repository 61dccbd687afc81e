import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, type } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const RESULTS = join(HERE, "results.json");
const PAGE = join(dirname(dirname(HERE)), "docs", "frameworks.md");

/** What was seen of one row. */
export interface Measured {
  readonly title: string;
  readonly version: string;
  readonly command: string;
  readonly stack: boolean;
  readonly reload: "by itself" | "by hand" | null;
  readonly webSocket: string | null;
  readonly eventStream: string | null;
  /** Its redirects or absolute links were tried. */
  readonly redirect: boolean;
  readonly note: string | null;
}

/** By a row's name; `failed` holds the first line of what went wrong. */
export type Results = Record<string, Measured | { readonly title: string; readonly failed: string }>;

/** A run of all rows, each of which was as it should be. */
interface WholeRun {
  readonly rows: number;
  readonly minutes: number;
  readonly on: string;
}

/** What the file holds. */
interface Kept {
  /** The last one; null: there was none yet. */
  readonly wholeRun: WholeRun | null;
  readonly rows: Results;
}

export function readResults(): Kept {
  return existsSync(RESULTS) ? (JSON.parse(readFileSync(RESULTS, "utf8")) as Kept) : { wholeRun: null, rows: {} };
}

/**
 * Keeps what was seen, in the order of the table, and writes the docs page from it. Rows that are gone are dropped. `took` is
 * the time of the run, ms.
 */
export function keepResults(news: Results, order: readonly string[], took: number): void {
  const before = readResults();
  const all = { ...before.rows, ...news };
  const rows = Object.fromEntries(order.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]])));
  const isWhole = order.every((name) => news[name] !== undefined && !("failed" in news[name]));
  const on = `${type()}, ${availableParallelism()} cores, Node ${process.versions.node}`;
  const wholeRun = isWhole ? { rows: order.length, minutes: Math.ceil(took / 60_000), on } : before.wholeRun;
  writeFileSync(RESULTS, `${JSON.stringify({ wholeRun, rows }, null, 2)}\n`);
  writeFileSync(PAGE, pageOf({ wholeRun, rows }));
}

/** The docs page as it is. */
export const readPage = (): string => readFileSync(PAGE, "utf8");

export function pageOf({ wholeRun, rows }: Kept): string {
  const lines = Object.values(rows).map((one) => {
    if ("failed" in one) return `| ${one.title} | | | failed: ${cell(one.failed)} | | | |`;
    const { title, version, command, stack, reload, redirect, note } = one;
    const hears = [
      one.webSocket === null ? "" : `WebSocket \`${one.webSocket}\``,
      one.eventStream === null ? "" : `event stream \`${one.eventStream}\``,
    ].filter(Boolean);
    const called = `\`${cell(command)}\`${stack ? " in a stack" : ""}`;
    return `| ${[title, version, called, "✓", reload ?? "—", hears.join(", ") || "—", redirect ? "✓" : "—", cell(note ?? "")].join(" | ")} |`;
  });
  const { rows: count, minutes, on } = wholeRun ?? { rows: 0, minutes: 0, on: "" };
  const whole =
    wholeRun === null ? "" : `\nThe last run of all ${count} took ${minutes} minutes (${on}), installing included.`;
  return `${HEAD.replace("{whole}", whole)}${lines.join("\n")}\n`;
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

const HEAD = `# Frameworks

What was seen of real programs behind the door, each in the smallest project that it takes: its page by its name in Chromium,
an edit that shows in the open page, its WebSocket or event stream, and no request past the door. After Ctrl-C no process and no
port of it is left. \`npm run test:frameworks\` tries them all and writes this page; the rows are in \`test/frameworks/rows\`.{whole}

- **page**: it loads as \`http://NAME.localhost:62893\`, with no setting of the program's for hosts that it may be called by.
- **edit**: the open page shows it *by itself*; *by hand*: after a reload, where the program has no live reload of its own.
- **links**: redirects and absolute links that it makes stay on the name.

| program | version | command | page | edit | live connection | links | |
|---|---|---|---|---|---|---|---|
`;
