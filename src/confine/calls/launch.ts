import { closeSync } from "node:fs";
import { stat } from "node:fs/promises";
import { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { type WorkerCalls, workerCalls } from "../../async/worker-call.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { ownProgram } from "../../own-files/own-files.ts";
import type { Redirection } from "./bind-verdict.ts";
import { type Mirrors, mirrorsOf } from "./ipv6-mirror.ts";
import { lastingTurns } from "./lasting-turns.ts";
import type { Exit, Filter, LaunchMethods, LaunchOrder } from "./launch-thread.ts";
import type { News, Supervision } from "./supervise.ts";

/** A process that can't listen beyond loopback, nor can anything that it starts. */
export interface Guarded {
  readonly pid: number;
  /** Its pipes; null: that stream is something else. */
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  readonly exited: Promise<Exit>;
}

export interface BindGuard {
  /**
   * Starts a process as the leader of a session of its own. `turned` is called for each listener that was turned to loopback
   * and is still there a second later (or was refused). One for both families answers on IPv4's loopback; its port on `::1` is served by this process for as
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
  readonly mirrors: Mirrors;
}

interface State {
  /** Has the filter, and so has all that it starts. */
  readonly launcher: WorkerCalls<LaunchMethods>;
  /** Running services by the pid that was started. */
  readonly services: Map<number, Service>;
  /** Events that came before their service's start was known. */
  early: News[];
  /** Answers the services' calls; made at the first start, since nobody calls before. */
  supervision: Promise<Supervision | null> | undefined;
  /** Why nothing can be started any more. */
  broken: string | null;
}

let opened: Promise<BindGuard | Fault> | undefined;

/**
 * The guard of this process, made at the first call (some 40 ms, on a thread of its own). Fault: UNSUPPORTED, where the
 * system has no seccomp user-notify (Linux 5.6), or forbids it (some containers).
 */
export function bindGuard(): Promise<BindGuard | Fault> {
  opened ??= open();
  return opened;
}

async function open(): Promise<BindGuard | Fault> {
  if (process.platform !== "linux") return unsupported(`${process.platform} has no seccomp`);
  // Node's pool of helper threads, all made at its first use, must exist by now: one started from the launching thread
  // would have the filter.
  void stat("/");
  const state: State = {
    launcher: openLauncher((why) => breakDown(state, `the thread that starts services has ended: ${why}`)),
    services: new Map(),
    early: [],
    supervision: undefined,
    broken: null,
  };
  const filter = await putFilter(state);
  if (isFault(filter)) {
    await state.launcher.close();
    return filter;
  }
  return { start: (order, turned) => start(state, filter, order, turned) };
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

type Installed = Exclude<Filter, { why: string }>;

async function putFilter(state: State): Promise<Installed | Fault> {
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

/** Loaded while the first service starts, which takes longer. Null: it can't be; from now on the kernel refuses binds. */
async function openSupervision(state: State, { notify, repeats }: Installed): Promise<Supervision | null> {
  const ended = () => breakDown(state, "nobody judges binds any more");
  try {
    const { supervise } = await import("./supervise.ts");
    const told = (news: News) => {
      if (!tellService(state, news)) state.early = [...state.early, news].slice(-EARLY_MOST);
    };
    const takes = (port: number) => {
      for (const { mirrors } of state.services.values()) mirrors.giveWay(port);
    };
    return supervise({ notify, rules: { repeats, takes }, told, ended });
  } catch {
    closeSync(notify);
    ended();
    return null;
  }
}

async function start(
  state: State,
  filter: Installed,
  order: LaunchOrder,
  turned: (turn: Redirection) => void,
): Promise<Guarded | NodeJS.ErrnoException> {
  if (state.broken !== null) return new Error(`nothing can be started under the guard of binds: ${state.broken}`);
  const launched = state.launcher.call("start", [order]);
  state.supervision ??= openSupervision(state, filter);
  const supervision = await state.supervision;
  supervision?.enter();
  const started = await launched;
  if (isFault(started) || "message" in started) supervision?.leave();
  if (isFault(started)) return new Error(started.message);
  if ("message" in started) return Object.assign(new Error(started.message), { code: started.code });
  const { pid } = started;
  const mirrors = mirrorsOf();
  const lasting = lastingTurns(turned);
  state.services.set(pid, { turned: lasting.turned, mirrors });
  state.early = state.early.filter((told) => !tellService(state, told));
  const exited = endOf(state, pid);
  void exited.then(() => {
    lasting.stop();
    mirrors.close();
    supervision?.leave();
  });
  const { stdin, stdout, stderr } = started;
  return { pid, stdin: writer(stdin), stdout: reader(stdout), stderr: reader(stderr), exited };
}

/** If the thread that reports ends is gone, the process counts as ended; its starter then kills it. */
async function endOf(state: State, pid: number): Promise<Exit> {
  const exit = await state.launcher.call("ended", [pid], { deadline: Number.POSITIVE_INFINITY });
  state.services.delete(pid);
  return isFault(exit) ? { code: null, signal: null } : exit;
}

/** False: it is none of the services that run. */
function tellService(state: State, { turn, alone, origin }: News): boolean {
  const service = origin.map((pid) => state.services.get(pid)).find((one) => one !== undefined);
  if (turn !== undefined) service?.turned(turn);
  if (alone !== undefined) service?.mirrors.open(alone);
  return service !== undefined;
}

const reader = (fd: number | null): Readable | null =>
  fd === null ? null : new Socket({ fd, readable: true, writable: false });
const writer = (fd: number | null): Writable | null =>
  fd === null ? null : new Socket({ fd, readable: false, writable: true });

const LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 };

function unsupported(why: string): Fault {
  return fault(
    "UNSUPPORTED",
    `what a service listens on can't be turned to loopback here: ${why}`,
    "services that listen on more than loopback are reported instead",
  );
}
