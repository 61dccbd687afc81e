import { type Fault, isFault } from "../fault/fault.ts";
import type { ProcessIdentity } from "../machine/systems/system.ts";
import type { State } from "./state.ts";

/** A service's process and the runner that is its parent, so that the next home can end what a dead runner left. */
export interface ProcessRecord {
  /** The stack's id, a project key. */
  readonly stack: string;
  readonly service: string;
  readonly process: ProcessIdentity;
  readonly runner: ProcessIdentity;
}

/** Remembers a process; idempotent. */
export function recordProcess(state: State, { stack, service, process, runner }: ProcessRecord): Fault | null {
  return write(state, () =>
    state.db
      .prepare(
        "INSERT OR REPLACE INTO processes (stack, runner_pid, runner_started, service, pid, started) VALUES (?, ?, ?, ?, ?, ?)",
      )
      .run(stack, runner.pid, runner.started, service, process.pid, process.started),
  );
}

/** Forgets one process that has ended. */
export function forgetProcess(state: State, process: ProcessIdentity): Fault | null {
  return write(state, () =>
    state.db.prepare("DELETE FROM processes WHERE pid = ? AND started = ?").run(process.pid, process.started),
  );
}

/** Forgets all processes of a stack, or only those of one of its runners. */
export function forgetStack(state: State, stack: string, runner?: ProcessIdentity): Fault | null {
  return write(state, () =>
    runner === undefined
      ? state.db.prepare("DELETE FROM processes WHERE stack = ?").run(stack)
      : state.db
          .prepare("DELETE FROM processes WHERE stack = ? AND runner_pid = ? AND runner_started = ?")
          .run(stack, runner.pid, runner.started),
  );
}

/** Every process on record, of one stack or of all, oldest first. */
export function listProcesses(state: State, stack?: string): ProcessRecord[] {
  const rows = state.db
    .prepare("SELECT * FROM processes WHERE stack = coalesce(?, stack) ORDER BY rowid")
    .all(stack ?? null);
  return rows.map((row) => ({
    stack: String(row.stack),
    service: String(row.service),
    process: { pid: Number(row.pid), started: String(row.started) },
    runner: { pid: Number(row.runner_pid), started: String(row.runner_started) },
  }));
}

function write(state: State, run: () => unknown): Fault | null {
  const result = state.transaction(run);
  return isFault(result) ? result : null;
}
