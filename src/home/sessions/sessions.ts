import { sleep } from "../../async/sleep.ts";
import type { Fault } from "../../fault/fault.ts";
import type { Action } from "../../stack/session/link.ts";
import { converse, type PeerEvents } from "./conversation.ts";
import type { OrphanCleanup } from "./orphan-cleanup.ts";
import { restoreStacks } from "./restore.ts";
import type { RunnerPeer, Session, SessionTable } from "./session.ts";
import { notConnected, unknownService, unknownStack } from "./session-faults.ts";
import { leaveStack, type StackServices } from "./stack-entry.ts";

export interface Sessions {
  readonly join: (peer: RunnerPeer) => PeerEvents;
  /** Asks a stack's runner; resolves when it has done it, for `down` when the stack has ended. */
  readonly act: (stack: string, service: string | null, action: Action) => Promise<Fault | null>;
  /** Refuses new stacks and takes all down; resolves when they have ended or `limit` ms have passed. */
  readonly downAll: (limit: number) => Promise<void>;
  /** Removes the stacks that are still up from the door and from the record. */
  readonly close: () => Promise<void>;
}

/** The stacks that are up, each with its runner's connection; those that the last home knew are restored at once. */
export function openSessions(home: StackServices, cleanup: OrphanCleanup): Sessions {
  const table: SessionTable = { home, cleanup, sessions: new Map(), registering: new Map(), stopping: false };
  restoreStacks(table);
  return {
    join: (peer) => converse(table, peer),
    act: (stack, service, action) => act(table, stack, service, action),
    downAll: (limit) => downAll(table, limit),
    close: async () => {
      for (const stack of home.model.stacks.values()) {
        home.stackBook.forget(stack.id);
        await leaveStack(home, stack);
      }
    },
  };
}

async function act(table: SessionTable, name: string, service: string | null, action: Action): Promise<Fault | null> {
  const { home, sessions } = table;
  const stack = home.model.find(name);
  const session = stack && sessions.get(stack.id);
  if (session === undefined) return unknownStack(name, home.model.stacks.values());
  if (service !== null && !session.stack.services.has(service)) return unknownService(session.stack, service);
  return await ask(session, service, action);
}

async function downAll(table: SessionTable, limit: number): Promise<void> {
  table.stopping = true;
  const downs = [...table.sessions.values()].map((session) => ask(session, null, "down"));
  const late = new AbortController();
  await Promise.race([Promise.all(downs), sleep(limit, late.signal)]);
  late.abort();
}

async function ask({ peer, stack, pending }: Session, service: string | null, action: Action): Promise<Fault | null> {
  return peer === null ? notConnected(stack) : await pending.ask(peer.send, service, action);
}
