import type { ServiceChange } from "../../../stack/session/messages.ts";
import { printable } from "../../../text/printable.ts";
import type { Context } from "../../terminal/context.ts";

const STYLES: Record<ServiceChange["action"], "green" | "yellow" | "dim"> = {
  started: "green",
  restarted: "yellow",
  stopped: "dim",
  updated: "green",
  kept: "dim",
};

/** A line for each change: `api: restarted, env LOG_LEVEL changed`. `stack`: its name. */
export function changeLines(context: Context, stack: string, changes: readonly ServiceChange[]): string[] {
  return changes.map(({ service, action, reasons }) => {
    const what = action === "kept" ? "left as it is" : action;
    const why = reasons.length === 0 ? "" : `, ${printable(reasons.join("; "), "drop")}`;
    return `${context.paint("bold", service ?? stack)}: ${context.paint(STYLES[action], what)}${why}`;
  });
}
