import { basename } from "node:path";
import type { Word } from "./command-line.ts";

/** A step further in: the words behind a wrapper, a program, or a script of a package. Null: can't be determined. */
export type Step =
  | { readonly words: readonly Word[] }
  /** `dashes`: arguments that are added must stand behind `--`. */
  | { readonly program: string | null; readonly args: readonly Word[]; readonly dashes?: boolean }
  | ScriptStep
  | null;

export interface ScriptStep {
  readonly script: string;
  /** The folder of its package, or one below. */
  readonly folder: string;
  readonly given: readonly Word[];
  readonly passes: Passing;
}

/**
 * How a runner of scripts passes arguments on: `dashes`, only what follows `--`; `all`, what follows the script's name;
 * `no-dashes`, the same, but a `--` among it may get lost.
 */
export type Passing = "dashes" | "all" | "no-dashes";

export interface Wrapper {
  readonly names: RegExp;
  readonly step: (args: readonly Word[], cwd: string) => Step;
}

export const isFlag = (word: Word | undefined): boolean => word?.text.startsWith("-") ?? false;

/** `vite` of `node_modules/vite/bin/vite.js`. */
export const bareName = (path: string): string =>
  basename(path.replaceAll("\\", "/")).replace(/\.(cmd|exe|bat|ps1|[mc]?js)$/i, "");

/** Programs that stand in the project's own folder: `./mvnw`. */
const OF_PROJECTS = new Set(["manage.py", "artisan", "mvnw", "gradlew"]);

/** A program's name where its path is one that tools are installed in; `./serve` is the project's own. */
export function knownPath(path: string): string | null {
  const unix = path.replaceAll("\\", "/");
  if (!unix.includes("/") || OF_PROJECTS.has(basename(unix))) return bareName(unix);
  if (
    /(^|\/)(node_modules\/\.bin|\.?v?env\/bin|vendor\/bin)\/[^/]+$|^\/.*\/s?bin\/[^/]+$|^(\.\/)?bin\/rails$/.test(unix)
  ) {
    return bareName(unix);
  }
  return null;
}

/** What stands before a program's own words: flags, each with its value where it takes one. */
export interface Leading {
  /** Values by flag, as written: `-w`, `--workspace`. A flag without a value has "". */
  readonly flags: ReadonlyMap<string, string>;
  readonly rest: readonly Word[];
}

/** What may stand before: flags that take a value, and flags that take none. */
export interface LeadingFlags {
  readonly valued?: RegExp;
  readonly plain?: RegExp;
}

/** Reads flags off the front; null at one that isn't among them, or is given twice: what it means isn't known. */
export function leadingFlags(args: readonly Word[], { valued, plain }: LeadingFlags): Leading | null {
  const flags = new Map<string, string>();
  let rest = args;
  for (let [word] = rest; word !== undefined && isFlag(word) && word.text !== "--"; [word] = rest) {
    const [, name = "", value] = /^([^=]+)(?:=(.*))?$/s.exec(word.text) ?? [];
    const next = rest[1];
    if (word.expands || flags.has(name)) return null;
    if (valued?.test(name) === true) {
      if (value === undefined && (next === undefined || next.expands)) return null;
      flags.set(name, value ?? next?.text ?? "");
      rest = rest.slice(value === undefined ? 2 : 1);
    } else if (plain?.test(word.text) === true) {
      flags.set(name, value ?? "");
      rest = rest.slice(1);
    } else return null;
  }
  return { flags, rest };
}

/** The value of the first of these flags that was given. */
export function flagOf({ flags }: Pick<Leading, "flags">, ...names: readonly string[]): string | undefined {
  for (const name of names) if (flags.has(name)) return flags.get(name);
  return undefined;
}
