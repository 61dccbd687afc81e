import { type Fault, fault, isFault } from "../fault/fault.ts";
import type { Launch, ServiceContext } from "../services/kind.ts";
import { backoff, RECOVERED_AFTER } from "./backoff.ts";
import { crashCause } from "./crash.ts";
import { whenReady } from "./health.ts";
import { logRing } from "./log-ring.ts";
import type { PlannedService } from "./plan.ts";
import { type Exit, type RunningProcess, startProcess } from "./process.ts";
import type { LogLine, ServiceState, ServiceStatus } from "./session.ts";

/** What a supervisor needs of its runner. */
export interface SupervisorDeps {
  /** Everything that is decided at start: environment, folders. Made anew for each start. */
  readonly context: () => Promise<ServiceContext<unknown> | Fault>;
  /** The environment of the runner itself, under the service's own. */
  readonly baseEnv: NodeJS.ProcessEnv;
  readonly changed: (status: ServiceStatus) => void;
  readonly logged: (line: LogLine) => void;
}

/** Keeps one service running: starts it, waits until it is ready, restarts it after a crash, stops it. */
export interface Supervisor {
  readonly service: PlannedService;
  readonly status: () => ServiceStatus;
  readonly tail: (count: number) => LogLine[];
  /** Resolves when it is ready or completed (null), or has failed for good. */
  readonly start: () => Promise<Fault | null>;
  readonly stop: () => Promise<void>;
}

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
  let stopSignal: NodeJS.Signals = "SIGTERM";
  /** Each start has one; aborting it ends whatever that start is waiting for. */
  let life: AbortController | null = null;
  let settled: Promise<Fault | null> = Promise.resolve(null);

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

  /** One start and all its restarts. `answer` is called once: ready, or failed for good. */
  async function live(signal: AbortSignal, answer: (outcome: Fault | null) => void): Promise<void> {
    let crashes = 0;
    while (!signal.aborted) {
      const began = performance.now();
      set("starting", { process: null, readyAt: null, readyMs: null });
      const outcome = await once(began, signal, answer);
      if (signal.aborted) return;
      if (isFault(outcome)) {
        await endProcess();
        set("failed", { process: null, cause: outcome });
        return answer(outcome);
      }
      if (outcome === null) return;
      const clean = outcome.code === 0;
      if (service.ready.type === "exit" && clean) {
        set("completed", { process: null, readyMs: performance.now() - began, readyAt: Date.now(), cause: null });
        return answer(null);
      }
      if (status.readyAt !== null && Date.now() - status.readyAt > RECOVERED_AFTER) crashes = 0;
      const { when, max } = service.restart;
      const again = when === "always" || (when === "on-failure" && !clean);
      if (clean && !again) {
        set("completed", { process: null, cause: null });
        return answer(null);
      }
      const final = !again || crashes >= max;
      const cause = crashCause(service, outcome, ring.last(40), crashes, final);
      // What it started and left behind would hold the port against its successor.
      await endProcess();
      if (signal.aborted) return;
      if (final || cause.fault === "COMMAND_MISSING") {
        set("failed", { process: null, cause });
        return answer(cause);
      }
      crashes++;
      set("restarting", { process: null, readyAt: null, restarts: status.restarts + 1, cause });
      log("cove", `${cause.message.split("\n")[0]}; restarting`);
      await pause(backoff(crashes), signal);
    }
  }

  /** One run: the exit that ended it, a fault that makes another try pointless, or null for a service without process. */
  async function once(
    began: number,
    signal: AbortSignal,
    answer: (outcome: Fault | null) => void,
  ): Promise<Exit | Fault | null> {
    const context = await deps.context();
    if (isFault(context)) return context;
    const launch: Launch | null | Fault = await service.kind.launch({ ...context, log: (text) => log("cove", text) });
    if (isFault(launch)) return launch;
    if (signal.aborted) return null;
    const env = { ...deps.baseEnv, ...context.env, ...launch?.env };
    if (launch !== null) {
      stopSignal = launch.stopSignal ?? "SIGTERM";
      const started = await startProcess(launch, env, log);
      if (isFault(started)) return started;
      process = started;
      set("starting", { process: started.identity });
      // A stop that came while it was being started found nothing to stop.
      if (signal.aborted) return null;
    }
    const mine = process;
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    const exit = launch === null || mine === null ? new Promise<Exit>(() => {}) : mine.ended;
    void exit.then(() => over.abort());
    const probed = whenReady(
      service.ready,
      { address: service.address, cwd: context.cwd, env, pid: mine?.identity.pid ?? null, lines: linesFrom(began) },
      service.readyTimeout,
      either,
    );
    const ready = await probed;
    if (signal.aborted) return null;
    if (!over.signal.aborted && ready === null && service.ready.type !== "exit") {
      const after = (await launch?.afterReady?.()) ?? null;
      if (signal.aborted) return null;
      if (after !== null && !over.signal.aborted) return after;
      if (!over.signal.aborted) {
        set("ready", { readyAt: Date.now(), readyMs: performance.now() - began, cause: null });
        answer(null);
      }
    } else if (ready !== null) return ready;
    return launch === null ? null : await exit;
  }

  /** Lines of this run for a probe that waits for one. */
  function linesFrom(began: number) {
    const since = Date.now() - (performance.now() - began);
    return (onLine: (text: string) => void) => {
      for (const line of ring.last(2_000)) if (line.time >= since && line.stream !== "cove") onLine(line.text);
      listeners.add(onLine);
      return () => void listeners.delete(onLine);
    };
  }

  async function endProcess(): Promise<void> {
    const running = process;
    process = null;
    await running?.stop(stopSignal, service.stopTimeout);
  }

  return {
    service,
    status: () => status,
    tail: (count) => ring.last(count),
    start: () => {
      if (life !== null && !life.signal.aborted && !/^(failed|completed|stopped)$/.test(status.state)) return settled;
      const mine = new AbortController();
      life = mine;
      settled = new Promise((resolve) => {
        mine.signal.addEventListener("abort", () =>
          resolve(fault("NOT_READY", `${service.name} was stopped before it was ready`)),
        );
        void live(mine.signal, resolve).catch((error: unknown) => {
          const cause = fault("INTERNAL", `${service.name}: ${error instanceof Error ? error.message : String(error)}`);
          set("failed", { cause });
          resolve(cause);
        });
      });
      return settled;
    },
    stop: async () => {
      life?.abort();
      if (process !== null) {
        set("stopping");
        await endProcess();
      }
      if (!/^(failed|completed|stopped)$/.test(status.state)) set("stopped", { process: null, readyAt: null });
    },
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
