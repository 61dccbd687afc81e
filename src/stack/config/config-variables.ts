import { join } from "node:path";
import { isUnreadable } from "../../text/user-text.ts";
import { type EnvProblem, type EnvVariables, readEnvFile } from "./env-file.ts";
import { shownPath } from "./source.ts";

/** What `${NAME}` means in a config: the shell's variables, then those of `.env` beside it. Services don't get them. */
export interface ConfigVariables {
  readonly shell: NodeJS.ProcessEnv;
  /** Those of `.env`, whether the shell has them or not. */
  readonly ofFile: Readonly<Record<string, string>>;
  /** Why a variable of the file has no value, by its name. */
  readonly gaps: Readonly<Record<string, string>>;
  /** Why the file as a whole can't be read. */
  readonly problem: string | null;
}

/**
 * Reads `.env` in the config's folder. What is wrong in there is told once the config needs it: the file may be meant for
 * other programs, which read it their way. A folder of that name is none of Cove's (Python's environments are).
 */
export function readConfigVariables(dir: string, shell: NodeJS.ProcessEnv = process.env): ConfigVariables {
  const file = join(dir, ".env");
  const read: EnvVariables = { values: new Map(), gaps: new Map() };
  const problem = readEnvFile(file, shell, read);
  const isNone = isUnreadable(problem) && (problem.isMissing === true || problem.unreadable === "is a folder");
  const gaps = [...read.gaps].map(([name, gap]) => [name, `${shownPath(file)}:${gap.line} ${gap.problem}`]);
  return {
    shell,
    ofFile: Object.fromEntries(read.values),
    gaps: Object.fromEntries(gaps),
    problem: problem === undefined || isNone ? null : envFileMessage(file, problem),
  };
}

/** Why a name has no value: it is set nowhere, or the file that should set it can't be read. */
export function gapMessage(name: string, problem: string, { gaps, problem: ofFile }: ConfigVariables): string {
  const own = Object.hasOwn(gaps, name) ? gaps[name] : undefined;
  return own ?? (ofFile === null ? problem : `needs ${name}, but ${ofFile}`);
}

/** `web.env:3 has no = behind NAME`. */
export function envFileMessage(file: string, problem: EnvProblem | { readonly unreadable: string }): string {
  if ("unreadable" in problem) return `${shownPath(file)} ${problem.unreadable}`;
  return `${shownPath(file)}${problem.line === undefined ? "" : `:${problem.line}`} ${problem.message}`;
}
