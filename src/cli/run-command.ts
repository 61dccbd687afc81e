import { type Fault, fault, faultOf, isFault } from "../fault/fault.ts";
import type { CoveCommand, Options, Outcome } from "./commands/command.ts";
import type { Context } from "./terminal/context.ts";
import { showFault } from "./terminal/fault-text.ts";
import { isOutputLost } from "./terminal/output-lost.ts";
import { endProgress, startProgress } from "./terminal/progress.ts";

/** Runs a command. What it throws is a fault of Cove's own. */
export async function outcomeOf(
  command: CoveCommand,
  context: Context,
  words: readonly string[],
  options: Options,
): Promise<Outcome> {
  const doing = command.doing?.(words, options) ?? null;
  if (doing !== null && context.moves && process.stderr.isTTY) startProgress(doing);
  try {
    return await command.run(context, words, options);
  } catch (error) {
    return await unexpected(error);
  } finally {
    endProgress();
  }
}

/** Shows what went wrong, if anything did. Returns the exit code: 0, 1 for a failure, 2 for wrong words. */
export function exitCodeOf(context: Context, outcome: Outcome): number {
  if (!isFault(outcome)) return outcome === 0 && isOutputLost() ? 1 : outcome;
  showFault(context, outcome);
  return outcome.fault === "USAGE" ? 2 : 1;
}

/** What was thrown: a fault, of the state or of Cove's own; with the stack only for those who ask. */
export async function unexpected(error: unknown): Promise<Fault> {
  if (process.env.COVE_DEBUG === "1") console.error(error);
  const known = faultOf(error) ?? (await ofState(error));
  if (known !== null) return known;
  const message = error instanceof Error ? error.message : String(error);
  return fault("INTERNAL", `Cove failed: ${message}`, "run it again with COVE_DEBUG=1 and report what it prints");
}

/** What SQLite threw; loaded here, since most commands need no database. */
async function ofState(error: unknown): Promise<Fault | null> {
  if (!(error instanceof Error && "errcode" in error)) return null;
  const { stateFault } = await import("../state/state-fault.ts");
  return stateFault(error);
}
