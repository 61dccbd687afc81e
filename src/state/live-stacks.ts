import { type Fault, isFault } from "../fault/fault.ts";
import type { State } from "./state.ts";

/** A stack that is up: its runner's last `hello`, as JSON text that only home reads. */
export interface LiveStackRecord {
  /** The stack's id, a project key. */
  readonly stack: string;
  readonly said: string;
}

/** Remembers that a stack is up; an earlier record is replaced. */
export function recordLiveStack(state: State, { stack, said }: LiveStackRecord): Fault | null {
  const result = state.transaction(() =>
    state.db.prepare("INSERT OR REPLACE INTO live_stacks (stack, said) VALUES (?, ?)").run(stack, said),
  );
  return isFault(result) ? result : null;
}

/** Forgets a stack that is no longer up. */
export function forgetLiveStack(state: State, stack: string): Fault | null {
  const result = state.transaction(() => state.db.prepare("DELETE FROM live_stacks WHERE stack = ?").run(stack));
  return isFault(result) ? result : null;
}

/** In the order in which they came up. */
export function listLiveStacks(state: State): LiveStackRecord[] {
  const rows = state.db.prepare("SELECT stack, said FROM live_stacks ORDER BY rowid").all();
  return rows.map((row) => ({ stack: String(row.stack), said: String(row.said) }));
}
