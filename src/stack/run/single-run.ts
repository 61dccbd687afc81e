import { sleep } from "../../async/sleep.ts";
import { type Fault, isFault } from "../../fault/fault.ts";
import type { Launch, ReadyProbe, ServiceContext } from "../../services/kind/kind.ts";
import { filledProbe } from "../plan/fill-service.ts";
import { bindPolicy } from "../plan/plan.ts";
import type { ServiceInput } from "../plan/streams.ts";
import { type RunningProcess, startProcess } from "../process/process.ts";
import type { Exit } from "../process/spawn.ts";
import { type Answering, watchAnswers } from "./answering.ts";
import { proofTime } from "./backoff.ts";
import { followListener } from "./follow-listener.ts";
import { type ProbeTarget, whenReady } from "./health.ts";
import { servesByPlan, servesNow } from "./serves.ts";
import { addLine, linesSince, note, noteOnce, notePiece, type Supervised, setState } from "./supervised.ts";

/** A process's exit may be reported this much later than its connections close, ms. */
const EXIT_NEWS_TIME = 300;
/** How long a set-up may take to end once it was aborted, ms. */
const SET_UP_END_TIME = 2_000;

/**
 * One run of a service, from its launch to its end; `ready` is called in between, `late` before that if it isn't ready
 * in time. Resolves with the exit that ended it, with
 * a fault that makes another try pointless, or with null when there is nothing to wait for. `began`: performance.now().
 * `crashes`: how many in a row came before.
 */
export async function runOnce(
  one: Supervised,
  began: number,
  signal: AbortSignal,
  crashes: number,
  ready: () => void,
  late: (cause: Fault) => void,
): Promise<Exit | Fault | null> {
  const { service } = one;
  const since = Date.now();
  one.followed = null;
  one.serves = servesByPlan(service);
  const context = await one.deps.context();
  if (isFault(context)) return context;
  const launch = await service.kind.launch({ ...context, log: (text) => note(one, text) });
  if (isFault(launch)) return launch;
  if (signal.aborted) return null;
  const started = launch === null ? NO_PROCESS : await startLaunch(one, one.deps.traced(launch));
  if (isFault(started)) return started;
  const { process } = started;
  one.process = process;
  one.stopSignal = launch?.stopSignal ?? "SIGTERM";
  setState(one, "starting", { process: process?.identity ?? null });
  // Aborts what waits for a process that has ended.
  const over = new AbortController();
  void process?.ended.then(() => over.abort());
  const running = AbortSignal.any([signal, over.signal]);

  const target = probeTarget(one, context, started, since, running, late);
  // Nothing tells of its readiness: not to have crashed at once is all that is known.
  if (service.ready.type === "none") await sleep(proofTime(crashes), running);
  const unready =
    (await whenReady(filledProbe(service, context.env, context.references), target, service.readyTimeout, running)) ??
    (running.aborted ? null : await finishSetUp(launch, running));
  // If the process has just ended, that is the cause, not what failed because of it.
  if (unready !== null && process !== null) await sleep(EXIT_NEWS_TIME, running);
  if (signal.aborted) return null;
  if (!over.signal.aborted) {
    if (unready !== null) return unready;
    process?.family.look();
    if (service.ready.type !== "exit") {
      becomeReady(one, began, target, running);
      ready();
    }
  }
  return process === null ? null : await process.ended;
}

function becomeReady(one: Supervised, began: number, target: ProbeTarget, running: AbortSignal): void {
  const { service } = one;
  if (!one.serves && (one.deps.box !== null || servesNow(service))) {
    one.serves = true;
    one.deps.moved();
  }
  const readyMs = service.ready.type === "none" ? null : performance.now() - began;
  setState(one, "ready", { readyAt: Date.now(), readyMs, overdue: false, cause: one.exposure });
  one.answering = answeringOf(one, target, running);
}

/** Watches whether it goes on to answer, where that can be seen. */
function answeringOf(one: Supervised, target: ProbeTarget, running: AbortSignal): Answering | null {
  const { ready, readyTimeout } = one.service;
  if (target.family === null || one.process?.identity == null) return null;
  const probe: ReadyProbe = ready.type === "http" ? ready : { type: "tcp" };
  // What it says if it doesn't come back is the watch's to tell.
  const again = { ...target, late: null };
  return watchAnswers(one, target.family, () => whenReady(probe, again, readyTimeout, running), running);
}

interface StartedLaunch {
  /** Null: the kind has nothing to start. */
  readonly process: RunningProcess | null;
  /** What stands before a command that is to run where it does. */
  readonly beside: readonly string[];
}

const NO_PROCESS: StartedLaunch = { process: null, beside: [] };

/** Starts the process, in its box if it has one; the box closes with it. */
async function startLaunch(one: Supervised, launch: Launch): Promise<StartedLaunch | Fault> {
  const named = (await one.deps.names?.(launch, (text) => noteOnce(one, text))) ?? null;
  const within = (await one.deps.box?.wrap(named?.launch ?? launch)) ?? { launch: named?.launch ?? launch, box: null };
  if (isFault(within)) return within;
  const { box } = within;
  const process = await startProcess(within.launch, bindPolicy(one.service), {
    input: inputOf(one),
    line: (stream, text) => addLine(one, stream, text),
    piece: (text, drawnOver) => notePiece(one, text, drawnOver),
    bytes: one.console.printed,
    note: (text) => noteOnce(one, text),
    leading: one.deps.leading,
  });
  if (isFault(process)) {
    box?.close();
    return process;
  }
  one.console.started(process.console);
  void process.ended.then(() => {
    one.console.ended();
    box?.close();
  });
  const pid = process.identity?.pid ?? null;
  return { process, beside: pid === null ? [] : ((box ?? named)?.beside(pid) ?? []) };
}

/** A job that is meant to end reads to the end of nothing; a terminal keeps the size that it had. */
function inputOf({ service, console }: Supervised): ServiceInput {
  const input = service.input ?? { type: service.ready.type === "exit" ? "nothing" : "open" };
  return input.type === "terminal" ? { ...input, ...console.size() } : input;
}

function probeTarget(
  one: Supervised,
  { cwd, env }: ServiceContext<unknown>,
  { process, beside }: StartedLaunch,
  since: number,
  running: AbortSignal,
  late: (cause: Fault) => void,
): ProbeTarget {
  const { address, ready } = one.service;
  const rig = one.deps.box;
  // A box finds its service's port itself; a thread of this process and what isn't Cove's listen where they are told to.
  const follows = rig === null && ready.type !== "exit" && (process?.identity ?? null) !== null;
  const following = follows && process !== null ? followListener(one, process.family, running) : null;
  return {
    address,
    at: () => (rig === null ? (following?.at() ?? address) : { path: rig.place.inlet }),
    beside,
    cwd,
    env,
    // Nobody else can be at a box's address.
    family: rig === null ? (process?.family ?? null) : null,
    lines: linesSince(one, since),
    doubt: () => following?.doubt() ?? null,
    suspect: (cause) => {
      noteOnce(one, `${cause.message}: ${cause.hint}`);
      setState(one, "starting", { cause });
    },
    late:
      process === null
        ? null
        : (cause) => {
            noteOnce(one, `${cause.message}; it is left running, and looked for: ${cause.hint}`);
            setState(one, "starting", { overdue: true, cause });
            late(cause);
          },
  };
}

/** What a kind does after the first answer; one that is still running after its process's end is ignored. */
async function finishSetUp(launch: Launch | null, signal: AbortSignal): Promise<Fault | null> {
  const given = new Promise<null>((resolve) => {
    signal.addEventListener("abort", () => setTimeout(resolve, SET_UP_END_TIME, null).unref());
  });
  return (await Promise.race([launch?.afterReady?.(signal), given])) ?? null;
}
