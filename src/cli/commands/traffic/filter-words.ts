import type { StackView } from "../../../home/view/view.ts";

/**
 * A filter from words of a command line: services' names and `web→api` mean those, several of them any of them, with a dash
 * in front none of them; quotes that the shell ate come back.
 */
export function filterOf(words: readonly string[], stacks: readonly StackView[]): string {
  const isService = (word: string) => stacks.some(({ services }) => services.some(({ name }) => name === word));
  const found = { service: [] as string[], edge: [] as string[], "-service": [] as string[], "-edge": [] as string[] };
  const others: string[] = [];
  for (const word of words) {
    const not = word.startsWith("-") ? "-" : "";
    const bare = word.slice(not.length);
    if (/^[a-z0-9-]+→[a-z0-9-]+$/.test(bare)) found[`${not}edge`].push(bare);
    else if (isService(bare)) found[`${not}service`].push(bare);
    else others.push(/\s/.test(bare) && !bare.includes('"') && !/^[a-z]+:/.test(bare) ? `${not}"${bare}"` : word);
  }
  const keyed = Object.entries(found).flatMap(([key, names]) =>
    names.length === 0 ? [] : [`${key}:${names.join(",")}`],
  );
  return [...keyed, ...others].join(" ");
}
