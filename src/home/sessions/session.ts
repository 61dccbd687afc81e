import type { HomeMessage } from "../../stack/session/messages.ts";
import type { LiveStack } from "../model/live-stack.ts";
import type { OrphanCleanup } from "./orphan-cleanup.ts";
import type { PendingRequests } from "./pending-requests.ts";
import type { Seats } from "./seats.ts";
import type { StackServices } from "./stack-entry.ts";

/** One connection of a runner. */
export interface RunnerPeer {
  readonly send: (message: HomeMessage) => void;
  /** Resolves when the runner's event loop has answered. */
  readonly ping: () => Promise<void>;
  readonly close: () => void;
}

/** A stack and the connection of its runner. */
export interface Session {
  readonly stack: LiveStack;
  /** Null while the runner is away. */
  peer: RunnerPeer | null;
  readonly pending: PendingRequests;
  /** Those who sit in front of its services. */
  readonly seats: Seats;
  /** Known only from the last home's record: its runner has not registered with this home yet. */
  restored: boolean;
}

/** What all sessions share. */
export interface SessionTable {
  readonly home: StackServices;
  readonly cleanup: OrphanCleanup;
  /** By stack. */
  readonly sessions: Map<string, Session>;
  /** One registration at a time for each stack. */
  readonly registering: Map<string, Promise<unknown>>;
  /** Home is ending: nobody enters any more. */
  stopping: boolean;
}

/** Runs `run` after all that was given before it for the same stack. */
export function inTurn<T>({ registering }: SessionTable, stack: string, run: () => Promise<T>): Promise<T> {
  const mine = (registering.get(stack) ?? Promise.resolve()).then(run, run);
  registering.set(stack, mine);
  void mine.finally(() => registering.get(stack) === mine && registering.delete(stack)).catch(() => {});
  return mine;
}
