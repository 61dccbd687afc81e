import type { Command } from "../../node_modules/commander/typings/index.d.ts";

/**
 * Puts words such as `-status:200` behind `--`, where commander takes them for words: what begins with one dash, is longer
 * than a flag, and neither is an option nor a flag with its value (`-n50`).
 */
export function dashedWordsLast(args: readonly string[], { options }: Pick<Command, "options">): string[] {
  const end = args.indexOf("--");
  const ahead = end === -1 ? args : args.slice(0, end);
  const behind = end === -1 ? [] : args.slice(end + 1);
  const names = new Set(options.flatMap(({ long }) => (long == null ? [] : [long.slice(2)])).concat("help"));
  const isWord = (word: string) => {
    if (!/^-[^-]./u.test(word) || names.has(word.slice(1))) return false;
    return !options.some(({ short, required, optional }) => (required || optional) && short === word.slice(0, 2));
  };
  // What an option takes may begin with a dash, too.
  const taken = (at: number) =>
    options.some(({ short, long, required }) => required && [short, long].includes(ahead[at - 1]));
  const words = ahead.filter((word, at) => isWord(word) && !taken(at));
  if (words.length === 0) return [...args];
  return [...ahead.filter((word, at) => !isWord(word) || taken(at)), "--", ...words, ...behind];
}
