import { formatAddress } from "../../../address/parse.ts";
import type { PortConflict } from "../../../machine/port-conflicts.ts";
import type { HeldRow } from "../../../ports/gather.ts";
import type { PortRow } from "../../../ports/row.ts";
import type { SeenPorts } from "../../../ports/see.ts";
import { printableWords } from "../../../text/printable.ts";
import type { Context } from "../../terminal/context.ts";
import { flowed, table, width, wrap } from "../../terminal/table.ts";
import type { Asked } from "./ports-json.ts";
import { portTree, treeLines } from "./tree.ts";
import { ago, belongsTo, EXPOSURE_WORDS, shortCommand } from "./words.ts";

/** A column of the table, and how much is worth showing of it. */
interface Column {
  readonly title: string;
  readonly cell: (row: PortRow, now: number) => string;
}

/** How much is shown of each row. */
interface Fit {
  /** The widest that a command may be. */
  readonly longest: number;
  /** Projects by the name of their folder alone. */
  readonly briefly: boolean;
  readonly without: readonly string[];
}

/** The widest that a command is, when there is room. */
const LONGEST_COMMAND = 48;
/** What is given up, one after the other, until a terminal is wide enough; `longest` is the least that stays. */
const FITS: readonly Fit[] = [
  { longest: 28, briefly: false, without: [] },
  { longest: 22, briefly: true, without: [] },
  { longest: 18, briefly: true, without: ["since"] },
  { longest: 10, briefly: true, without: ["since", "user"] },
];

const COLUMNS = ({ longest, briefly }: Fit): readonly Column[] => [
  { title: "address", cell: (row) => formatAddress(row) + (row.protocol === "udp" ? " udp" : "") },
  { title: "process", cell: (row) => processText(row, longest) },
  { title: "pid", cell: ({ pids }) => (pids.length > 1 ? `${pids[0]} +${pids.length - 1}` : String(pids[0] ?? "")) },
  { title: "user", cell: ({ user, uid }) => user ?? (uid === null ? "" : String(uid)) },
  { title: "project", cell: (row) => (briefly ? belongsTo(row).replace(/^[~/].*\//, "…/") : belongsTo(row)) },
  {
    title: "container",
    cell: ({ container }) => (container === null ? "" : printableWords(container.name ?? container.id)),
  },
  { title: "reached from", cell: ({ exposure }) => EXPOSURE_WORDS[exposure] },
  { title: "since", cell: ({ process }, now) => (process?.startedAt == null ? "" : ago(process.startedAt, now)) },
];

/** All that `cove ports` prints. */
export function portsLines(context: Context, seen: SeenPorts, { tree, name, exposed }: Asked): string[] {
  const { rows, conflicts, notes, look } = seen;
  const now = Date.now();
  const room = context.live ? context.width : Number.POSITIVE_INFINITY;
  const told = notes.flatMap((note) => wrap(note, room)).map((line) => context.paint("dim", line));
  if (rows.length === 0) return [nothing(name, exposed), ...told];
  const body = tree ? treeLines(context, portTree(rows, look.facts), now) : portsTable(context, rows, now);
  const under = [...conflictLines(context, conflicts, room), ...told];
  return [...body, ...(under.length === 0 ? [] : ["", ...under])];
}

function nothing(name: string | undefined, exposed: boolean): string {
  const what = name === undefined ? "Nothing listens" : `Nothing that listens matches ${printableWords(name)}`;
  return exposed ? `${what} beyond this machine's loopback` : what;
}

/** The table, a line a listener; columns that are empty throughout are left out. */
export function portsTable(context: Context, rows: readonly PortRow[], now: number): string[] {
  const full = columns(context, rows, now, { longest: LONGEST_COMMAND, briefly: false, without: [] });
  let lines = full;
  for (const fit of context.live ? FITS : []) {
    if (widest(lines) <= context.width) break;
    const wide = columns(context, rows, now, { ...fit, longest: LONGEST_COMMAND });
    const command = Math.max(...rows.map((row) => width(processText(row, LONGEST_COMMAND))));
    const longest = Math.max(fit.longest, command - Math.max(0, widest(wide) - context.width));
    lines = columns(context, rows, now, { ...fit, longest });
  }
  if (context.live && widest(lines) > context.width) return rows.flatMap((row) => narrowRow(context, row, now));
  return lines.map(({ text }) => text);
}

/** A listener on as many lines as it needs, where there is no room for columns. */
function narrowRow(context: Context, row: PortRow, now: number): string[] {
  const fit = { longest: Math.max(10, context.width - 4), briefly: true, without: [] };
  const cells = COLUMNS(fit).map(({ cell }) => cell(row, now));
  return flowed(cells, "", context.width).map((line) => colour(context, row, line));
}

function widest(lines: readonly { readonly plain: number }[]): number {
  return Math.max(...lines.map(({ plain }) => plain));
}

function columns(context: Context, rows: readonly PortRow[], now: number, fit: Fit) {
  const all = COLUMNS(fit).map(({ title, cell }) => ({ title, cells: rows.map((row) => cell(row, now)) }));
  const shownOnes = all.filter(({ title, cells }) => !fit.without.includes(title) && cells.some((cell) => cell !== ""));
  const plain = table(
    [shownOnes.map(({ title }) => title), ...rows.map((_, at) => shownOnes.map(({ cells }) => cells[at] ?? ""))],
    "",
    Number.POSITIVE_INFINITY,
  );
  return plain.map((text, line) => ({
    plain: width(text),
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
  if (pids.length > 0) return "(ended)";
  return longest < 24 ? "(not shown)" : "(not shown to this user)";
}

/** What stands under the table: a line or two for each port that several hold. */
function conflictLines(context: Context, conflicts: readonly PortConflict<HeldRow>[], room: number): string[] {
  return conflicts.flatMap(({ port, kind, between }) => {
    const [word, style] = kind === "apart" ? (["note", "dim"] as const) : (["clash", "yellow"] as const);
    const who = between.map(({ row }) => `${formatAddress(row)} ${holderWord(row)}`).join(" · ");
    const indent = word.length + 2;
    const told = wrap(`port ${port}: ${CONFLICT_TEXT[kind]}`, room - indent).map((line, at) =>
      at === 0 ? `${context.paint(style, word)}  ${line}` : " ".repeat(indent) + line,
    );
    return [...told, ...wrap(who, room - 7).map((line) => context.paint("dim", `       ${line}`))];
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
  return `${printableWords(process.program ?? shortCommand(process, 20))} (pid ${process.pid})`;
}
