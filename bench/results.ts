import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import type { Effort } from "./section.ts";

const FILE = new URL("./RESULTS.md", import.meta.url);

/** Puts one section's lines into RESULTS.md, and leaves the other sections as they are. */
export function writeSection(title: string, about: string, lines: readonly string[], effort: Effort): void {
  const [, ...sections] = existsSync(FILE) ? readFileSync(FILE, "utf8").split(/^(?=## )/m) : [];
  const day = new Date().toISOString().slice(0, 10);
  const made = `${day}, ${cpus().length} shared cores, Node ${process.versions.node}, medians of ${effort.rounds} rounds`;
  const section = `## ${title}\n\n${about}\n\n\`\`\`\n${lines.join("\n").trim()}\n\`\`\`\n\n${made}.\n\n`;
  const at = sections.findIndex((other) => other.startsWith(`## ${title}\n`));
  if (at === -1) sections.push(section);
  else sections[at] = section;
  writeFileSync(FILE, `${HEAD}${sections.join("")}`.trimEnd().concat("\n"));
}

const HEAD = `# Cove beside its peers

Everything in one table was measured in one run, alternating between the peers, so that a noisy moment hits them all.
Other work on the same machine moves the rates; the ratios are what to look at. Made by \`npm run bench\`.

`;
