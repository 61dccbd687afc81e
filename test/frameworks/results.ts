import { existsSync, readFileSync, writeFileSync } from "node:fs";
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

export function readResults(): Results {
  return existsSync(RESULTS) ? (JSON.parse(readFileSync(RESULTS, "utf8")) as Results) : {};
}

/** Keeps what was seen, in the order of the table, and writes the docs page from it. Rows that are gone are dropped. */
export function keepResults(news: Results, order: readonly string[]): void {
  const all = { ...readResults(), ...news };
  const kept = Object.fromEntries(order.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]])));
  writeFileSync(RESULTS, `${JSON.stringify(kept, null, 2)}\n`);
  writeFileSync(PAGE, pageOf(kept));
}

/** The docs page as it is. */
export const readPage = (): string => readFileSync(PAGE, "utf8");

export function pageOf(results: Results): string {
  const lines = Object.values(results).map((one) => {
    if ("failed" in one) return `| ${one.title} | | | failed: ${cell(one.failed)} | | | |`;
    const { title, version, command, stack, reload, redirect, note } = one;
    const hears = [
      one.webSocket === null ? "" : `WebSocket \`${one.webSocket}\``,
      one.eventStream === null ? "" : `event stream \`${one.eventStream}\``,
    ].filter(Boolean);
    const called = `\`${cell(command)}\`${stack ? " in a stack" : ""}`;
    return `| ${[title, version, called, "✓", reload ?? "—", hears.join(", ") || "—", redirect ? "✓" : "—", cell(note ?? "")].join(" | ")} |`;
  });
  return `${HEAD}${lines.join("\n")}\n`;
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

const HEAD = `# Frameworks

What was seen of real programs behind the door, each in the smallest project that it takes: its page by its name in Chromium,
an edit that shows in the open page, its WebSocket or event stream, and no request past the door. After Ctrl-C no process and no
port of it is left. \`npm run test:frameworks\` tries them all and writes this page; the rows are in \`test/frameworks/rows\`.

- **page**: it loads as \`http://NAME.localhost:62893\`, with no setting of the program's for hosts that it may be called by.
- **edit**: the open page shows it *by itself*; *by hand*: after a reload, where the program has no live reload of its own.
- **links**: redirects and absolute links that it makes stay on the name.

| program | version | command | page | edit | live connection | links | |
|---|---|---|---|---|---|---|---|
`;
