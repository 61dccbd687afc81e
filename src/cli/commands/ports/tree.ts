import { formatAddress } from "../../../address/parse.ts";
import type { PortRow, ProcessFacts } from "../../../ports/row.ts";
import { printableWords } from "../../../text/printable.ts";
import type { Context } from "../../terminal/context.ts";
import { table, width } from "../../terminal/table.ts";
import { ago, belongsTo, EXPOSURE_WORDS, shortCommand, shortPath } from "./words.ts";

/** Listeners of one project, by the process that started theirs. */
export interface PortGroup {
  /** The stack or the project's folder; null for what belongs to none. */
  readonly project: string | null;
  readonly parents: readonly {
    /** Null where it isn't known, and for pid 1. */
    readonly parent: ProcessFacts | null;
    readonly listeners: readonly PortRow[];
  }[];
}

/** Groups rows by project and parent process; groups without a project come last. `facts` says what a pid is. */
export function portTree(rows: readonly PortRow[], facts: (pid: number) => ProcessFacts | null): PortGroup[] {
  const groups = new Map<string, Map<number, PortRow[]>>();
  for (const row of rows) {
    const project = projectOf(row);
    const parents = groups.get(project) ?? new Map<number, PortRow[]>();
    groups.set(project, parents);
    const parent = row.process?.parent ?? 0;
    const listeners = parents.get(parent);
    if (listeners === undefined) parents.set(parent, [row]);
    else listeners.push(row);
  }
  return [...groups]
    .sort(([a], [b]) => Number(a === "") - Number(b === "") || a.localeCompare(b))
    .map(([project, parents]) => ({
      project: project === "" ? null : project,
      parents: [...parents].map(([pid, listeners]) => ({ parent: pid > 1 ? facts(pid) : null, listeners })),
    }));
}

function projectOf({ cove, process }: PortRow): string {
  if (cove !== null && "stack" in cove) return cove.stack;
  if (cove?.use === "door") return "Cove";
  return process?.project ?? "";
}

/** The widest that a command is, when there is room. */
const LONGEST_COMMAND = 40;
/** The narrowest, with ages and without them. */
const SHORTEST_COMMAND = { aged: 24, plain: 12 };

/** The tree for people; on a terminal, commands are cut and ages left out until it is narrow enough. */
export function treeLines(context: Context, groups: readonly PortGroup[], now: number): string[] {
  const widest = (lines: readonly string[]) => Math.max(...lines.map(width));
  let lines = drawn(context, groups, now, LONGEST_COMMAND, true);
  for (const aged of [true, false]) {
    const least = aged ? SHORTEST_COMMAND.aged : SHORTEST_COMMAND.plain;
    for (let longest = LONGEST_COMMAND; longest >= least; longest -= 4) {
      if (!context.live || widest(lines) <= context.width) return lines;
      lines = drawn(context, groups, now, longest, aged);
    }
  }
  return widest(lines) > context.width ? drawn(context, groups, now, SHORTEST_COMMAND.plain, false, true) : lines;
}

function drawn(
  context: Context,
  groups: readonly PortGroup[],
  now: number,
  longest: number,
  aged: boolean,
  narrow = false,
): string[] {
  return groups.flatMap(({ project, parents }) => [
    context.paint("bold", project === null ? "no project" : shortPath(project)),
    ...parents.flatMap(({ parent, listeners }) => {
      const indent = parent === null ? "  " : "    ";
      const head =
        parent === null ? [] : [context.paint("dim", `  ${shortCommand(parent, longest + 20)} (pid ${parent.pid})`)];
      return [
        ...head,
        ...table(
          listeners.map((row) => cells(row, now, longest, aged)),
          indent,
          narrow ? context.width : Number.POSITIVE_INFINITY,
        ),
      ];
    }),
  ]);
}

function cells(row: PortRow, now: number, longest: number, aged: boolean): string[] {
  const { process, pids, container, cove } = row;
  return [
    formatAddress(row) + (row.protocol === "udp" ? " udp" : ""),
    process === null ? (longest < 24 ? "(not shown)" : "(not shown to this user)") : shortCommand(process, longest),
    pids.length === 0 ? "" : `pid ${pids[0]}${pids.length > 1 ? ` +${pids.length - 1}` : ""}`,
    row.user ?? "",
    cove === null ? printableWords(container?.name ?? container?.id ?? "") : belongsTo({ cove, process: null }),
    EXPOSURE_WORDS[row.exposure],
    !aged || process?.startedAt == null ? "" : ago(process.startedAt, now),
  ];
}
