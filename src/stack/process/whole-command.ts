import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import type { Launch } from "../../services/kind/kind.ts";

/** A launch's command as a list, with what stands before it; as it is where nothing does. */
export function wholeCommand({ command, within = [] }: Pick<Launch, "command" | "within">): Launch["command"] {
  if (within.length === 0) return command;
  return [...within, ...(typeof command === "string" ? ["/bin/sh", "-c", command] : command)];
}

/**
 * ENOENT or EACCES as `spawn` would say it, where another program would start first and say it in its own words; null: it can be
 * started, as far as can be seen.
 */
export function missingProgram({ command, cwd, env }: Launch): NodeJS.ErrnoException | null {
  const [program = ""] = typeof command === "string" ? ["/bin/sh"] : command;
  const places = program.includes("/")
    ? [resolve(cwd, program)]
    : (env.PATH ?? "").split(delimiter).map((folder) => resolve(cwd, join(folder, program)));
  const there = places.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  if (there.some(mayRun)) return null;
  const code = there.length === 0 ? "ENOENT" : "EACCES";
  return Object.assign(new Error(`spawn ${program} ${code}`), { code });
}

function mayRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
