import { sleep } from "../../async/sleep.ts";
import { machine } from "../../machine/machine.ts";
import type { Session, SessionTable } from "./session.ts";
import { leaveStack } from "./stack-entry.ts";

/** A runner whose connection ended but who lives keeps its names this long, ms. */
const RETURN_TIME = 5_000;
/** After home was killed its runners come back within two seconds; where the machine is overloaded, in this time, ms. */
const RESTORED_TIME = 20_000;
/** A connection may end a little before its killed process does, ms. */
export const DYING_TIME = 1_500;

/** The runner ended its stack in order. */
export async function leave(table: SessionTable, session: Session): Promise<void> {
  await remove(table, session);
  table.home.book.forget(session.stack.id, session.stack.runner);
}

/** The connection is gone without a `bye`, or was to the last home: the runner is dead, or comes back. */
export async function awaitReturn(table: SessionTable, session: Session): Promise<void> {
  const since = performance.now();
  const limit = session.restored ? RESTORED_TIME : RETURN_TIME;
  const { id, runner } = session.stack;
  while (session.peer === null) {
    if (!machine.isRunning(runner)) return await forgetDead(table, session);
    // Another session has the stack by now: the same runner's next one, or one that took over.
    if ((table.sessions.get(id) ?? session) !== session) return;
    const waited = performance.now() - since;
    // Alive without a session it loses its names; its processes are still ours to end once it dies.
    if (waited > limit) await remove(table, session);
    await sleep(waited < DYING_TIME ? 25 : waited < limit ? 100 : 2_000);
  }
}

/** Its runner is dead: the stack leaves, and what it left behind is ended. */
export async function forgetDead(table: SessionTable, session: Session): Promise<void> {
  const ended = table.cleanup.end(session.stack.id, session.stack.runner);
  await remove(table, session);
  await ended;
}

async function remove({ home, sessions }: SessionTable, session: Session): Promise<void> {
  const { stack, pending, seats } = session;
  if (sessions.get(stack.id) !== session) return;
  sessions.delete(stack.id);
  home.stackBook.forget(stack.id);
  pending.left();
  seats.left("has ended");
  await leaveStack(home, stack);
}
