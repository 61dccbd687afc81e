import { resolve } from "node:path";
import type { Word } from "./command-line.ts";
import { denoTasks, nearestPackage, onlyFolderWith, workspaceFolder, workspaceRoot } from "./package-scripts.ts";
import {
  flagOf,
  isFlag,
  knownPath,
  type Leading,
  leadingFlags,
  type Passing,
  type Step,
  type Wrapper,
} from "./step.ts";

/** Runners of packages' scripts and programs. */
export const PACKAGE_MANAGERS: readonly Wrapper[] = [
  { names: /^(npx|bunx|pnpx|uvx)$/, step: (args) => runPackage(args) },
  { names: /^npm$/, step: npm },
  { names: /^pnpm$/, step: pnpm },
  { names: /^yarn(pkg)?$/, step: yarn },
  { names: /^bun$/, step: bun },
  { names: /^deno$/, step: deno },
  { names: /^turbo$/, step: turbo },
  { names: /^lerna$/, step: lerna },
];

const QUIET = /^(-s|--silent|-q|--quiet|--if-present|-y|--yes|--no|--no-install|--foreground-scripts|--loglevel=\w+)$/;

/** `npx -y vite@7 dev`: the package's name is nearly always its program's. */
function runPackage(args: readonly Word[], dashes = false): Step {
  const leading = leadingFlags(args, {
    valued: /^(-p|--package|-w|--workspace|--from|--with|--python)$/,
    plain: /^(-y|--yes|--no|--no-install|-q|--quiet|-s|--silent|--bun|--ignore-existing|--prefer-offline)$/,
  });
  if (leading === null) return null;
  const first = leading.rest[0]?.text === "--" ? 1 : 0;
  const [name, ...given] = leading.rest.slice(first);
  if (name === undefined || name.expands || isFlag(name)) return null;
  const program = /^(@[^/]+\/)?[^@]+/.exec(name.text)?.[0] ?? null;
  if (!dashes) return { program, args: given };
  return throughDashes(program, given, first === 1);
}

/** npm takes flags for itself up to `--`; one before the program's name is enough. */
function throughDashes(program: string | null, given: readonly Word[], open: boolean): Step {
  if (open) return { program, args: given };
  const end = given.findIndex(({ text }) => text === "--");
  if (end === -1) return { program, args: given.filter((word) => !isFlag(word)), dashes: true };
  return { program, args: [...given.slice(0, end).filter((word) => !isFlag(word)), ...given.slice(end + 1)] };
}

const NPM_FLAGS = { valued: /^(-w|--workspace|--prefix|-C)$/, plain: QUIET };

function npm(args: readonly Word[], cwd: string): Step {
  const before = leadingFlags(args, NPM_FLAGS);
  const [verb, ...rest] = before?.rest ?? [];
  if (before === null || verb === undefined) return null;
  if (verb.text === "exec" || verb.text === "x") return before.flags.has("-C") ? null : runPackage(rest, true);
  const isStart = verb.text === "start";
  if (!isStart && verb.text !== "run" && verb.text !== "run-script") return null;
  const middle = isStart ? { flags: new Map<string, string>(), rest } : leadingFlags(rest, NPM_FLAGS);
  if (middle === null) return null;
  const [name, ...given] = isStart ? [verb, ...middle.rest] : middle.rest;
  if (name === undefined || isFlag(name) || name.expands) return null;
  return npmScript(name.text, given, [before, middle], cwd);
}

/** npm's own flags may stand behind the script's name as well, up to `--`. */
function npmScript(script: string, given: readonly Word[], seen: readonly Pick<Leading, "flags">[], cwd: string): Step {
  const end = given.findIndex(({ text }) => text === "--");
  const own = end === -1 ? given : given.slice(0, end);
  const kept: Word[] = [];
  const found: Pick<Leading, "flags">[] = [...seen];
  for (let n = 0; n < own.length; n++) {
    const word = own[n] as Word;
    const named = /^(-w|--workspace|--prefix|-C)(=.*)?$/s.exec(word.text);
    if (named !== null) {
      const value = leadingFlags(own.slice(n, n + 2), NPM_FLAGS);
      if (value === null) return null;
      found.push(value);
      if (named[2] === undefined) n++;
    } else if (/^(--workspaces?|-ws|--include-workspace-root)(=|$)/.test(word.text)) return null;
    else kept.push(word);
  }
  const folder = npmFolder(found, cwd);
  const passed = [...kept, ...(end === -1 ? [] : given.slice(end))];
  return folder === null ? null : { script, folder, given: passed, passes: "dashes" };
}

function npmFolder(found: readonly Pick<Leading, "flags">[], cwd: string): string | null {
  const workspaces = found.flatMap((one) => flagOf(one, "-w", "--workspace") ?? []);
  const prefixes = found.flatMap((one) => flagOf(one, "--prefix", "-C") ?? []);
  if (workspaces.length + prefixes.length > 1) return null;
  if (prefixes[0] !== undefined) return resolve(cwd, prefixes[0]);
  return workspaces[0] === undefined ? cwd : workspaceFolder(cwd, workspaces[0]);
}

function pnpm(args: readonly Word[], cwd: string): Step {
  const leading = leadingFlags(args, {
    valued: /^(--filter|-F|-C|--dir|--reporter)$/,
    plain: /^(-s|--silent|-w|--workspace-root|--if-present|--stream|--color|--no-color)$/,
  });
  if (leading === null) return null;
  const filter = flagOf(leading, "--filter", "-F");
  const dir = flagOf(leading, "-C", "--dir");
  const from = dir === undefined ? cwd : resolve(cwd, dir);
  const ofRoot = leading.flags.has("-w") || leading.flags.has("--workspace-root");
  const folder = ofRoot
    ? workspaceRoot(from)
    : filter === undefined
      ? from
      : workspaceFolder(from, filter.replace(/^\.\//, ""));
  return folder === null ? null : scriptOrProgram(leading.rest, folder, ["exec", "dlx"], "all");
}

function yarn(args: readonly Word[], cwd: string): Step {
  const leading = leadingFlags(args, { valued: /^--cwd$/, plain: /^(-s|--silent)$/ });
  if (leading === null) return null;
  const from = resolve(cwd, flagOf(leading, "--cwd") ?? ".");
  const [verb, name, ...rest] = leading.rest;
  if (verb?.text !== "workspace") return yarnScript(leading.rest, from);
  const folder = name === undefined || isFlag(name) || name.expands ? null : workspaceFolder(from, name.text);
  return folder === null ? null : yarnScript(rest, folder);
}

/** Yarn 1 takes flags behind `exec` for itself, and later ones don't. */
const yarnScript = (args: readonly Word[], folder: string): Step =>
  args[0]?.text === "exec" ? null : scriptOrProgram(args, folder, ["dlx"], "no-dashes");

function bun(args: readonly Word[], cwd: string): Step {
  const leading = leadingFlags(args, { valued: /^(--cwd)$/, plain: /^(--bun|--silent|--hot|--watch)$/ });
  if (leading === null) return null;
  return scriptOrProgram(leading.rest, resolve(cwd, flagOf(leading, "--cwd") ?? "."), ["x"], "no-dashes");
}

/** `run dev`, `dev` where there is such a script, else a program: `pnpm vite`. */
function scriptOrProgram(args: readonly Word[], folder: string, runners: readonly string[], passes: Passing): Step {
  const [verb, ...rest] = args;
  if (verb === undefined || isFlag(verb) || verb.expands) return null;
  if (runners.includes(verb.text)) return runPackage(rest);
  const behind = verb.text === "run" ? leadingFlags(rest, { plain: /^(-s|--silent|--bun|--if-present)$/ })?.rest : args;
  const [name, ...given] = behind ?? [];
  if (name === undefined || isFlag(name) || name.expands) return null;
  if (nearestPackage(folder)?.scripts[name.text] !== undefined) return { script: name.text, folder, given, passes };
  return verb.text === "run" && passes === "all" ? null : { program: knownPath(name.text), args: given };
}

/** `deno task dev`, `deno run -A npm:vite`. */
function deno(args: readonly Word[], cwd: string): Step {
  const [verb, ...rest] = args;
  if (verb?.text === "task") {
    const leading = leadingFlags(rest, { valued: /^--cwd$/, plain: /^(-q|--quiet)$/ });
    const [name, ...given] = leading?.rest ?? [];
    if (leading === null || name === undefined || name.expands) return null;
    const from = resolve(cwd, flagOf(leading, "--cwd") ?? ".");
    // Its tasks are read before the scripts of package.json; they may be more than one line says, and are left alone.
    if (denoTasks(from)?.scripts[name.text] !== undefined) return null;
    return { script: name.text, folder: from, given, passes: "all" };
  }
  if (verb?.text !== "run") return { program: "deno", args };
  const leading = leadingFlags(rest, { plain: /^(-A|--allow-\S+|--node-modules-dir(=\w+)?|-q|--quiet|--watch)$/ });
  const [name, ...given] = leading?.rest ?? [];
  const npmName = /^npm:((?:@[^/]+\/)?[^@/]+)/.exec(name?.text ?? "")?.[1];
  return npmName === undefined ? { program: "deno", args } : { program: npmName, args: given };
}

/** `turbo run dev --filter=web`: one task of one package; what follows `--` goes to it. */
function turbo(args: readonly Word[], cwd: string): Step {
  const [verb, ...rest] = args;
  const task = verb?.text === "run" ? rest[0] : verb;
  const behind = verb?.text === "run" ? rest.slice(1) : rest;
  return scriptOfMany(
    task,
    behind,
    cwd,
    {
      valued: /^(--filter|-F|--ui|--env-mode|--concurrency|--log-order)$/,
      plain: /^(--parallel|--continue|--no-daemon|--no-cache|--force)$/,
    },
    ["--filter", "-F"],
  );
}

/** `lerna run dev --scope web`. */
function lerna(args: readonly Word[], cwd: string): Step {
  const [verb, task, ...rest] = args;
  if (verb?.text !== "run") return null;
  return scriptOfMany(
    task,
    rest,
    cwd,
    { valued: /^(--scope|--concurrency)$/, plain: /^(--stream|--parallel|--no-prefix)$/ },
    ["--scope"],
  );
}

function scriptOfMany(
  task: Word | undefined,
  behind: readonly Word[],
  cwd: string,
  flags: { readonly valued: RegExp; readonly plain: RegExp },
  selectors: readonly string[],
): Step {
  if (task === undefined || isFlag(task) || task.expands) return null;
  const leading = leadingFlags(behind, flags);
  // A second task gets what is passed on as well.
  if (leading === null || (leading.rest[0] !== undefined && leading.rest[0].text !== "--")) return null;
  const selector = flagOf(leading, ...selectors);
  const folder =
    selector === undefined ? onlyFolderWith(cwd, task.text) : workspaceFolder(cwd, selector.replace(/^\.\//, ""));
  return folder === null ? null : { script: task.text, folder, given: leading.rest, passes: "dashes" };
}
