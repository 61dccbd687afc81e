import type { Fault } from "../fault/fault.ts";
import type { Context } from "./context.ts";

/** Shows a fault: what and where, then the next step. Under `--json` the fault itself, on standard output. */
export function showFault(context: Context, { fault: code, message, hint, detail }: Fault): void {
  if (context.json) {
    context.print(JSON.stringify({ error: { fault: code, message, hint, detail } }));
    return;
  }
  context.note(`${context.paint("red", code)}  ${message}`);
  if (hint !== undefined) context.note(context.paint("dim", `${" ".repeat(code.length)}  ${hint}`));
}
