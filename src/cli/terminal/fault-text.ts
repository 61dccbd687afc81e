import type { Fault } from "../../fault/fault.ts";
import { printable } from "../../text/printable.ts";
import type { Context } from "./context.ts";
import { wrap } from "./table.ts";

/** Columns that a text needs beside its code. */
const NARROWEST = 24;

/** Shows a fault: what and where, then the next step. Under `--json` the fault itself, on standard output. */
export function showFault(context: Context, problem: Fault): void {
  const { fault: code, ...said } = problem;
  if (context.json) {
    context.printJson({ error: jsonFault(problem) });
    return;
  }
  // It may quote what came from the wire, a file, or a service's log.
  const message = printable(said.message, "drop");
  const hint = said.hint === undefined ? undefined : printable(said.hint, "drop");
  // On a narrow terminal the text has the whole width, under its code.
  const beside = context.width - code.length - 2 >= NARROWEST;
  const indent = beside ? code.length + 2 : 0;
  // In a pipe or a file a line stays one.
  const room = process.stderr.isTTY === true ? context.width - indent : Number.POSITIVE_INFINITY;
  const lines = message.includes("\n") ? [message] : wrap(message, room);
  if (!beside) context.note(context.paint("red", code));
  for (const [at, line] of lines.entries()) {
    context.note(`${at === 0 && beside ? `${context.paint("red", code)}  ` : " ".repeat(indent)}${line}`);
  }
  if (hint === undefined) return;
  // A hint of several lines is something to copy: it keeps its own shape.
  if (hint.includes("\n")) context.note(`\n${hint}`);
  else for (const line of wrap(hint, room)) context.note(context.paint("dim", `${" ".repeat(indent)}${line}`));
}

/** A fault as `--json` shows it. */
export function jsonFault({ fault: code, message, hint, detail }: Fault) {
  return { code, message, ...(hint !== undefined && { hint }), ...(detail !== undefined && { detail }) };
}

/** The fault that another command printed with `--json`; null for anything else. */
export function faultOfJson(value: unknown): Fault | null {
  if (typeof value !== "object" || value === null || !("code" in value && "message" in value)) return null;
  const { code, ...rest } = value as ReturnType<typeof jsonFault>;
  return { fault: code, ...rest };
}
