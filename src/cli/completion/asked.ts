import type { Command, Option } from "../../../node_modules/commander/typings/index.d.ts";

/** What a command line asks for at its end. */
type Asked =
  | { readonly type: "option names"; readonly options: readonly Option[] }
  /** The value of an option; `prefix` is what stands before it in the same word: `--stack=`. */
  | { readonly type: "option value"; readonly option: string; readonly prefix: string }
  /** A word: how many stand before it. */
  | { readonly type: "word"; readonly before: readonly string[] };

export interface AskedLine {
  readonly asked: Asked;
  /** Values of options that decide what there is to choose from, by their long name: `stack`, `cwd`. */
  readonly given: Readonly<Record<string, string>>;
}

interface Reading {
  readonly before: string[];
  readonly given: Record<string, string>;
  readonly used: Set<Option>;
  /** The option whose value comes next. */
  open: Option | null;
  /** Behind `--` there are words alone. */
  wordsOnly: boolean;
}

type Definition = Pick<Command, "options"> & { readonly takesProgram: boolean };

/** Reads the words behind a command's name, up to `current`, as commander will. */
export function readAsked({ options, takesProgram }: Definition, words: readonly string[], current: string): AskedLine {
  const state: Reading = { before: [], given: {}, used: new Set(), open: null, wordsOnly: false };
  for (const word of words) readWord(state, options, takesProgram, word);
  const { before, given, used, open, wordsOnly } = state;
  if (open !== null && !(open.variadic && current.startsWith("-"))) {
    return { asked: { type: "option value", option: nameOf(open), prefix: "" }, given };
  }
  if (wordsOnly || !current.startsWith("-")) return { asked: { type: "word", before }, given };
  const [, name, prefix] = /^(--[^=]+)(?=(=))/.exec(current) ?? [];
  const named = options.find(({ long }) => long === name);
  if (named !== undefined && prefix !== undefined) {
    return { asked: { type: "option value", option: nameOf(named), prefix: `${name}=` }, given };
  }
  const left = options.filter((option) => !option.hidden && (option.variadic || !used.has(option)));
  return { asked: { type: "option names", options: left }, given };
}

function readWord(state: Reading, options: readonly Option[], takesProgram: boolean, word: string): void {
  const { open } = state;
  if (open !== null && !(open.variadic && word.startsWith("-"))) {
    state.given[nameOf(open)] = word;
    state.open = open.variadic ? open : null;
    return;
  }
  state.open = null;
  if (state.wordsOnly || !word.startsWith("-") || word === "-") {
    state.before.push(word);
    state.wordsOnly ||= takesProgram;
  } else if (word === "--") {
    state.wordsOnly = true;
  } else {
    const [name = "", value] = word.startsWith("--") ? word.split(/=(.*)/s) : [word];
    const option = options.find(({ long, short }) => long === name || short === name);
    if (option === undefined) return;
    state.used.add(option);
    if (value !== undefined) state.given[nameOf(option)] = value;
    else if (option.required) state.open = option;
  }
}

function nameOf({ long }: Option): string {
  return (long ?? "").slice(2);
}
