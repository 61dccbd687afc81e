import { isFault } from "../../fault/fault.ts";
import { type RunnerMessage, runnerMessage } from "../../stack/session/messages.ts";
import { awaitReturn, leave } from "./departure.ts";
import { register } from "./registration.ts";
import { inTurn, type RunnerPeer, type Session, type SessionTable } from "./session.ts";
import { badHello } from "./session-faults.ts";
import { applyStatus, setService } from "./stack-entry.ts";

/** Events of the connection. */
export interface PeerEvents {
  readonly message: (text: string) => void;
  readonly closed: () => void;
}

/** One connection of a runner, from its hello to its end. */
interface Conversation {
  readonly table: SessionTable;
  readonly peer: RunnerPeer;
  /** Undefined before its hello was taken. */
  session: Session | undefined;
  /** It was refused, or has said `bye`. */
  over: boolean;
  /** Messages are handled in order, also while the first one waits for orphans to end. */
  work: Promise<unknown>;
}

export function converse(table: SessionTable, peer: RunnerPeer): PeerEvents {
  const talk: Conversation = { table, peer, session: undefined, over: false, work: Promise.resolve() };
  const next = (step: () => unknown) => {
    talk.work = talk.work.then(step).catch((error: unknown) => console.error("a session's message failed:", error));
  };
  return {
    message: (text) => next(() => hear(talk, parse(text))),
    closed: () => next(() => closed(talk)),
  };
}

async function hear(talk: Conversation, message: RunnerMessage | null): Promise<void> {
  const { table, peer, session } = talk;
  if (talk.over) return;
  if (session === undefined) return await begin(talk, message);
  // Messages of a connection that a newer one of the same runner has replaced are ignored.
  if (session.peer !== peer || message === null) return;
  if (message.type !== "bye") return receive(table, session, message);
  talk.over = true;
  await leave(table, session);
  peer.close();
}

async function begin(talk: Conversation, message: RunnerMessage | null): Promise<void> {
  const { table, peer } = talk;
  const entered =
    message?.type === "hello" ? await inTurn(table, message.stack, () => register(table, message, peer)) : badHello();
  if (!isFault(entered)) {
    talk.session = entered;
    return;
  }
  talk.over = true;
  peer.send({ type: "refused", fault: entered });
  peer.close();
}

function receive({ home }: SessionTable, { stack, pending, seats }: Session, message: RunnerMessage): void {
  if (message.type === "status") applyStatus(home, stack, message.service, message.status);
  else if (message.type === "log") home.model.log(stack.id, message.lines);
  else if (message.type === "done") pending.done(message.id, message.fault);
  else if (message.type === "console") seats.told(message.id, message.news);
  else if (message.type === "service") {
    setService(home, stack, message.service);
    home.model.changed();
  }
}

function closed({ table, peer, session, over }: Conversation): void {
  if (over || session === undefined || session.peer !== peer) return;
  session.peer = null;
  session.seats.left("has lost its runner, or its runner comes back in a moment");
  void awaitReturn(table, session).catch((error: unknown) => {
    console.error("a lost session was not cleaned up:", error);
  });
}

function parse(text: string): RunnerMessage | null {
  try {
    return runnerMessage.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
