import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import type { Effort } from "./section.ts";

const FILE = new URL("./RESULTS.md", import.meta.url);

/** Puts one section into RESULTS.md, and leaves the other sections as they are, in the order of `titles`. */
export function writeSection(
  title: string,
  about: string,
  lines: readonly string[],
  effort: Effort,
  titles: readonly string[],
): void {
  const day = new Date().toISOString().slice(0, 10);
  const made = `${day}, ${cpus().length} shared cores, Node ${process.versions.node}, medians of ${effort.rounds} rounds`;
  const section = `## ${title}\n\n${about}\n\n\`\`\`\n${trimmed(lines).join("\n")}\n\`\`\`\n\n${made}.\n`;
  writeFileSync(FILE, withSection(existsSync(FILE) ? readFileSync(FILE, "utf8") : "", section, titles));
}

/** `text` with this section new or in place of the one of its title. Closes what a merge left open in the others. */
export function withSection(text: string, section: string, titles: readonly string[]): string {
  const [, ...old] = text.split(/^(?=## )/m);
  const kept = old.filter((other) => titleOf(other) !== titleOf(section)).map(closed);
  const place = (one: string) => (titles.includes(titleOf(one)) ? titles.indexOf(titleOf(one)) : titles.length);
  return `${[HEAD, ...[...kept, section].sort((a, b) => place(a) - place(b))].map((one) => one.trim()).join("\n\n")}\n`;
}

const titleOf = (section: string) => /^## (.*)/.exec(section)?.[1] ?? "";

function closed(section: string): string {
  const fences = section.match(/^```/gm)?.length ?? 0;
  return fences % 2 === 0 ? section : `${section.trimEnd()}\n\`\`\``;
}

/** Without empty lines around; blanks at the start of a line are part of a table. */
function trimmed(lines: readonly string[]): readonly string[] {
  const filled = (line: string) => line.trim() !== "";
  return lines.slice(lines.findIndex(filled), lines.findLastIndex(filled) + 1);
}

const HEAD = `# Cove beside its peers

Everything in one table was measured in one run, alternating between the peers, so that a noisy moment hits them all.
Other work on the same machine moves the rates; the ratios are what to look at. Made by \`npm run bench\`.

`;
