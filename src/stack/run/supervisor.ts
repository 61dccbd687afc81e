import type { Watched } from "../../confine/bind/watch.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import type { Launch, ServiceContext } from "../../services/kind/kind.ts";
import { bindPolicy, type PlannedService } from "../plan/plan.ts";
import type { BoxRig } from "../process/boxed.ts";
import { type RunningProcess, startProcess } from "../process/process.ts";
import type { Exit } from "../process/spawn.ts";
import type { LogLine, ServiceState, ServiceStatus } from "../session/messages.ts";
import { crashCause } from "./crash.ts";
import { exposureFault } from "./exposure.ts";
import { whenReady } from "./health.ts";
import { logRing } from "./logs.ts";

/** What a supervisor needs of its runner. */
export interface SupervisorDeps {
  /** Everything that is decided at start: environment, folders. Made anew for each start. */
  readonly context: () => Promise<ServiceContext<unknown> | Fault>;
  /** Null: it runs in this network. */
  readonly box: BoxRig | null;
  readonly changed: (status: ServiceStatus) => void;
  readonly logged: (line: LogLine) => void;
}

/** Keeps one service running: starts it, waits until it is ready, restarts it after a crash, stops it. */
export interface Supervisor {
  readonly service: PlannedService;
  readonly status: () => ServiceStatus;
  /** The last lines of its log, at most 2,000. */
  readonly tail: (count: number) => LogLine[];
  /** Adds a line of Cove's own to its log. */
  readonly note: (text: string) => void;
  /** Resolves when it is ready or completed (null), or has failed for good. While it runs, it is the same start. */
  readonly start: () => Promise<Fault | null>;
  /** Resolves when all its processes have ended. Safe to call again. */
  readonly stop: () => Promise<void>;
  /** Its processes, and what is to be said of those that listen on more than loopback. */
  readonly binds: Watched;
}

/** What a crashed process left behind is given this long to end by itself, ms. */
const LEFTOVER_TIME = 2_000;
/** Lines that a crash's cause may be found in. */
const CRASH_LINES = 40;
/** The news of a process's end may come this much later than its connections' ends, ms. */
const EXIT_NEWS_TIME = 300;
/** After it is told to end, how long a set-up may take to do so, ms. */
const SET_UP_END_TIME = 2_000;
const OVER = /^(failed|completed|stopped)$/;

export function supervise(service: PlannedService, deps: SupervisorDeps): Supervisor {
  const ring = logRing();
  const listeners = new Set<(text: string) => void>();
  let status: ServiceStatus = {
    state: "waiting",
    process: null,
    readyAt: null,
    readyMs: null,
    restarts: 0,
    cause: null,
  };
  let process: RunningProcess | null = null;
  let exposure: Fault | null = null;
  let stopSignal: NodeJS.Signals = "SIGTERM";
  /** Each start has a life, with all its restarts; aborting it ends whatever it is waiting for. Null: none is under way. */
  let life: AbortController | null = null;
  let lived: Promise<void> = Promise.resolve();
  let settled: Promise<Fault | null> = Promise.resolve(null);
  let stopping: Promise<void> | null = null;

  function set(state: ServiceState, more: Partial<ServiceStatus> = {}): void {
    status = { ...status, ...more, state };
    deps.changed(status);
  }

  function log(stream: LogLine["stream"], text: string): void {
    const line = { service: service.name, stream, time: Date.now(), text };
    ring.add(line);
    for (const listener of listeners) listener(text);
    deps.logged(line);
  }
  const note = (text: string) => log("cove", text);
  const noted = new Set<string>();
  /** For what each restart would say again. */
  const noteOnce = (text: string) => {
    if (!noted.has(text)) note(text);
    noted.add(text);
  };

  /** One start and all its restarts. `answer` is called when it is ready or completed, or has failed for good. */
  async function live(signal: AbortSignal, answer: (outcome: Fault | null) => void): Promise<void> {
    const { when, max } = service.restart;
    const end = (state: "failed" | "completed", cause: Fault | null, more: Partial<ServiceStatus> = {}) => {
      life = null;
      set(state, { process: null, cause, ...more });
      answer(cause);
    };
    const fail = (cause: Fault) => end("failed", cause, { readyAt: null });
    for (let crashes = 0; !signal.aborted; ) {
      const began = performance.now();
      set("starting", { process: null, readyAt: null, readyMs: null });
      const outcome = await once(began, signal, answer);
      if (signal.aborted || outcome === null) return;
      if (isFault(outcome)) {
        await endProcess(service.stopTimeout);
        if (!signal.aborted) fail(outcome);
        return;
      }
      const { readyAt } = status;
      crashes = crashesInARow(crashes, readyAt === null ? null : Date.now() - readyAt);
      // What it started and left behind would hold the port against its successor.
      await endProcess(Math.min(service.stopTimeout, LEFTOVER_TIME));
      if (signal.aborted) return;
      const clean = outcome.code === 0;
      if (clean && service.ready.type === "exit") {
        return end("completed", null, { readyMs: performance.now() - began, readyAt: Date.now() });
      }
      if (clean && when !== "always") return end("completed", null);
      const final = when === "never" || crashes >= max;
      const cause = crashCause(service, outcome, ring.last(CRASH_LINES), crashes, final);
      if (final || cause.fault === "COMMAND_MISSING") return fail(cause);
      set("restarting", { process: null, readyAt: null, restarts: status.restarts + 1, cause });
      const wait = backoff(crashes);
      note(`${cause.message.split("\n")[0]}; restarting in ${(wait / 1000).toFixed(1)} s`);
      await pause(wait, signal);
    }
  }

  /** One run: the exit that ended it, a fault that makes another try pointless, or null when there is nothing to wait for. */
  async function once(
    began: number,
    signal: AbortSignal,
    answer: (outcome: Fault | null) => void,
  ): Promise<Exit | Fault | null> {
    const since = Date.now();
    const context = await deps.context();
    if (isFault(context)) return context;
    const launch: Launch | null | Fault = await service.kind.launch({ ...context, log: note });
    if (isFault(launch)) return launch;
    if (signal.aborted) return null;
    const within = launch === null ? null : ((await deps.box?.wrap(launch)) ?? { launch, box: null });
    if (isFault(within)) return within;
    const mine = within === null ? null : await startProcess(within.launch, bindPolicy(service), log, noteOnce);
    if (mine === null || isFault(mine)) within?.box?.close();
    if (isFault(mine)) return mine;
    void mine?.ended.then(() => within?.box?.close());
    process = mine;
    stopSignal = launch?.stopSignal ?? "SIGTERM";
    set("starting", { process: mine?.identity ?? null });
    // Aborts what waits for a process that has ended.
    const over = new AbortController();
    void mine?.ended.then(() => over.abort());
    const running = AbortSignal.any([signal, over.signal]);

    const target = {
      address: service.address,
      at: deps.box === null ? service.address : { path: deps.box.place.inlet },
      beside: (mine?.identity && within?.box?.beside(mine.identity.pid)) ?? [],
      cwd: context.cwd,
      env: context.env,
      // Nobody else can be at a box's address.
      family: deps.box === null ? (mine?.family ?? null) : null,
      lines: linesSince(since),
      suspect: (cause: Fault) => {
        note(`${cause.message}: ${cause.hint}`);
        set("starting", { cause });
      },
    };
    const unready =
      (await whenReady(service.ready, target, service.readyTimeout, running)) ??
      (running.aborted ? null : await finishSetUp(launch, running));
    // What fails because the process has just ended is not the cause; its end is.
    if (unready !== null && mine !== null) await pause(EXIT_NEWS_TIME, running);
    if (signal.aborted) return null;
    if (!over.signal.aborted) {
      if (unready !== null) return unready;
      mine?.family.look();
      if (service.ready.type !== "exit") {
        set("ready", { readyAt: Date.now(), readyMs: performance.now() - began, cause: exposure });
        answer(null);
      }
    }
    return mine === null ? null : await mine.ended;
  }

  /** In its state for as long as it is so; nothing else is wrong with it then. */
  function setExposure(next: Fault | null): void {
    const shown = status.cause === exposure;
    exposure = next;
    if (next !== null) note(next.hint === undefined ? next.message : `${next.message}; ${next.hint}`);
    if (shown && /^(starting|ready)$/.test(status.state)) set(status.state, { cause: next });
  }

  /** Lines of one run, for a probe that waits for one. */
  function linesSince(since: number) {
    return (onLine: (text: string) => void) => {
      for (const line of ring.last(2_000)) if (line.time >= since && line.stream !== "cove") onLine(line.text);
      listeners.add(onLine);
      return () => void listeners.delete(onLine);
    };
  }

  async function endProcess(patience: number): Promise<void> {
    const running = process;
    process = null;
    exposure = null;
    const forced = await running?.stop(stopSignal, patience);
    if (forced) note(`did not end within ${patience / 1000} s of ${stopSignal}: killed`);
  }

  function start(): Promise<Fault | null> {
    if (life !== null) return settled;
    const mine = new AbortController();
    const { signal } = mine;
    life = mine;
    const before = Promise.all([lived, stopping]);
    settled = new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve(stoppedEarly(service.name)));
      lived = before
        .then(() => live(signal, resolve))
        .catch(async (error: unknown) => {
          const cause = fault("INTERNAL", `${service.name}: ${error instanceof Error ? error.message : String(error)}`);
          await endProcess(service.stopTimeout);
          if (life === mine) life = null;
          set("failed", { process: null, readyAt: null, cause });
          resolve(cause);
        });
    });
    return settled;
  }

  async function stopAll(): Promise<void> {
    const ending = lived;
    if (status.state !== "waiting" && !OVER.test(status.state)) set("stopping");
    await endProcess(service.stopTimeout);
    // It may have been about to start a process; then there is one to end now.
    await ending;
    await endProcess(service.stopTimeout);
    if (!OVER.test(status.state)) {
      set("stopped", { process: null, readyAt: null, readyMs: null, cause: null });
    }
  }

  return {
    service,
    status: () => status,
    tail: (count) => ring.last(count),
    note,
    start,
    binds: {
      members: () => process?.family.members() ?? new Set(),
      exposed: (listeners) => setExposure(process === null ? null : exposureFault(service, listeners)),
    },
    stop: () => {
      // Each time, also while an earlier stop goes on: a new start may be waiting for the end of that.
      life?.abort();
      life = null;
      stopping ??= stopAll().finally(() => {
        stopping = null;
      });
      return stopping;
    },
  };
}

/** What a kind does after the first answer; one that goes on after its process's end is left to itself. */
async function finishSetUp(launch: Launch | null, signal: AbortSignal): Promise<Fault | null> {
  const given = new Promise<null>((resolve) => {
    signal.addEventListener("abort", () => setTimeout(resolve, SET_UP_END_TIME, null).unref());
  });
  return (await Promise.race([launch?.afterReady?.(signal), given])) ?? null;
}

function stoppedEarly(name: string): Fault {
  return fault("NOT_READY", `${name} was stopped before it was ready`);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}

/** The wait before the nth restart in a row, ms: 250, 500, 1,000 … at most 10,000, give or take a twentieth. */
export function backoff(nth: number, random: () => number = Math.random): number {
  const wait = Math.min(10_000, 250 * 2 ** Math.max(0, nth - 1));
  return wait * (0.95 + random() * 0.1);
}

/** A service that was ready for this long has recovered: its next crash is a first one again, ms. */
const RECOVERED_AFTER = 30_000;

/** How many crashes in a row this one makes. `readyFor`: how long it had been ready, ms; null: it never was. */
export function crashesInARow(before: number, readyFor: number | null): number {
  return readyFor !== null && readyFor >= RECOVERED_AFTER ? 1 : before + 1;
}
