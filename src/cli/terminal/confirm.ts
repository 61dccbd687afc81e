import { createInterface } from "node:readline/promises";
import { printable } from "../../text/printable.ts";
import { endProgress } from "./progress.ts";
import { shownSigns } from "./signs.ts";

/** True when someone sits before both ends of the terminal and can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Asks a question whose default answer is no. */
export async function confirm(question: string): Promise<boolean> {
  endProgress();
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // A closed terminal never answers.
  const answer = await Promise.race([
    lines.question(`${shownSigns(printable(question, "keep"))} [y/N] `),
    new Promise<string>((resolve) => lines.once("close", () => resolve(""))),
  ]);
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
}
