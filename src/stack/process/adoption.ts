import { sleep } from "../../async/sleep.ts";
import { MARK, markOf } from "../../confine/run-mark.ts";
import { machine } from "../../machine/machine.ts";
import { signalProcess } from "./process-family.ts";

/**
 * What a service starts may leave its process group, its session and its parents behind, as daemons do by forking twice.
 * On Linux the runner adopts such a process instead of init (a child subreaper, prctl(2)), knows by a variable in its
 * environment which start of which service it came of, and ends it with that.
 */

/** A child of Node's own is waited for by Node at once; one that is still a zombie after this time is adopted, ms. */
const REAP_TIME = 1_000;
/** Between SIGTERM and SIGKILL for what nobody else ends, ms. */
const GRACE = 2_000;
/** Children remembered at most. */
const SEEN_MOST = 1_000;

/** Set once this process adopts. */
let adopting: Promise<boolean> | null = null;
let starts = 0;

/** From here on this process adopts. False: this system doesn't have that. Called again, it is the same. */
export function adoptOrphans(): Promise<boolean> {
  adopting ??= begin();
  return adopting;
}

async function begin(): Promise<boolean> {
  if (process.platform !== "linux" || machine.zombies === undefined) return false;
  const { becomeSubreaper, reap } = await import("../../confine/system-calls.ts");
  if (becomeSubreaper() === -1) return false;
  let planned: NodeJS.Timeout | undefined;
  let before = new Set<number>();
  const look = () => {
    planned = undefined;
    const zombies = machine.zombies?.(process.pid) ?? [];
    for (const pid of zombies) if (before.has(pid)) reap(pid);
    before = new Set(zombies.filter((pid) => !before.has(pid)));
    if (before.size > 0) planLook();
  };
  const planLook = () => {
    if (planned === undefined) planned = setTimeout(look, REAP_TIME).unref();
  };
  process.on("SIGCHLD", () => {
    // At once: a moment later a daemon may have written over its environment.
    for (const pid of machine.children(process.pid)) markIn(pid);
    planLook();
  });
  return true;
}

/** Marks of children as they were first seen, by pid and start. */
const seen = new Map<string, string | null | undefined>();

/** The mark of a child; null: it has none, undefined: it can't be read. */
function markIn(pid: number): string | null | undefined {
  const key = `${pid} ${machine.startStamp(pid)}`;
  if (seen.has(key)) return seen.get(key);
  if (seen.size > SEEN_MOST) seen.clear();
  const mark = machine.variableOf?.(pid, MARK);
  seen.set(key, mark);
  return mark;
}

/** A mark for one start: this process's own, so that it says whose child it was also after this process's end. */
export function newMark(): string {
  return `${markOf({ pid: process.pid, started: machine.startStamp(process.pid) ?? "" })}${++starts}`;
}

/** Children that came of the start with this mark, whoever forked them. */
export function adoptedOf(mark: string): number[] {
  if (adopting === null) return [];
  return machine.children(process.pid).filter((pid) => markIn(pid) === mark);
}

/**
 * Ends adopted processes that say nothing of where they come from, since they have written over their environment (nginx,
 * Postgres): to be called when no service runs any more. Gives what they were, by pid and command.
 */
export async function endStrays(): Promise<string[]> {
  if (adopting === null || !(await adopting)) return [];
  const strays = machine.children(process.pid).flatMap((pid) => {
    const started = machine.startStamp(pid);
    return started !== null && markIn(pid) === undefined ? [{ pid, started }] : [];
  });
  const told = strays.map(({ pid }) => `${machine.processDetails(pid)?.command ?? "a process"} (pid ${pid})`);
  for (const one of strays) signalProcess(one, "SIGTERM");
  const deadline = performance.now() + GRACE;
  while (strays.some((one) => machine.isRunning(one)) && performance.now() < deadline) await sleep(25);
  for (const one of strays) signalProcess(one, "SIGKILL");
  return told;
}
