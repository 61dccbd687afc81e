import type { Finding, Reader } from "./finding.ts";
import { within } from "./folder-view.ts";

const FILES = [".env.example", ".env.sample", ".env.template", ".env.dist", "example.env", ".env"];

/** `.env.example` and its like: the variables that an app reads. */
export const envExample: Reader = {
  reads: "`.env.example`, `.env`: names, and values that are no secrets",
  read: (view, folder) => {
    const source = FILES.map((name) => within(folder, name)).find((path) => view.text(path) !== null);
    if (source === undefined) return [];
    return entriesOf(view.text(source) ?? "").map(([name, value]): Finding => {
      return { type: "variable", folder, name, value, source };
    });
  },
};

/** Names and values of an env file, as they stand there. */
export function entriesOf(text: string): [name: string, value: string][] {
  return text.split(/\r?\n/).flatMap((line): [string, string][] => {
    const [, name, given = ""] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(line) ?? [];
    if (name === undefined) return [];
    return [[name, /^(["'])(.*)\1/.exec(given)?.[2] ?? given.replace(/\s#.*$/, "").trim()]];
  });
}
