import type { Address } from "../../address/address.ts";
import type { Watched } from "../../confine/calls/watch.ts";
import { type Fault, fault } from "../../fault/fault.ts";
import type { PlannedService } from "../plan/plan.ts";
import { signalOne } from "../process/process-family.ts";
import type { LogLine, ServiceStatus } from "../session/messages.ts";
import { exposureFault } from "./exposure.ts";
import { keepRunning } from "./restarts.ts";
import type { ServiceConsole } from "./service-console.ts";
import {
  endProcess,
  newSupervised,
  note,
  type Supervised,
  type SupervisorDeps,
  setExposure,
  setState,
} from "./supervised.ts";

/** Keeps one service running: starts it, waits until it is ready, restarts it after a crash, stops it. */
export interface Supervisor {
  /** From the next start on it is this; names, guards and limits are so at once. */
  readonly redefine: (service: PlannedService) => void;
  /** It is about to be started, as soon as what it needs is there. */
  readonly await: () => void;
  readonly status: () => ServiceStatus;
  /** The last lines of its log, at most 2,000. */
  readonly tail: (count: number) => LogLine[];
  /** For those who sit in front of it: `cove run`, `cove attach`. */
  readonly console: ServiceConsole;
  /** Sends a signal to its processes, all of them. */
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Adds a line of Cove's own to its log. */
  readonly note: (text: string) => void;
  /** Resolves when it is ready or completed (null), or has failed for good. While it runs, it is the same start. */
  readonly start: () => Promise<Fault | null>;
  /** Resolves when all its processes have ended. Safe to call again. */
  readonly stop: () => Promise<void>;
  /** Where it is reached instead of its own address; null: at its own. */
  readonly followed: () => Address | null;
  /** Whether it listens anywhere, as far as is known. */
  readonly serves: () => boolean;
  /** Its processes, and a report about those that listen on more than loopback. */
  readonly binds: Watched;
}

const OVER = /^(failed|completed|stopped)$/;

/** The starts and stops of one service: each waits for the end of the one before. */
interface Turns {
  readonly one: Supervised;
  /** The end of the last life. */
  lived: Promise<void>;
  /** The outcome of the last start. */
  settled: Promise<Fault | null>;
  /** The stop under way. */
  stopping: Promise<void> | null;
}

export function supervise(service: PlannedService, deps: SupervisorDeps): Supervisor {
  const one = newSupervised(service, deps);
  const turns: Turns = { one, lived: Promise.resolve(), settled: Promise.resolve(null), stopping: null };
  return {
    redefine: (next) => {
      one.service = next;
    },
    await: () => setState(one, "waiting", { readyAt: null, readyMs: null, cause: null, overdue: false }),
    status: () => one.status,
    tail: (count) => one.ring.last(count),
    console: one.console,
    signal: (signal) => {
      for (const pid of one.process?.identity == null ? [] : one.process.family.members()) signalOne(pid, signal);
    },
    note: (text) => note(one, text),
    start: () => start(turns),
    stop: () => stop(turns),
    followed: () => one.followed,
    serves: () => one.serves,
    binds: {
      members: () => one.process?.family.members() ?? new Set(),
      exposed: (listeners) => setExposure(one, one.process === null ? null : exposureFault(one.service, listeners)),
      ports: (listening) => one.answering?.look(listening),
    },
  };
}

function start(turns: Turns): Promise<Fault | null> {
  const { one, lived, stopping } = turns;
  // Ready by now, though its start may have been answered with a fault before.
  if (one.life !== null) return one.status.state === "ready" ? Promise.resolve(null) : turns.settled;
  const life = new AbortController();
  one.life = life;
  const before = Promise.all([lived, stopping]);
  turns.settled = new Promise((resolve) => {
    life.signal.addEventListener("abort", () => resolve(stoppedEarly(one.service.name)));
    turns.lived = before
      .then(() => keepRunning(one, life.signal, resolve))
      .catch(async (error: unknown) => resolve(await brokenOff(one, life, error)));
  });
  return turns.settled;
}

/** A fault of Cove's own, or of the kind, ends the life that it happened in. */
async function brokenOff(one: Supervised, life: AbortController, error: unknown): Promise<Fault> {
  const why = error instanceof Error ? error.message : String(error);
  const cause = fault("INTERNAL", `${one.service.name}: ${why}`);
  await endProcess(one, one.service.stopTimeout);
  if (one.life === life) one.life = null;
  setState(one, "failed", { process: null, readyAt: null, cause });
  return cause;
}

function stop(turns: Turns): Promise<void> {
  const { one } = turns;
  // Each time, also while an earlier stop goes on: a new start may be waiting for the end of that.
  one.life?.abort();
  one.life = null;
  turns.stopping ??= stopAll(turns).finally(() => {
    turns.stopping = null;
  });
  return turns.stopping;
}

async function stopAll({ one, lived }: Turns): Promise<void> {
  const { stopTimeout } = one.service;
  if (one.status.state !== "waiting" && !OVER.test(one.status.state)) setState(one, "stopping");
  await endProcess(one, stopTimeout);
  // It may have been about to start a process; then there is one to end now.
  await lived;
  await endProcess(one, stopTimeout);
  if (!OVER.test(one.status.state)) {
    setState(one, "stopped", { process: null, readyAt: null, readyMs: null, cause: null });
  }
}

function stoppedEarly(name: string): Fault {
  return fault("NOT_READY", `${name} was stopped before it was ready`);
}
