import { existsSync, readdirSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { type Fault, fault } from "../../fault/fault.ts";
import { didYouMean } from "../../fault/spelling.ts";
import { readUserJson } from "../../text/user-text.ts";

/** COMMAND_MISSING, with the likeliest way to get the program. */
export function missingCommand(program: string, cwd: string): Fault {
  return fault("COMMAND_MISSING", `${program} was not found (in ${cwd})`, hintFor(program, cwd), { program, cwd });
}

/** The program that a shell could not find, from what it said: sh, bash, zsh, fish, cmd. */
export function programNotFound(said: readonly string[]): string | null {
  for (const line of said) {
    const found =
      /(?:^|: )([^\s:]+): (?:command )?not found/.exec(line) ??
      /command not found: (\S+)/.exec(line) ??
      /Unknown command: (\S+)/.exec(line) ??
      /failed to execute (\S+): No such file/.exec(line) ??
      /^'([^']+)' is not recognized as an internal or external command/.exec(line);
    if (found?.[1] !== undefined) return found[1];
  }
  return null;
}

function hintFor(program: string, cwd: string): string {
  if (/[/\\]/.test(program)) {
    return `there is no ${isAbsolute(program) ? program : resolve(cwd, program)}; check the path`;
  }
  const project = nearestPackage(cwd);
  if (project === null) return "install it, or check its name and PATH";
  const { folder, scripts, packages } = project;
  const tool = packageManager(folder);
  if (scripts.includes(program)) return `it is a script of package.json: ${tool} run ${program}`;
  const installed = nearestModules(folder);
  if (packages.includes(program) || (packages.length > 0 && installed === null)) {
    return `the packages in ${folder} are not installed: ${tool} install`;
  }
  const near = didYouMean(program, [...scripts, ...programsIn(installed)]);
  return `install it, or check its name${near}`;
}

interface Package {
  readonly folder: string;
  readonly scripts: readonly string[];
  /** Names of its dependencies of every sort. */
  readonly packages: readonly string[];
}

function nearestPackage(cwd: string): Package | null {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const parsed = readUserJson(join(folder, "package.json"));
    if (parsed !== undefined) {
      const keys = (key: string): string[] => {
        const value = typeof parsed === "object" && parsed !== null ? Reflect.get(parsed, key) : null;
        return typeof value === "object" && value !== null ? Object.keys(value) : [];
      };
      return { folder, scripts: keys("scripts"), packages: [...keys("dependencies"), ...keys("devDependencies")] };
    }
    if (folder === dirname(folder)) return null;
  }
}

function nearestModules(from: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const modules = join(folder, "node_modules");
    if (existsSync(modules)) return modules;
    if (folder === dirname(folder)) return null;
  }
}

function programsIn(modules: string | null): string[] {
  try {
    return modules === null ? [] : readdirSync(join(modules, ".bin"));
  } catch {
    return [];
  }
}

function packageManager(folder: string): string {
  const has = (file: string) => existsSync(join(folder, file));
  if (has("pnpm-lock.yaml")) return "pnpm";
  if (has("yarn.lock")) return "yarn";
  return has("bun.lock") || has("bun.lockb") ? "bun" : "npm";
}
