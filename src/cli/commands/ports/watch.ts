import { formatAddress } from "../../../address/parse.ts";
import { sleep } from "../../../async/sleep.ts";
import type { PortRow } from "../../../ports/row.ts";
import { type SeenPorts, seePorts } from "../../../ports/see.ts";
import type { Context } from "../../terminal/context.ts";
import { liveRegion } from "../../terminal/live-region.ts";
import { coveKnowledge } from "./cove-uses.ts";
import type { Asked } from "./ports-json.ts";
import { portsLines } from "./ports-text.ts";
import { belongsTo, shortCommand } from "./words.ts";

/** Between two looks, ms. */
const PAUSE = 1_000;
/** Ages are drawn anew after this, ms, though nothing else has changed. */
const STALE = 30_000;
/** Changes that stay on the screen. */
const KEPT = 5;

/** A listener that came or went. */
export interface PortChange {
  readonly change: "opened" | "closed";
  readonly row: PortRow;
}

/** What came and what went from one look to the next; the same address held by another process is both. */
export function portChanges(before: readonly PortRow[], after: readonly PortRow[]): PortChange[] {
  const keys = (rows: readonly PortRow[]) => new Map(rows.map((row) => [keyOf(row), row]));
  const [old, now] = [keys(before), keys(after)];
  return [
    ...[...old].flatMap(([key, row]) => (now.has(key) ? [] : [{ change: "closed", row } as const])),
    ...[...now].flatMap(([key, row]) => (old.has(key) ? [] : [{ change: "opened", row } as const])),
  ];
}

function keyOf({ protocol, host, port, pids }: PortRow): string {
  return [protocol, host, port, pids[0] ?? ""].join(" ");
}

/** Follows the table until Ctrl-C: on a terminal in place, elsewhere a line for each change. */
export async function watchPorts(context: Context, asked: Asked): Promise<number> {
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
  const show = context.moves ? inPlace(context, asked) : asLines(context);
  let before: readonly PortRow[] | null = null;
  for (let over = false; !over; ) {
    const seen = await seePorts(asked, await coveKnowledge());
    show(seen, portChanges(before ?? [], seen.rows), before === null);
    before = seen.rows;
    over = await Promise.race([stopped.then(() => true), sleep(PAUSE).then(() => false)]);
  }
  return 0;
}

type Show = (seen: SeenPorts, changes: readonly PortChange[], first: boolean) => void;

function inPlace(context: Context, asked: Asked): Show {
  const region = liveRegion(process.stdout);
  const history: string[] = [];
  let drawn = 0;
  return (seen, changes, first) => {
    const now = Date.now();
    if (!first) history.push(...changes.map((change) => changeText(context, change)));
    history.splice(0, history.length - KEPT);
    if (changes.length === 0 && !first && now - drawn < STALE) return;
    drawn = now;
    const lines = [...portsLines(context, seen, asked), ...(history.length === 0 ? [] : ["", ...history])];
    region.draw(lines);
  };
}

function asLines(context: Context): Show {
  return (_, changes, first) => {
    for (const change of changes) {
      if (context.json) context.printJson({ type: "listener", ...change, first });
      else context.print(changeText(context, change));
    }
  };
}

function changeText(context: Context, { change, row }: PortChange): string {
  const mark = change === "opened" ? context.paint("green", "+") : context.paint("dim", "-");
  const who = row.process === null ? "" : `${shortCommand(row.process, 40)} (pid ${row.process.pid})`;
  const time = new Date().toTimeString().slice(0, 8);
  return [mark, time, formatAddress(row), who, belongsTo(row)].filter((text) => text !== "").join("  ");
}
