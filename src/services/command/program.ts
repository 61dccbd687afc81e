import { basename, resolve } from "node:path";
import { lastCommand, type Word } from "./command-line.ts";
import { PACKAGE_MANAGERS } from "./package-managers.ts";
import { nearestPackage } from "./package-scripts.ts";
import { bareName, isFlag, knownPath, leadingFlags, type ScriptStep, type Step, type Wrapper } from "./step.ts";

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
  /** What it is started through, from the outside: `npm`, `bun`. */
  readonly through: readonly string[];
  /** Variables set on the line: `PORT=3000 node server.js`. */
  readonly env: Readonly<Record<string, string>>;
}

/** Scripts that call scripts that call scripts: beyond this it is a cycle. */
const MAX_DEPTH = 5;

/** Finds the program behind the words of a command in a folder. Null where it can't be determined. */
export function findProgram(words: readonly Word[], cwd: string): Program | null {
  return follow(words, cwd, 0);
}

/** The word that holds another line, for a shell: `sh -c 'vite'`, behind variables as well. Null: there is none. */
export function innerLine(words: readonly Word[]): Word | null {
  const start = words.findIndex(({ text }) => !/^[A-Za-z_]\w*=|^(env|cross-env|exec)$/.test(text));
  const [shell, ...args] = start === -1 ? [] : words.slice(start);
  if (shell === undefined || !/^(ba|da|z|k)?sh$/.test(bareName(shell.text))) return null;
  const [flag, line, ...more] = args;
  // What follows the line are its $0, $1 …
  const isLine = flag !== undefined && /^-[a-z]*c$/.test(flag.text) && line !== undefined && !line.expands;
  return isLine && more.length === 0 ? line : null;
}

function follow(words: readonly Word[], cwd: string, depth: number): Program | null {
  const env: Record<string, string> = {};
  const through: string[] = [];
  let before: readonly string[] = [];
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
    const wrapper = wrapperOf(bareName(first.text));
    const step = wrapper === undefined ? { program: knownPath(first.text), args } : wrapper.step(args, cwd);
    if (wrapper !== undefined) through.push(bareName(first.text));
    if (step === null) return null;
    if ("script" in step) {
      const found = followScript(step, env, depth);
      if (found === null) return null;
      return { ...found, before: [...before, ...found.before], through: [...through, ...found.through] };
    }
    if ("program" in step) {
      if (step.dashes === true) before = ["--"];
      // `npx turbo run dev`: a wrapper in its turn.
      const { program, args: given } = step;
      const goesOn = program !== null && program !== bareName(first.text) && wrapperOf(program) !== undefined;
      if (!goesOn) return { name: program, args: given, before, direct: true, through, env };
      rest = [{ ...first, text: program }, ...given];
      continue;
    }
    rest = step.words;
  }
  return null;
}

function followScript(
  { script, folder, given, passes }: ScriptStep,
  env: Readonly<Record<string, string>>,
  depth: number,
): Program | null {
  const found = nearestPackage(folder);
  const line = found?.scripts[script];
  if (found === null || line === undefined || depth >= MAX_DEPTH) return null;
  const last = lastCommand(line);
  const inner = last === null ? null : follow(last.words, resolve(found.folder, last.folder), depth + 1);
  if (inner === null || (passes === "no-dashes" && inner.before.length > 0)) return null;
  const end = given.findIndex(({ text }) => text === "--");
  // npm takes flags before `--` for itself and passes the rest on; the others pass everything on.
  const passed =
    passes === "dashes" ? given.filter((word, index) => index > end && (end !== -1 || !isFlag(word))) : given;
  return {
    name: inner.name,
    args: [...inner.args, ...passed],
    before: [...(passes === "dashes" && end === -1 ? ["--"] : []), ...inner.before],
    direct: false,
    through: inner.through,
    env: { ...env, ...inner.env },
  };
}

const WRAPPERS: readonly Wrapper[] = [
  { names: /^(env|cross-env|exec|time|nohup|corepack)$/, step: behindEnv },
  { names: /^env-cmd$/, step: behindEnvFile },
  // They take flags for themselves up to `--`.
  { names: /^(dotenv|dotenvx|op|doppler|infisical|mise|varlock)$/, step: afterDashes },
  ...PACKAGE_MANAGERS,
  { names: /^node$/, step: node },
  { names: /^(python|py)[\d.]*$/, step: python },
  { names: /^(uv|poetry|pipenv|pdm|rye|hatch)$/, step: (args) => behind(args, "run") },
  { names: /^bundle$/, step: (args) => behind(args, "exec") },
  { names: /^php$/, step: php },
];

const wrapperOf = (name: string): Wrapper | undefined => WRAPPERS.find(({ names }) => names.test(name));

/** `env -u NODE_OPTIONS A=b vite`. */
function behindEnv(args: readonly Word[]): Step {
  const leading = leadingFlags(args, { valued: /^(-u|--unset)$/, plain: /^(-i|-|--ignore-environment|-p)$/ });
  if (leading === null) return null;
  return { words: leading.rest[0]?.text === "--" ? leading.rest.slice(1) : leading.rest };
}

/** `env-cmd -f .env vite`. */
function behindEnvFile(args: readonly Word[]): Step {
  const leading = leadingFlags(args, {
    valued: /^(-f|--file|-r|--rc-file|-e|--environments)$/,
    plain: /^(--no-override|--silent|--fallback|--use-shell)$/,
  });
  return leading === null ? null : { words: leading.rest.slice(leading.rest[0]?.text === "--" ? 1 : 0) };
}

function node(args: readonly Word[], cwd: string): Step {
  const [flag, name, ...given] = args;
  if (flag?.text === "--run") {
    return name === undefined || name.expands ? null : { script: name.text, folder: cwd, given, passes: "dashes" };
  }
  const rest = afterFlags(args, /^(-r|--require|--import|--loader|--conditions|-C|--env-file)$/);
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
