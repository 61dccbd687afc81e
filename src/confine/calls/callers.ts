import { readFileSync } from "node:fs";
import { MARK } from "../run-mark.ts";
import * as kernel from "../system-calls.ts";

/** A process that called. */
export interface Caller {
  readonly pid: number;
  /** A handle on it (pidfd_open(2)): it means this very process also after its end. */
  readonly handle: number;
  /** Which start of which service it came of, by the mark of that; null: of none that is known. */
  readonly run: string | null;
}

/** Who calls, by thread. Each process is looked up once: that takes longer than the rest of an answer. */
export interface Callers {
  /** Null: it has gone. */
  readonly find: (thread: number) => Caller | null;
  /** Closes the handles on processes that have ended. */
  readonly sweep: () => void;
  readonly close: () => void;
}

/** Processes known at most; each has a handle open. */
const MOST = 256;
/** Ancestors that are asked at most. */
const DEEP = 32;

export function callersOf(): Callers {
  /** By pid, and by thread: both may be another process's by now, which the handle tells. */
  const known = new Map<number, Caller>();
  const processes = new Map<number, number>();
  const forget = (caller: Caller) => {
    kernel.close(caller.handle);
    known.delete(caller.pid);
  };
  const sweep = () => {
    for (const caller of known.values()) if (!kernel.isThere(caller.handle)) forget(caller);
    for (const [thread, pid] of processes) if (!known.has(pid)) processes.delete(thread);
  };
  const recall = (thread: number): Caller | null => {
    const caller = known.get(processes.get(thread) ?? thread);
    if (caller === undefined) return null;
    if (!kernel.isThere(caller.handle)) forget(caller);
    else if (thread === caller.pid || kernel.isThreadOf(thread, caller.pid)) return caller;
    processes.delete(thread);
    return null;
  };
  const learn = (thread: number): Caller | null => {
    let pid = thread;
    let handle = kernel.pidfdOpen(pid);
    // Only a process's first thread can be opened.
    if (handle === -1) {
      pid = processOf(thread);
      handle = pid === 0 ? -1 : kernel.pidfdOpen(pid);
    }
    if (handle === -1) return null;
    const before = known.get(pid);
    if (before !== undefined) forget(before);
    if (known.size >= MOST) sweep();
    const [oldest] = known.values();
    if (known.size >= MOST && oldest !== undefined) forget(oldest);
    const caller = { pid, handle, run: runOf(pid) };
    known.set(pid, caller);
    if (pid !== thread) processes.set(thread, pid);
    return caller;
  };
  return {
    find: (thread) => recall(thread) ?? learn(thread),
    sweep,
    close: () => {
      for (const caller of known.values()) forget(caller);
    },
  };
}

/** A mark is inherited; what has cleared or written over its environment is what its parent, or its session's first, is. */
function runOf(pid: number): string | null {
  let session = 0;
  for (let one = pid, seen = 0; one > 1 && one !== process.pid && seen < DEEP; seen++) {
    const mark = markIn(one);
    if (mark !== null) return mark;
    const [, parent, , leader] = stat(one);
    session ||= Number(leader ?? 0);
    one = Number(parent ?? 0);
  }
  return session > 1 ? markIn(session) : null;
}

function markIn(pid: number): string | null {
  const variables = `\0${read(`/proc/${pid}/environ`)}`;
  const at = variables.indexOf(`\0${MARK}=`);
  if (at === -1) return null;
  const from = at + MARK.length + 2;
  const end = variables.indexOf("\0", from);
  return variables.slice(from, end === -1 ? undefined : end);
}

const processOf = (thread: number): number => Number(/^Tgid:\t(\d+)/m.exec(read(`/proc/${thread}/status`))?.[1] ?? 0);

/** From the state on: /proc/pid/stat, proc_pid_stat(5). */
function stat(pid: number): string[] {
  const text = read(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
