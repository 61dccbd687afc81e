import { sleep } from "../../async/sleep.ts";
import { type Fault, isFault } from "../../fault/fault.ts";
import { machine } from "../../machine/machine.ts";
import { conditionsIn } from "../../stack/config/network.ts";
import type { Action } from "../../stack/session/link.ts";
import { type Hello, type HomeMessage, type RunnerMessage, runnerMessage } from "../../stack/session/messages.ts";
import { setEdges } from "../edges/edges.ts";
import type { LiveStack } from "../model/live-stack.ts";
import { version } from "../view/version.ts";
import type { OrphanCleanup } from "./orphan-cleanup.ts";
import { createAsks, type PendingRequests } from "./pending-requests.ts";
import { keyOf } from "./process-book.ts";
import {
  alreadyUp,
  badHello,
  ending,
  noSuchRunner,
  notConnected,
  otherVersion,
  tooManyOf,
  unknownService,
  unknownStack,
} from "./session-faults.ts";
import { applyStatus, enterStack, leaveStack, type StackServices, setService, updateStack } from "./stack-entry.ts";

/** A runner whose connection ended but who lives keeps its names this long, ms. */
const RETURN_TIME = 5_000;
/** A connection may end a little before its killed process does, ms. */
const DYING_TIME = 1_500;
/** While the connection stands, a runner most likely lives; a moment, in case the news is under way, ms. */
const NEWS_TIME = 200;

/** One connection of a runner. */
export interface RunnerPeer {
  readonly send: (message: HomeMessage) => void;
  readonly close: () => void;
}

/** What the connection tells. */
interface PeerEvents {
  readonly message: (text: string) => void;
  readonly closed: () => void;
}

interface Session {
  readonly stack: LiveStack;
  /** Null while the runner is away. */
  peer: RunnerPeer | null;
  readonly pending: PendingRequests;
}

export interface Sessions {
  readonly join: (peer: RunnerPeer) => PeerEvents;
  /** Asks a stack's runner; resolves when it has done it, for `down` when the stack has ended. */
  readonly act: (stack: string, service: string | null, action: Action) => Promise<Fault | null>;
  /** Refuses new stacks and takes all down; resolves when they have ended or `limit` ms have passed. */
  readonly downAll: (limit: number) => Promise<void>;
}

export function openSessions(home: StackServices, left: OrphanCleanup, doorPort: number): Sessions {
  const sessions = new Map<string, Session>();
  /** One registration at a time for each stack. */
  const registering = new Map<string, Promise<unknown>>();
  let stopping = false;

  async function register(hello: Hello, peer: RunnerPeer): Promise<Session | Fault> {
    const refusal = await cannotEnter(hello);
    if (refusal !== null) return refusal;
    const known = sessions.get(hello.stack);
    const stack = known?.stack ?? enterStack(home, hello);
    if (stack === null) return tooManyOf(hello.base);
    known?.peer?.close();
    const session = known ?? { stack, peer, pending: createAsks(stack.name) };
    session.peer = peer;
    sessions.set(hello.stack, session);
    updateStack(home, stack, hello);
    const broken = await setEdges(stack, hello.edges, home);
    // What was set by hand since is left as it is.
    if (known === undefined) {
      for (const [target, given] of conditionsIn(hello.network ?? {})) await home.shaper.set(stack, target, given);
    }
    const names = Object.fromEntries([...stack.services].map(([name, service]) => [name, [...service.names]]));
    peer.send({ type: "welcome", base: stack.name, port: doorPort, names, broken });
    return session;
  }

  /** Null once the way is free: no other living runner of this stack, and nothing left of a dead one. */
  async function cannotEnter(hello: Hello): Promise<Fault | null> {
    if (stopping) return ending();
    if (hello.version !== version()) return otherVersion(hello);
    if (!machine.isRunning(hello.runner)) return noSuchRunner(hello);
    const earlier = sessions.get(hello.stack);
    if (earlier !== undefined && keyOf(earlier.stack.runner) !== keyOf(hello.runner)) {
      if (!(await hasDied(earlier))) return alreadyUp(hello, earlier.stack.runner.pid);
      await forgetDead(earlier);
    }
    // A new home knows of earlier runners only what is on record.
    for (const { runner } of home.book.list(hello.stack)) {
      if (keyOf(runner) === keyOf(hello.runner)) continue;
      if (machine.isRunning(runner)) return alreadyUp(hello, runner.pid);
      await left.end(hello.stack, runner);
    }
    await left.ended(hello.stack);
    return null;
  }

  /** True when the session's runner is dead; one whose connection is gone is given the time to die. */
  async function hasDied(session: Session): Promise<boolean> {
    const since = performance.now();
    while (machine.isRunning(session.stack.runner)) {
      if (performance.now() - since > (session.peer === null ? DYING_TIME : NEWS_TIME)) return false;
      await sleep(25);
    }
    return true;
  }

  function receive(session: Session, message: RunnerMessage): void {
    const { stack } = session;
    if (message.type === "status") applyStatus(home, stack, message.service, message.status);
    else if (message.type === "log") home.model.log(stack.id, message.lines);
    else if (message.type === "done") session.pending.done(message.id, message.fault);
    else if (message.type === "service") {
      setService(home, stack, message.service);
      home.model.changed();
    }
  }

  /** The runner ended its stack in order. */
  async function leave(session: Session): Promise<void> {
    await remove(session);
    home.book.forget(session.stack.id, session.stack.runner);
  }

  /** The connection is gone without a `bye`: the runner is dead, or comes back. */
  async function lost(session: Session): Promise<void> {
    const since = performance.now();
    const { id, runner } = session.stack;
    while (session.peer === null) {
      if (!machine.isRunning(runner)) return forgetDead(session);
      // Another session has the stack by now: the same runner's next one, or one that took over.
      if ((sessions.get(id) ?? session) !== session) return;
      const waited = performance.now() - since;
      // Alive without a session it loses its names; its processes are still ours to end once it dies.
      if (waited > RETURN_TIME) await remove(session);
      await sleep(waited < DYING_TIME ? 25 : waited < RETURN_TIME ? 100 : 2_000);
    }
  }

  async function forgetDead(session: Session): Promise<void> {
    const ended = left.end(session.stack.id, session.stack.runner);
    await remove(session);
    await ended;
  }

  async function remove(session: Session): Promise<void> {
    if (sessions.get(session.stack.id) !== session) return;
    sessions.delete(session.stack.id);
    session.pending.left();
    await leaveStack(home, session.stack);
  }

  function ask({ peer, stack, pending }: Session, service: string | null, action: Action): Promise<Fault | null> {
    if (peer === null) return Promise.resolve(notConnected(stack));
    return pending.ask(peer.send, service, action);
  }

  function join(peer: RunnerPeer): PeerEvents {
    let session: Session | undefined;
    let over = false;
    // Messages are dealt with in order, also while the first one waits for orphans to end.
    let work: Promise<unknown> = Promise.resolve();
    const next = (step: () => unknown) => {
      work = work.then(step).catch((error: unknown) => console.error("a session's message failed:", error));
    };

    async function hear(text: string): Promise<void> {
      if (over) return;
      const message = parse(text);
      if (session !== undefined) {
        // A connection that a newer one of the same runner replaced has no say.
        if (session.peer !== peer) return;
        if (message?.type === "bye") {
          over = true;
          await leave(session);
          peer.close();
        } else if (message !== null) receive(session, message);
        return;
      }
      const entered =
        message?.type === "hello" ? await inTurn(message.stack, () => register(message, peer)) : badHello();
      if (!isFault(entered)) {
        session = entered;
        return;
      }
      over = true;
      peer.send({ type: "refused", fault: entered });
      peer.close();
    }

    return {
      message: (text) => next(() => hear(text)),
      closed: () =>
        next(() => {
          if (over || session === undefined || session.peer !== peer) return;
          session.peer = null;
          void lost(session).catch((error: unknown) => console.error("a lost session was not cleaned up:", error));
        }),
    };
  }

  function inTurn<T>(stack: string, run: () => Promise<T>): Promise<T> {
    const mine = (registering.get(stack) ?? Promise.resolve()).then(run, run);
    registering.set(stack, mine);
    void mine.finally(() => registering.get(stack) === mine && registering.delete(stack)).catch(() => {});
    return mine;
  }

  return {
    join,
    act: async (name, service, action) => {
      const stack = home.model.find(name);
      const session = stack && sessions.get(stack.id);
      if (session === undefined) return unknownStack(name, home.model.stacks.values());
      if (service !== null && !session.stack.services.has(service)) return unknownService(session.stack, service);
      return await ask(session, service, action);
    },
    downAll: async (limit) => {
      stopping = true;
      const downs = [...sessions.values()].map((session) => ask(session, null, "down"));
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => {
        timer = setTimeout(resolve, limit);
      });
      await Promise.race([Promise.all(downs), late]);
      clearTimeout(timer);
    },
  };
}

function parse(text: string): RunnerMessage | null {
  try {
    return runnerMessage.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
