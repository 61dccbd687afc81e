import type { Snapshot } from "../../../home/view/view.ts";

/**
 * A filter from words of a command line: services' names and `web→api` mean those, several of them any of them; quotes that
 * the shell ate come back.
 */
export function filterOf(words: readonly string[], { stacks }: Snapshot): string {
  const isService = (word: string) => stacks.some(({ services }) => services.some(({ name }) => name === word));
  const services: string[] = [];
  const edges: string[] = [];
  const others: string[] = [];
  for (const word of words) {
    if (/^[a-z0-9-]+→[a-z0-9-]+$/.test(word)) edges.push(word);
    else if (isService(word)) services.push(word);
    else others.push(/\s/.test(word) && !word.includes('"') && !/^-?[a-z]+:/.test(word) ? `"${word}"` : word);
  }
  return [
    ...(services.length === 0 ? [] : [`service:${services.join(",")}`]),
    ...(edges.length === 0 ? [] : [`edge:${edges.join(",")}`]),
    ...others,
  ].join(" ");
}
