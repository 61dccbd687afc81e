import { closeSync, writeSync } from "node:fs";
import { stat } from "node:fs/promises";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import { Worker } from "node:worker_threads";
import { type WorkerCalls, workerCalls } from "../../async/worker-call.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { ownProgram } from "../../own-files/own-files.ts";
import type { Redirection } from "./bind-verdict.ts";
import { mirrorsOf } from "./ipv6-mirror.ts";
import type { Exit, Filter, LaunchMethods, LaunchOrder } from "./launch-thread.ts";
import type { Supervised, Told } from "./supervise-thread.ts";

/** A process that can't listen beyond loopback, nor can anything that it starts. */
export interface Guarded {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<Exit>;
}

export interface BindGuard {
  /**
   * Starts a process as the leader of a session of its own. `turned` is called for each listener that was turned to loopback
   * (or refused). One for both families answers on IPv4's loopback; its port on `::1` is served by this process for as
   * long as the started one runs, so that nobody else can take it. Errors are those of Node's `spawn`.
   */
  readonly start: (order: LaunchOrder, turned: (turn: Redirection) => void) => Promise<Guarded | NodeJS.ErrnoException>;
}

/** The filter is on, or it can't be, within this time, ms; a process is started within it too. */
const DEADLINE = 30_000;
/** Events kept for services that are starting; those that belong to none are dropped. */
const EARLY_MOST = 100;

/** A service that runs under the filter. */
interface Service {
  readonly turned: (turn: Redirection) => void;
  /** It listens for both families and has IPv4's loopback alone. */
  readonly alone: (port: number) => void;
}

type Turned = Exclude<Told, { wake: number }>;

interface State {
  /** Has the filter, and so has all that it starts. */
  readonly launcher: WorkerCalls<LaunchMethods>;
  /** Running services by the pid that was started. */
  readonly services: Map<number, Service>;
  /** Events that came before their service's start was known. */
  early: Turned[];
  /** The filter's descriptor for questions; null until there is one. */
  notify: number | null;
  /** Why nothing can be started any more. */
  broken: string | null;
}

let opened: Promise<BindGuard | Fault> | undefined;

/**
 * The guard of this process, made at the first call (some 50 ms, on threads of its own). Fault: UNSUPPORTED, where the
 * system has no seccomp user-notify (Linux 5.6), or forbids it (some containers).
 */
export function bindGuard(): Promise<BindGuard | Fault> {
  opened ??= open();
  return opened;
}

async function open(): Promise<BindGuard | Fault> {
  if (process.platform !== "linux") return unsupported(`${process.platform} has no seccomp`);
  // Node's pool of helper threads must exist by now: one started from the launching thread would have the filter.
  await stat("/");
  const state: State = {
    launcher: openLauncher((why) => breakDown(state, `the thread that starts services has ended: ${why}`)),
    services: new Map(),
    early: [],
    notify: null,
    broken: null,
  };
  const supervisor = openSupervisor(state);
  const filter = await putFilter(state);
  if (isFault(filter)) {
    await Promise.all([supervisor.terminate(), state.launcher.close()]);
    return filter;
  }
  state.notify = filter.notify;
  supervisor.postMessage({ notify: filter.notify, rules: { repeats: filter.repeats } } satisfies Supervised);
  // After the listeners, since those keep the process up; only what it has started is a reason to stay.
  supervisor.unref();
  return { start: (order, turned) => start(state, order, turned) };
}

function openLauncher(died: (why: string) => void): WorkerCalls<LaunchMethods> {
  return workerCalls({
    module: ownProgram("launch-thread"),
    name: "cove launcher",
    limits: LIMITS,
    deadline: DEADLINE,
    // The wait for a service's end is a call: the process stays as long as one runs.
    keepsAlive: true,
    failed: (_, why) => unsupported(why),
    died,
  });
}

/** Has no calls, but blocks in the kernel until a service binds. */
function openSupervisor(state: State): Worker {
  const module = ownProgram("supervise-thread");
  const supervisor = new Worker(module, { execArgv: [], name: "cove bind supervisor", resourceLimits: LIMITS });
  supervisor.on("error", () => {});
  // Once the descriptor is closed the kernel refuses these calls by itself, so no service hangs.
  supervisor.once("exit", () => {
    breakDown(state, "the thread that judges binds has ended");
    if (state.notify !== null) closeSync(state.notify);
  });
  supervisor.on("message", (told: Told) => {
    if ("wake" in told) wakeAtExit(told.wake);
    else if (!tellService(state, told)) state.early = [...state.early, told].slice(-EARLY_MOST);
  });
  return supervisor;
}

async function putFilter(state: State): Promise<Exclude<Filter, { why: string }> | Fault> {
  const filter = await state.launcher.call("putFilter", []);
  if (isFault(filter)) return filter;
  if ("why" in filter) return unsupported(filter.why);
  if (state.broken === null) return filter;
  closeSync(filter.notify);
  return unsupported(state.broken);
}

function breakDown(state: State, why: string): void {
  state.broken ??= why;
  opened = Promise.resolve(unsupported(state.broken));
}

async function start(
  state: State,
  order: LaunchOrder,
  turned: (turn: Redirection) => void,
): Promise<Guarded | NodeJS.ErrnoException> {
  if (state.broken !== null) return new Error(`nothing can be started under the guard of binds: ${state.broken}`);
  const started = await state.launcher.call("start", [order]);
  if (isFault(started)) return new Error(started.message);
  if ("message" in started) return Object.assign(new Error(started.message), { code: started.code });
  const { pid, out, err } = started;
  const mirrors = mirrorsOf();
  state.services.set(pid, { turned, alone: mirrors.open });
  state.early = state.early.filter((told) => !tellService(state, told));
  const exited = endOf(state, pid);
  void exited.then(mirrors.close);
  return { pid, stdout: reader(out), stderr: reader(err), exited };
}

/** If the thread that reports ends is gone, the process counts as ended; its starter then kills it. */
async function endOf(state: State, pid: number): Promise<Exit> {
  const exit = await state.launcher.call("ended", [pid], { deadline: Number.POSITIVE_INFINITY });
  state.services.delete(pid);
  return isFault(exit) ? { code: null, signal: null } : exit;
}

/** False: it is none of the services that run. */
function tellService(state: State, { turn, alone, origin }: Turned): boolean {
  const service = origin.map((pid) => state.services.get(pid)).find((one) => one !== undefined);
  if (turn !== undefined) service?.turned(turn);
  if (alone !== undefined) service?.alone(alone);
  return service !== undefined;
}

const reader = (fd: number): Readable => new Socket({ fd, readable: true, writable: false });

const LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 };

/** A thread that blocks in the kernel can't be terminated: it is woken first, or the process would wait for it. */
function wakeAtExit(wake: number): void {
  const one = Buffer.alloc(8);
  one.writeBigUInt64LE(1n);
  process.once("exit", () => writeSync(wake, one));
}

function unsupported(why: string): Fault {
  return fault(
    "UNSUPPORTED",
    `what a service listens on can't be turned to loopback here: ${why}`,
    "services that listen on more than loopback are reported instead",
  );
}
