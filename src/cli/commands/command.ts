import type { Command } from "../../../node_modules/commander/typings/index.d.ts";
import type { Fault } from "../../fault/fault.ts";
import type { Context } from "../terminal/context.ts";

/** What a command answers with: its exit code, or what went wrong. */
export type Outcome = number | Fault;

/** One command: a file of its own. It is loaded when it's called, so that the others cost it nothing. */
export interface CoveCommand {
  /** Words that begin with a dash are words all the same, unless they are options: those of a filter. */
  readonly dashedWords?: true;
  /** What it is at while it answers nothing: shown on a terminal after half a second. Null, absent: it shows itself. */
  readonly doing?: (words: readonly string[], options: Options) => string | null;
  /** Arguments, options, examples. */
  readonly configure: (command: Command) => void;
  readonly run: (context: Context, args: readonly string[], options: Options) => Promise<Outcome>;
}

/** Options as commander parsed them, by camel-cased name. */
export type Options = Readonly<Record<string, string | boolean | string[] | undefined>>;
