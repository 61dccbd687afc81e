import { COVE } from "../home/log-book.ts";
import type { LogLine } from "../stack/session.ts";
import type { Context } from "./context.ts";

const COLOURS = ["cyan", "magenta", "blue", "yellow", "green", "gray"] as const;

/**
 * Prints log lines: with the service's name in a colour of its own where several are merged. `whole`: these are all of a
 * stack's, and what Cove itself says of it is shown too.
 */
export function logPrinter(
  context: Context,
  services: readonly string[],
  whole = false,
): (lines: readonly LogLine[]) => void {
  const all = whole ? [...services, COVE] : services;
  const longest = Math.max(0, ...all.map((name) => name.length));
  const prefixes = new Map(
    all.map((name, index) => [name, context.paint(COLOURS[index % COLOURS.length] ?? "gray", name.padEnd(longest))]),
  );
  return (lines) => {
    for (const line of lines) {
      const prefix = prefixes.get(line.service);
      if (prefix === undefined) continue;
      if (context.json) context.print(JSON.stringify(line));
      else {
        const text = line.stream === "cove" ? context.paint("dim", line.text) : line.text;
        context.print(services.length === 1 ? text : `${prefix}  ${text}`);
      }
    }
  };
}
