import { statSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { StartFile } from "../kind/kind.ts";
import { lastCommand, listedCommand, type Word } from "./command-line.ts";

/** Programs whose first argument is the file that they run. */
const INTERPRETER =
  /^(node|nodejs|deno|bun|tsx|ts-node|python[\d.]*|pypy[\d.]*|uv|ruby|perl|php|lua|bash|sh|zsh|dash|Rscript|java|groovy)(\.exe)?$/;
/** Words by which an interpreter runs a file: `deno run main.ts`, `uv run app.py`. */
const RUN = /^(run|serve|task)$/;
/** A program that starts itself anew, or reads anew, when its files change. */
const WATCHES = /^(--watch.*|watch|--reload.*|--hot|nodemon|watchexec|entr|air|reflex|ts-node-dev)$/;
/** The program is in the next word, or is a module: none of the words is its file. */
const NO_FILE = /^(-m|-c|-e|-p|--eval|--print)$/;
/** Options whose next word is a file that is loaded before the script. */
const PRELOAD = /^(-r|--require|--import|--loader)$/;
/** Options that name a file of variables (Node, Deno, Bun, Docker). */
const ENV_FILE = /^--env-file(-if-exists)?(?:=(.+))?$/;

/**
 * The files that a command names itself and that are read only at its start: a script of the project
 * (`./bin/dev.sh`), what an interpreter runs (`node server.ts`), and files of variables (`--env-file=.env.dev`). A command that
 * watches its files (`node --watch`, `nodemon`, `uvicorn --reload`) reads its script anew by itself.
 */
export function startFilesOf(command: string | readonly string[], cwd: string): StartFile[] {
  const found = typeof command === "string" ? lastCommand(command) : listedCommand(command);
  const known = (found?.words ?? []).filter(({ expands }) => !expands);
  const folder = resolve(cwd, found?.folder ?? ".");
  const first = known.findIndex(({ text }) => !/^[A-Za-z_]\w*=/.test(text));
  const [program, ...args] = first === -1 ? [] : known.slice(first);
  if (program === undefined) return [];
  const watches = known.some(({ text }) => WATCHES.test(basename(text)));
  const scripts = watches ? [] : [...ownProgram(program), ...scriptOf(program, args, folder)];
  return [...new Set([...scripts, ...envFilesOf(args)])]
    .map((file) => resolve(folder, file))
    .filter(isFile)
    .map((path) => ({ path }));
}

/** A program of the project's own is named by a relative path; others are the machine's. */
function ownProgram({ text }: Word): string[] {
  return /^\.{0,2}[^/\\]*[/\\]/.test(text) && !/^([/\\]|[A-Za-z]:)/.test(text) && !text.includes("node_modules")
    ? [text]
    : [];
}

/** What an interpreter runs: the first word that is a file, and what is loaded before it. */
function scriptOf(program: Word, args: readonly Word[], cwd: string): string[] {
  if (!INTERPRETER.test(basename(program.text))) return [];
  const found: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const text = args[index]?.text ?? "";
    if (NO_FILE.test(text)) return found;
    const next = args[index + 1]?.text;
    if (PRELOAD.test(text) && next !== undefined) found.push(next);
    if (PRELOAD.test(text) || text === "--env-file") index++;
    else if (!text.startsWith("-") && !RUN.test(text) && isFile(resolve(cwd, text))) return [...found, text];
  }
  return found;
}

function envFilesOf(args: readonly Word[]): string[] {
  return args.flatMap(({ text }, index) => {
    const found = ENV_FILE.exec(text);
    if (found === null) return [];
    return found[2] ?? args[index + 1]?.text ?? [];
  });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
