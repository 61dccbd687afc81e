import { sleep } from "../../async/sleep.ts";
import { type Fault, isFault } from "../../fault/fault.ts";
import { machine } from "../../machine/machine.ts";
import { signalProcess } from "../../stack/process/process-family.ts";
import type { ConsoleNews } from "../../stack/session/console.ts";
import type { Action } from "../../stack/session/link.ts";
import { converse, type PeerEvents } from "./conversation.ts";
import type { OrphanCleanup } from "./orphan-cleanup.ts";
import type { Outcome, Wanted } from "./pending-requests.ts";
import { restoreStacks } from "./restore.ts";
import type { Seat } from "./seats.ts";
import type { RunnerPeer, Session, SessionTable } from "./session.ts";
import { notConnected, silent, suspended, unknownService, unknownStack } from "./session-faults.ts";
import { leaveStack, type StackServices } from "./stack-entry.ts";

export interface Sessions {
  readonly join: (peer: RunnerPeer) => PeerEvents;
  /** Asks a stack's runner; resolves when it has done it, for `down` when the stack has ended. */
  readonly act: (
    stack: string,
    service: string | null,
    action: Action,
    services?: readonly string[],
  ) => Promise<Outcome>;
  /** Puts a line of Cove's own into a service's log, where its runner shows it, too. */
  readonly note: (stack: string, service: string, text: string) => void;
  /** Sits somebody in front of a service. Faults: STACK_UNKNOWN, SERVICE_UNKNOWN, HOME_UNREACHABLE. */
  readonly sit: (stack: string, service: string, tell: (news: ConsoleNews) => void) => Seat | Fault;
  /** Refuses new stacks and takes all down; resolves when they have ended or `limit` ms have passed. */
  readonly downAll: (limit: number) => Promise<void>;
  /** Removes the stacks that are still up from the door and from the record. */
  readonly close: () => Promise<void>;
}

/** A runner whose event loop doesn't answer in this time hangs, ms; it starts services without ever being busy for long. */
const PING_TIME = 5_000;

/** The stacks that are up, each with its runner's connection; those that the last home knew are restored at once. */
export function openSessions(home: StackServices, cleanup: OrphanCleanup): Sessions {
  const table: SessionTable = { home, cleanup, sessions: new Map(), registering: new Map(), stopping: false };
  restoreStacks(table);
  return {
    join: (peer) => converse(table, peer),
    act: (stack, service, action, services = []) => act(table, stack, { service, action, services }),
    note: (stack, service, text) => {
      const peer = table.sessions.get(stack)?.peer;
      if (peer == null) home.model.logOwn(stack, text, service);
      else peer.send({ type: "note", service, text });
    },
    sit: (stack, service, tell) => sit(table, stack, service, tell),
    downAll: (limit) => downAll(table, limit),
    close: async () => {
      for (const stack of home.model.stacks.values()) {
        home.stackBook.forget(stack.id);
        await leaveStack(home, stack);
      }
    },
  };
}

async function act(table: SessionTable, name: string, wanted: Wanted): Promise<Outcome> {
  const { home, sessions } = table;
  const { service } = wanted;
  const stack = home.model.find(name);
  const session = stack && sessions.get(stack.id);
  if (session === undefined) return unknownStack(name, home.model.stacks.values());
  if (service !== null && !session.stack.services.has(service)) return unknownService(session.stack, service);
  return await ask(session, wanted);
}

function sit(
  { home, sessions }: SessionTable,
  name: string,
  service: string,
  tell: (news: ConsoleNews) => void,
): Seat | Fault {
  const stack = home.model.find(name);
  const session = stack && sessions.get(stack.id);
  if (session === undefined) return unknownStack(name, home.model.stacks.values());
  if (!session.stack.services.has(service)) return unknownService(session.stack, service);
  if (session.peer === null) return notConnected(session.stack);
  return session.seats.sit(session.peer.send, service, tell);
}

async function downAll(table: SessionTable, limit: number): Promise<void> {
  table.stopping = true;
  await Promise.all([...table.sessions.values()].map((session) => downOrEnd(table, session, limit)));
}

/** A runner that doesn't take its stack down in time is ended, and what it ran with it: the caller wants all of it to end. */
async function downOrEnd(table: SessionTable, session: Session, limit: number): Promise<void> {
  const { stack } = session;
  const late = new AbortController();
  const outcome = await Promise.race([
    ask(session, { service: null, action: "down", services: [] }),
    sleep(limit, late.signal).then(() => silent(stack)),
  ]);
  late.abort();
  if (!isFault(outcome) || !machine.isRunning(stack.runner)) return;
  console.error(`${outcome.message}: it is ended, and what it ran`);
  signalProcess(stack.runner, "SIGKILL");
  await table.cleanup.end(stack.id, stack.runner);
}

async function ask(session: Session, wanted: Wanted): Promise<Outcome> {
  const { peer, stack, pending } = session;
  if (peer === null) return notConnected(stack);
  if (machine.isSuspended?.(stack.runner.pid) === true) {
    if (wanted.action !== "down") return suspended(stack);
    // It was left in the background of a terminal, mostly: it goes on only to end.
    signalProcess(stack.runner, "SIGCONT");
  }
  const late = new AbortController();
  const answered = pending.ask(peer.send, wanted);
  const unheard = heard(session, peer, late.signal);
  const outcome = await Promise.race([answered, unheard]);
  late.abort();
  return outcome;
}

/** Resolves with a fault once the runner hasn't answered a ping in time; never as long as it does. */
async function heard({ stack }: Session, peer: RunnerPeer, signal: AbortSignal): Promise<Fault> {
  while (!signal.aborted) {
    const pong = peer.ping().then(() => true);
    const inTime = await Promise.race([pong, sleep(PING_TIME, signal).then(() => false)]);
    if (!inTime && !signal.aborted)
      return machine.isSuspended?.(stack.runner.pid) === true ? suspended(stack) : silent(stack);
    await sleep(PING_TIME, signal);
  }
  return await new Promise(() => {});
}
