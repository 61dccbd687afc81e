import { resolve } from "node:path";
import type { ResolvedServiceOptions } from "../../services/kind/service-options.ts";
import { isUnreadable } from "../../text/user-text.ts";
import { envFileMessage } from "../config/config-variables.ts";
import { type EnvVariables, readEnvFile } from "../config/env-file.ts";

type EnvFiles = NonNullable<ResolvedServiceOptions["envFile"]>;

/** What is wrong with one of the files. */
interface EnvFileProblem {
  /** Its place in the list. */
  readonly index: number;
  readonly message: string;
}

/** Linux gives no program a longer variable (MAX_ARG_STRLEN), bytes with its name and `=`. */
const LONGEST = 128 * 1024 - 1;

/**
 * The variables of a service's env files, relative to `dir`; later files win, and may name variables of earlier ones
 * and those that the config may name (`ofConfig`: `.env` beside it).
 */
export function readServiceEnvFiles(
  files: EnvFiles,
  dir: string,
  ofConfig: Readonly<Record<string, string>> = {},
  shell: NodeJS.ProcessEnv = process.env,
): { readonly env: Record<string, string>; readonly problems: readonly EnvFileProblem[] } {
  const read: EnvVariables = { values: new Map(), gaps: new Map() };
  const problems: EnvFileProblem[] = [];
  for (const [index, { path, required }] of files.entries()) {
    const file = resolve(dir, path);
    const problem = readEnvFile(file, shell, read, ofConfig);
    if (problem !== undefined) {
      const isLeftOut = isUnreadable(problem) && problem.isMissing === true && !required;
      if (!isLeftOut) problems.push({ index, message: envFileMessage(file, problem) });
      continue;
    }
    for (const { line, problem: message, hint } of read.gaps.values()) {
      problems.push({ index, message: `${envFileMessage(file, { line, message })}. ${hint}, or put the value in '…'` });
    }
    read.gaps.clear();
    for (const [name, value] of read.values) {
      if (Buffer.byteLength(value) + name.length < LONGEST) continue;
      problems.push({ index, message: envFileMessage(file, { message: `gives ${name} more than 128 KiB` }) });
      read.values.delete(name);
    }
  }
  return { env: Object.fromEntries(read.values), problems };
}
