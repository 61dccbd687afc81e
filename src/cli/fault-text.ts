import type { Fault } from "../fault/fault.ts";
import type { Context } from "./context.ts";

/** Shows a fault: what and where, then the next step. Under `--json` the fault itself, on standard output. */
export function showFault(context: Context, { fault: code, message, hint, detail }: Fault): void {
  if (context.json) {
    context.print(JSON.stringify({ error: { fault: code, message, hint, detail } }));
    return;
  }
  context.note(`${context.paint("red", code)}  ${message}`);
  if (hint === undefined) return;
  // A hint of several lines is something to copy: it keeps its own shape.
  if (hint.includes("\n")) context.note(`\n${hint}`);
  else context.note(context.paint("dim", `${" ".repeat(code.length)}  ${hint}`));
}
