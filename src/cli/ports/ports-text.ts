import { formatAddress } from "../../address/parse.ts";
import type { HeldRow } from "../../home/ports/gather.ts";
import type { PortRow } from "../../home/ports/row.ts";
import type { SeenPorts } from "../../home/ports/see.ts";
import type { PortConflict } from "../../machine/port-conflicts.ts";
import type { Context } from "../context.ts";
import { table } from "../table.ts";
import type { Asked } from "./ports-json.ts";
import { portTree, treeLines } from "./tree.ts";
import { ago, belongsTo, EXPOSURE_WORDS, printable, shortCommand } from "./words.ts";

/** A column of the table, and how much is worth showing of it. */
interface Column {
  readonly title: string;
  readonly cell: (row: PortRow, now: number) => string;
}

/** The widest that a command may be, when there is room. */
const LONGEST_COMMAND = 48;
const SHORTEST_COMMAND = 12;

const COLUMNS = (longest: number): readonly Column[] => [
  { title: "address", cell: (row) => formatAddress(row) + (row.protocol === "udp" ? " udp" : "") },
  { title: "process", cell: (row) => processText(row, longest) },
  { title: "pid", cell: ({ pids }) => (pids.length > 1 ? `${pids[0]} +${pids.length - 1}` : String(pids[0] ?? "")) },
  { title: "user", cell: ({ user, uid }) => user ?? (uid === null ? "" : String(uid)) },
  { title: "project", cell: belongsTo },
  {
    title: "container",
    cell: ({ container }) => (container === null ? "" : printable(container.name ?? container.id)),
  },
  { title: "reached from", cell: ({ exposure }) => EXPOSURE_WORDS[exposure] },
  { title: "since", cell: ({ process }, now) => (process?.startedAt == null ? "" : ago(process.startedAt, now)) },
];

/** All that `cove ports` prints. */
export function portsLines(context: Context, seen: SeenPorts, { tree, name, exposed }: Asked): string[] {
  const { rows, conflicts, notes, look } = seen;
  const now = Date.now();
  const dim = (line: string) => context.paint("dim", line);
  if (rows.length === 0) return [nothing(name, exposed), ...notes.map(dim)];
  const body = tree ? treeLines(context, portTree(rows, look.facts), now) : portsTable(context, rows, now);
  const under = [...conflictLines(context, conflicts), ...notes.map(dim)];
  return [...body, ...(under.length === 0 ? [] : ["", ...under])];
}

function nothing(name: string | undefined, exposed: boolean): string {
  const what = name === undefined ? "Nothing listens" : `Nothing that listens matches ${printable(name)}`;
  return exposed ? `${what} beyond this machine's loopback` : what;
}

/** The table, a line a listener; columns that are empty throughout are left out. */
function portsTable(context: Context, rows: readonly PortRow[], now: number): string[] {
  let lines = columns(context, rows, now, LONGEST_COMMAND);
  const widest = () => Math.max(...lines.map((line) => line.plain));
  if (context.live && widest() > context.width) {
    lines = columns(context, rows, now, Math.max(SHORTEST_COMMAND, LONGEST_COMMAND - (widest() - context.width)));
  }
  return lines.map(({ text }) => text);
}

function columns(context: Context, rows: readonly PortRow[], now: number, longest: number) {
  const all = COLUMNS(longest).map(({ title, cell }) => ({ title, cells: rows.map((row) => cell(row, now)) }));
  const shownOnes = all.filter(({ cells }) => cells.some((cell) => cell !== ""));
  const plain = table(
    [shownOnes.map(({ title }) => title), ...rows.map((_, at) => shownOnes.map(({ cells }) => cells[at] ?? ""))],
    "",
  );
  return plain.map((text, line) => ({
    plain: [...text].length,
    text: line === 0 ? context.paint("dim", text) : colour(context, rows[line - 1], text),
  }));
}

/** Only what others reach is coloured: it is what to look at. */
function colour(context: Context, row: PortRow | undefined, text: string): string {
  if (row === undefined || row.exposure === "loopback") return text;
  const words = EXPOSURE_WORDS[row.exposure];
  const at = text.lastIndexOf(words);
  if (at === -1) return text;
  return (
    text.slice(0, at) +
    context.paint(row.exposure === "everywhere" ? "red" : "yellow", words) +
    text.slice(at + words.length)
  );
}

function processText({ process, pids }: PortRow, longest: number): string {
  if (process !== null) return shortCommand(process, longest);
  return pids.length === 0 ? "(not shown to this user)" : "(ended)";
}

/** What stands under the table: a line or two for each port that several hold. */
function conflictLines(context: Context, conflicts: readonly PortConflict<HeldRow>[]): string[] {
  return conflicts.flatMap(({ port, kind, between }) => {
    const mark = kind === "apart" ? context.paint("dim", "note") : context.paint("yellow", "clash");
    const who = between.map(({ row }) => `${formatAddress(row)} ${holderWord(row)}`).join(" · ");
    return [`${mark}  port ${port}: ${CONFLICT_TEXT[kind]}`, context.paint("dim", `       ${who}`)];
  });
}

const CONFLICT_TEXT: Record<PortConflict<HeldRow>["kind"], string> = {
  localhost: "`localhost` means one process over IPv4 and another over IPv6; say 127.0.0.1 or [::1]",
  shadowed: "a process on one address takes connections that another, on every address, seems to get",
  shared: "different processes share one address (SO_REUSEPORT); the system spreads connections over them",
  apart: "different processes on different addresses",
};

function holderWord({ process, pids, user }: PortRow): string {
  if (process === null) return pids[0] === undefined ? `(${user ?? "another user"})` : `(pid ${pids[0]})`;
  return `${printable(process.program ?? shortCommand(process, 20))} (pid ${process.pid})`;
}
