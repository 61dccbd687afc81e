import type { Snapshot } from "../../home/view.ts";

/** A filter from words of a command line: a service's name and `web→api` mean those; quotes that the shell ate come back. */
export function filterOf(words: readonly string[], { stacks }: Snapshot): string {
  const isService = (word: string) => stacks.some(({ services }) => services.some(({ name }) => name === word));
  return words
    .map((word) => {
      if (/^[a-z0-9-]+→[a-z0-9-]+$/.test(word)) return `edge:${word}`;
      if (isService(word)) return `service:${word}`;
      return /\s/.test(word) && !word.includes('"') && !/^-?[a-z]+:/.test(word) ? `"${word}"` : word;
    })
    .join(" ");
}
