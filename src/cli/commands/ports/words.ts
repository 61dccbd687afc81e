import { homedir } from "node:os";
import type { Exposure } from "../../../machine/exposure.ts";
import type { PortRow, ProcessFacts } from "../../../ports/row.ts";
import { printableWords } from "../../../text/printable.ts";

/** Who reaches a listener, in a word or two. */
export const EXPOSURE_WORDS: Record<Exposure, string> = {
  loopback: "this machine",
  lan: "local network",
  everywhere: "every network",
};

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago, in one unit: `12 s`, `3 min`, `5 h`, `2 d`. */
export function ago(from: number, now: number): string {
  const span = Math.max(0, now - from);
  if (span < MINUTE) return `${Math.floor(span / SECOND)} s`;
  if (span < HOUR) return `${Math.floor(span / MINUTE)} min`;
  return span < 2 * DAY ? `${Math.floor(span / HOUR)} h` : `${Math.floor(span / DAY)} d`;
}

/** A command line for people: the program without its folder, one line, at most `longest` characters. */
export function shortCommand({ command, program }: Pick<ProcessFacts, "command" | "program">, longest: number): string {
  if (command === null) return printableWords(program ?? "?");
  // Windows quotes a program with spaces in its path.
  const first = /^"([^"]+)"|^(\S+)/.exec(command);
  const path = first?.[1] ?? first?.[2] ?? "";
  const text = printableWords(`${path.replace(/^.*[/\\](?=[^/\\])/, "")}${command.slice(first?.[0].length ?? 0)}`);
  return text.length > longest ? `${text.slice(0, Math.max(1, longest - 1))}…` : text;
}

/** A path with the home folder as `~`. */
export function shortPath(path: string): string {
  const home = homedir();
  if (path === home && home !== "/") return "~";
  return printableWords(home !== "/" && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path);
}

/** Whose a listener is: what Cove knows it as, else the project's folder, else nothing. */
export function belongsTo({ cove, process }: Pick<PortRow, "cove" | "process">): string {
  if (cove !== null) {
    if (cove.use === "edge") return `${cove.stack}: ${cove.label}`;
    return cove.use === "alias" ? `alias ${cove.label}` : cove.label;
  }
  return process?.project == null ? "" : shortPath(process.project);
}
