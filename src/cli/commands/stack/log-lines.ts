import type { LogLine } from "../../../stack/session/messages.ts";
import { printable, printableLog } from "../../../text/printable.ts";
import type { Context } from "../../terminal/context.ts";

const COLOURS = ["cyan", "magenta", "blue", "yellow", "green", "gray"] as const;

/** Prints log lines, made printable but for `raw`: with the service's name in a colour of its own where several are merged. */
export function logPrinter(
  context: Context,
  services: readonly string[],
  { raw = false }: { readonly raw?: boolean } = {},
): (lines: readonly LogLine[]) => void {
  const print = raw ? context.printRaw : context.print;
  const shown = ({ stream, text }: LogLine) => {
    if (raw) return text;
    if (stream === "cove") return context.paint("dim", printable(text));
    return printableLog(text, context.coloured ? "keep" : "drop");
  };
  const longest = Math.max(0, ...services.map((name) => name.length));
  const prefixes = new Map(
    services.map((name, index) => [
      name,
      context.paint(COLOURS[index % COLOURS.length] ?? "gray", name.padEnd(longest)),
    ]),
  );
  return (lines) => {
    for (const line of lines) {
      const prefix = prefixes.get(line.service);
      if (prefix === undefined) continue;
      if (context.json) context.printJson(jsonLine(line));
      else {
        const text = shown(line);
        print(services.length === 1 ? text : `${prefix}  ${text}`);
      }
    }
  };
}

/** A line as `--json` shows it: its time by the name that times have there. */
function jsonLine({ service, stream, text, time: at }: LogLine) {
  return { type: "log", at, service, stream, text };
}
