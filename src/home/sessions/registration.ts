import { sleep } from "../../async/sleep.ts";
import type { Fault } from "../../fault/fault.ts";
import { machine } from "../../machine/machine.ts";
import type { Hello } from "../../stack/session/messages.ts";
import { version } from "../view/version.ts";
import { DYING_TIME, forgetDead } from "./departure.ts";
import { createPendingRequests } from "./pending-requests.ts";
import { keyOf } from "./process-book.ts";
import { bringUpToDate } from "./renewal.ts";
import { createSeats } from "./seats.ts";
import type { RunnerPeer, Session, SessionTable } from "./session.ts";
import { alreadyUp, ending, noSuchRunner, otherVersion, tooManyOf } from "./session-faults.ts";
import { enterStack } from "./stack-entry.ts";

/** While its connection is open a runner most likely lives; its end may be noticed this much later, ms. */
const NEWS_TIME = 200;

/** Registers a runner: its stack has names, routes and relays when the welcome is sent. */
export async function register(table: SessionTable, hello: Hello, peer: RunnerPeer): Promise<Session | Fault> {
  const { home, sessions } = table;
  const refusal = await cannotEnter(table, hello);
  if (refusal !== null) return refusal;
  const known = sessions.get(hello.stack);
  const session = known ?? newSession(table, hello);
  if (session === null) return tooManyOf(hello.base);
  const { stack } = session;
  known?.peer?.close();
  session.peer = peer;
  const before = known === undefined || known.restored ? {} : (stack.facts.network ?? {});
  session.restored = false;
  peer.send(await bringUpToDate(home, stack, hello, before));
  return session;
}

/** A stack without a connection yet; null where no name is left for it. */
export function newSession({ home, sessions }: SessionTable, hello: Hello): Session | null {
  const stack = enterStack(home, hello);
  if (stack === null) return null;
  const session: Session = {
    stack,
    peer: null,
    pending: createPendingRequests(stack.name),
    seats: createSeats(stack.name),
    restored: false,
  };
  sessions.set(hello.stack, session);
  return session;
}

/** Null once it can register: no other living runner of this stack, and nothing left of a dead one. */
async function cannotEnter(table: SessionTable, hello: Hello): Promise<Fault | null> {
  const { home, cleanup, sessions } = table;
  if (table.stopping) return ending();
  if (hello.version !== version()) return otherVersion(hello);
  if (!machine.isRunning(hello.runner)) return noSuchRunner(hello);
  const earlier = sessions.get(hello.stack);
  if (earlier !== undefined && keyOf(earlier.stack.runner) !== keyOf(hello.runner)) {
    if (!(await hasDied(earlier))) return alreadyUp(hello, earlier.stack.runner.pid, earlier.stack.name);
    await forgetDead(table, earlier);
  }
  // A new home knows of earlier runners only what is on record.
  for (const { runner } of home.book.list(hello.stack)) {
    if (keyOf(runner) === keyOf(hello.runner)) continue;
    if (machine.isRunning(runner)) return alreadyUp(hello, runner.pid);
    await cleanup.end(hello.stack, runner);
  }
  await cleanup.ended(hello.stack);
  return null;
}

/** True when the session's runner is dead; one whose connection is gone is given the time to die. */
async function hasDied({ stack, peer }: Session): Promise<boolean> {
  const since = performance.now();
  while (machine.isRunning(stack.runner)) {
    if (performance.now() - since > (peer === null ? DYING_TIME : NEWS_TIME)) return false;
    await sleep(25);
  }
  return true;
}
