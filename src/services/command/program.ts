import { basename, dirname, join } from "node:path";
import { readUserJson } from "../../text/user-text.ts";
import { lastCommand, type Word } from "./command-line.ts";

/** What a command line finally starts, behind `npx`, `npm run dev`, `python -m`, `cross-env` and the like. */
export interface Program {
  /** `vite`, `http.server`, `manage.py`; null when it is a program of the project's own. */
  readonly name: string | null;
  /** All that it is given, whether on the line or in a package.json script. */
  readonly args: readonly Word[];
  /** What must stand before arguments added at the line's end, so that they reach it: `--` for `npm run`. */
  readonly before: readonly string[];
  /** True when `args` are words of the line itself, and not of a script. */
  readonly direct: boolean;
  /** Variables set on the line: `PORT=3000 node server.js`. */
  readonly env: Readonly<Record<string, string>>;
}

/** A step further in: the words behind a wrapper, or a script of package.json. Null: can't be determined. */
type Step =
  | { readonly words: readonly Word[] }
  | { readonly program: string | null; readonly args: readonly Word[] }
  | { readonly script: string; readonly given: readonly Word[]; readonly dashes: boolean }
  | null;

interface Around {
  readonly cwd: string;
  readonly depth: number;
}

/** Scripts that call scripts that call scripts: beyond this it is a cycle. */
const MAX_DEPTH = 5;

/** Finds the program behind the words of a command in a folder. Null where it can't be determined. */
export function findProgram(words: readonly Word[], cwd: string): Program | null {
  return follow(words, { cwd, depth: 0 });
}

function follow(words: readonly Word[], around: Around): Program | null {
  const env: Record<string, string> = {};
  let rest = words;
  for (let steps = 0; steps < 10; steps++) {
    const [first, ...args] = rest;
    if (first === undefined) return null;
    const assignment = /^([A-Za-z_]\w*)=(.*)$/s.exec(first.text);
    if (assignment !== null) {
      env[assignment[1] ?? ""] = first.expands ? "" : (assignment[2] ?? "");
      rest = args;
      continue;
    }
    if (first.expands) return null;
    const wrapper = WRAPPERS.find(({ names }) => names.test(bareName(first.text)));
    const step = wrapper === undefined ? { program: knownPath(first.text), args } : wrapper.step(args, around, first);
    if (step === null) return null;
    if ("script" in step) return followScript(step, env, around);
    if ("program" in step) return { name: step.program, args: step.args, before: [], direct: true, env };
    rest = step.words;
  }
  return null;
}

function followScript(
  { script, given, dashes }: Extract<Step, { script: string }>,
  env: Readonly<Record<string, string>>,
  { cwd, depth }: Around,
): Program | null {
  const found = readScripts(cwd);
  const line = found?.scripts[script];
  if (found === null || line === undefined || depth >= MAX_DEPTH) return null;
  const words = lastCommand(line);
  const inner = words === null ? null : follow(words, { cwd: found.folder, depth: depth + 1 });
  if (inner === null) return null;
  const end = given.findIndex(({ text }) => text === "--");
  // npm takes flags before `--` for itself and passes the rest on; the others pass everything on.
  const passed = dashes
    ? given.filter(({ text }, index) => index > end && (end !== -1 || !text.startsWith("-")))
    : given;
  return {
    name: inner.name,
    args: [...inner.args, ...passed],
    before: [...(dashes && end === -1 ? ["--"] : []), ...inner.before],
    direct: false,
    env: { ...env, ...inner.env },
  };
}

interface Wrapper {
  readonly names: RegExp;
  readonly step: (args: readonly Word[], around: Around, first: Word) => Step;
}

const QUIET = new Set([
  "-s",
  "--silent",
  "-q",
  "--quiet",
  "--if-present",
  "--bun",
  "-y",
  "--yes",
  "--no",
  "--no-install",
]);

const WRAPPERS: readonly Wrapper[] = [
  { names: /^(env|cross-env|exec|time|nohup)$/, step: (args) => (isFlag(args[0]) ? null : { words: args }) },
  { names: /^(dotenv|dotenvx|op|doppler|infisical)$/, step: afterDashes },
  { names: /^(npx|bunx|pnpx|uvx)$/, step: runPackage },
  { names: /^npm$/, step: npm },
  { names: /^pnpm$/, step: (args, around) => scriptOrBin(args, around, ["exec", "dlx"]) },
  { names: /^yarn(pkg)?$/, step: (args, around) => scriptOrBin(args, around, ["exec", "dlx"]) },
  { names: /^bun$/, step: (args, around) => scriptOrBin(args, around, ["x"]) },
  { names: /^node$/, step: node },
  { names: /^(python|py)[\d.]*$/, step: python },
  { names: /^(uv|poetry|pipenv|pdm|rye|hatch)$/, step: (args) => behind(args, "run") },
  { names: /^bundle$/, step: (args) => behind(args, "exec") },
  { names: /^php$/, step: php },
];

/** `npx -y vite@7 dev`: the package's name is nearly always its program's. */
function runPackage(args: readonly Word[]): Step {
  let rest = args;
  while (isFlag(rest[0])) {
    const flag = rest[0]?.text ?? "";
    if (flag === "-p" || flag === "--package") rest = rest.slice(2);
    else if (flag === "--" || QUIET.has(flag) || flag.startsWith("--package=")) rest = rest.slice(1);
    else return null;
  }
  const [name, ...behindIt] = rest;
  if (name === undefined || name.expands) return null;
  return { program: /^(@[^/]+\/)?[^@]+/.exec(name.text)?.[0] ?? null, args: behindIt };
}

function npm(args: readonly Word[]): Step {
  const [verb, ...rest] = withoutQuiet(args);
  switch (verb?.text) {
    case "exec":
    case "x":
      return runPackage(rest);
    case "run":
    case "run-script": {
      const [name, ...given] = withoutQuiet(rest);
      return name === undefined || isFlag(name) || leavesFolder(given) ? null : toScript(name.text, given, true);
    }
    case "start":
      return leavesFolder(rest) ? null : toScript("start", rest, true);
    default:
      return null;
  }
}

/** Flags with which npm runs a script of another folder. */
function leavesFolder(given: readonly Word[]): boolean {
  const end = given.findIndex(({ text }) => text === "--");
  const own = end === -1 ? given : given.slice(0, end);
  return own.some(({ text }) => /^(-w|--workspaces?|--prefix|-C)(=|$)/.test(text));
}

/** pnpm, yarn and bun: `run dev`, `dev` where there's such a script, else a program: `pnpm vite`. */
function scriptOrBin(args: readonly Word[], { cwd }: Around, runners: readonly string[]): Step {
  const [verb, ...rest] = withoutQuiet(args);
  if (verb === undefined || isFlag(verb) || verb.expands) return null;
  if (runners.includes(verb.text)) return runPackage(rest);
  const [name, ...given] = verb.text === "run" ? withoutQuiet(rest) : [verb, ...rest];
  if (name === undefined || isFlag(name)) return null;
  if (readScripts(cwd)?.scripts[name.text] !== undefined) return toScript(name.text, given, false);
  return { program: knownPath(name.text), args: given };
}

const toScript = (script: string, given: readonly Word[], dashes: boolean): Step => ({ script, given, dashes });

function node(args: readonly Word[]): Step {
  const [flag, name, ...given] = args;
  if (flag?.text === "--run") return name === undefined ? null : toScript(name.text, given, true);
  const rest = afterFlags(args, /^(-r|--require|--import|--loader|--conditions|-C)$/);
  const [file, ...behindIt] = rest;
  if (file === undefined || !/(^|[\\/])node_modules[\\/]/.test(file.text)) return { program: null, args: behindIt };
  return { program: bareName(file.text), args: behindIt };
}

function python(args: readonly Word[]): Step {
  const rest = afterFlags(args, /^-[XW]$/, "-m");
  const [first, second, ...given] = rest;
  if (first?.text === "-m") return second === undefined ? null : { program: second.text, args: given };
  const isManage = first !== undefined && basename(first.text) === "manage.py";
  return { program: isManage ? "manage.py" : null, args: rest.slice(1) };
}

function php(args: readonly Word[]): Step {
  const rest = afterFlags(args, /^-[dc]$/, "-S");
  const [first, ...given] = rest;
  if (first !== undefined && basename(first.text) === "artisan") return { program: "artisan", args: given };
  return { program: args.some(({ text }) => text === "-S") ? "php" : null, args };
}

/** `dotenv -e .env -- vite`: what follows the dashes. */
function afterDashes(args: readonly Word[]): Step {
  const dashes = args.findIndex(({ text }) => text === "--");
  return dashes === -1 ? null : { words: args.slice(dashes + 1) };
}

/** `poetry run flask run`: what follows the verb. */
function behind(args: readonly Word[], verb: string): Step {
  if (args[0]?.text !== verb) return null;
  const rest = args[1]?.text === "--" ? args.slice(2) : args.slice(1);
  return isFlag(rest[0]) ? null : { words: rest };
}

/** Skips flags, with the next word too where a flag takes one; stops at `stop`. */
function afterFlags(args: readonly Word[], withValue: RegExp, stop?: string): readonly Word[] {
  let rest = args;
  while (isFlag(rest[0]) && rest[0]?.text !== stop) rest = rest.slice(withValue.test(rest[0]?.text ?? "") ? 2 : 1);
  return rest;
}

function withoutQuiet(args: readonly Word[]): readonly Word[] {
  const first = args.findIndex(({ text }) => !QUIET.has(text));
  return first === -1 ? [] : args.slice(first);
}

const isFlag = (word: Word | undefined): boolean => word?.text.startsWith("-") ?? false;

const bareName = (path: string): string =>
  basename(path.replaceAll("\\", "/")).replace(/\.(cmd|exe|bat|ps1|[mc]?js)$/i, "");

/** A program's name where its path is one that tools are installed in; `./serve` is the project's own. */
function knownPath(path: string): string | null {
  const unix = path.replaceAll("\\", "/");
  if (!unix.includes("/") || ["manage.py", "artisan"].includes(basename(unix))) return bareName(unix);
  if (
    /(^|\/)(node_modules\/\.bin|\.?v?env\/bin|vendor\/bin)\/[^/]+$|^\/.*\/s?bin\/[^/]+$|^(\.\/)?bin\/rails$/.test(unix)
  ) {
    return bareName(unix);
  }
  return null;
}

/** The scripts of the nearest package.json, as `npm run` finds them. */
function readScripts(dir: string): { folder: string; scripts: Readonly<Record<string, string>> } | null {
  for (let folder = dir; ; folder = dirname(folder)) {
    const parsed = readUserJson(join(folder, "package.json"));
    if (parsed !== undefined) {
      const scripts = typeof parsed === "object" && parsed !== null && "scripts" in parsed ? parsed.scripts : {};
      const entries = Object.entries(typeof scripts === "object" && scripts !== null ? scripts : {});
      return { folder, scripts: Object.fromEntries(entries.filter(([, line]) => typeof line === "string")) };
    }
    if (folder === dirname(folder)) return null;
  }
}
