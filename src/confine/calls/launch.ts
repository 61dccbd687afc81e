import { closeSync } from "node:fs";
import { stat } from "node:fs/promises";
import { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import type { Address } from "../../address/address.ts";
import { parseAddress } from "../../address/parse.ts";
import { type WorkerCalls, workerCalls } from "../../async/worker-call.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { ownProgram } from "../../own-files/own-files.ts";
import { MARK } from "../run-mark.ts";
import type { Redirection } from "./bind-verdict.ts";
import { type Mirrors, mirrorsOf } from "./ipv6-mirror.ts";
import { lastingTurns } from "./lasting-turns.ts";
import type { Exit, Filter, LaunchMethods, LaunchOrder } from "./launch-thread.ts";
import type { Route } from "./routes.ts";
import type { Supervision } from "./supervise.ts";
import type { News } from "./supervise-thread.ts";
import type { PortPlan } from "./virtual-ports.ts";

/** A process that can't listen beyond loopback, nor can anything that it starts. */
export interface Guarded {
  readonly pid: number;
  /** Its pipes; null: that stream is something else. */
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  readonly exited: Promise<Exit>;
}

/** Where a service's connects are led, and what it binds, as long as it runs. */
export interface Leading {
  readonly routes: () => readonly Route[];
  /** Null: it binds the ports that its code chooses. */
  readonly ports: () => PortPlan | null;
  /** It is about to bind a port that isn't in `ports` yet. Its bind waits a moment for that, and is done as it was then. */
  readonly chosen: (port: number) => void;
  /** What its code chose is bound at this address instead. */
  readonly bound: (chosen: number, at: Address) => void;
  /** It is bound there a while later, too. */
  readonly kept: (chosen: number) => void;
  /** Calls `changed` whenever the routes or ports are others, until what it returns is called. */
  readonly watch: (changed: () => void) => () => void;
  /** It wants to reach a service to which no way leads yet. Its connect waits a moment for one, and goes on as it was then. */
  readonly wanted: (service: string) => void;
}

/** What is done with a service's calls. */
export interface Handling {
  /**
   * Called for each listener that was turned to loopback and is still there a second later (or was refused). One for both
   * families answers on IPv4's loopback; its port on `::1` is served by this process for as long as the started one runs, so
   * that nobody else can take it.
   */
  readonly turned: (turn: Redirection) => void;
  /** Absent: its connects go where it says. */
  readonly leading?: Leading | undefined;
}

export interface CallGuard {
  /** Starts a process as the leader of a session of its own. Errors are those of Node's `spawn`. */
  readonly start: (order: LaunchOrder, handling: Handling) => Promise<Guarded | NodeJS.ErrnoException>;
}

/** The filter is on, or it can't be, within this time, ms; a process is started within it too. */
const DEADLINE = 30_000;

/** A service that runs, or starts, under the filter. */
interface Service {
  readonly turned: (turn: Redirection) => void;
  readonly leading: Leading | undefined;
  /** It listens for both families and has IPv4's loopback alone. */
  readonly mirrors: Mirrors;
}

interface State {
  /** Has the filter, and so has all that it starts. */
  readonly launcher: WorkerCalls<LaunchMethods>;
  /** Services by the mark of their start. */
  readonly services: Map<string, Service>;
  /** Answers the services' calls; null: nothing does. */
  supervision: Promise<Supervision | null>;
  /** Why nothing can be started any more. */
  broken: string | null;
}

let opened: Promise<CallGuard | Fault> | undefined;

/**
 * The guard of this process, made at the first call (some 40 ms, on a thread of its own). Fault: UNSUPPORTED, where the
 * system has no seccomp user-notify (Linux 5.6), or forbids it (some containers).
 */
export function callGuard(): Promise<CallGuard | Fault> {
  opened ??= open();
  return opened;
}

async function open(): Promise<CallGuard | Fault> {
  if (process.platform !== "linux") return unsupported(`${process.platform} has no seccomp`);
  // Node's pool of helper threads, all made at its first use, must exist by now: one started from the launching thread
  // would have the filter.
  void stat("/");
  const state: State = {
    launcher: openLauncher((why) => breakDown(state, `the thread that starts services has ended: ${why}`)),
    services: new Map(),
    supervision: Promise.resolve(null),
    broken: null,
  };
  const filter = await putFilter(state);
  if (isFault(filter)) {
    await state.launcher.close();
    return filter;
  }
  state.supervision = openSupervision(state, filter);
  return { start: (order, handling) => start(state, order, handling) };
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

/** Null: it can't be; from now on the kernel refuses the calls. */
async function openSupervision(state: State, { notify, repeats }: Installed): Promise<Supervision | null> {
  const ended = (why: string) => breakDown(state, `the thread that judges calls has ended: ${why}`);
  try {
    const { supervise } = await import("./supervise.ts");
    const supervision = supervise({ notify, repeats, told: (news) => hear(state, supervision, news), ended });
    return supervision;
  } catch (error) {
    closeSync(notify);
    ended(String(error));
    return null;
  }
}

/** News of what belongs to no service are dropped. */
function hear({ services }: State, supervision: Supervision, news: News): void {
  if (news.type === "takes") {
    for (const { mirrors } of services.values()) mirrors.giveWay(news.port);
    return supervision.freed(news.port);
  }
  const service = news.run === null ? undefined : services.get(news.run);
  if (news.type === "wanted") return service?.leading?.wanted(news.service);
  if (news.type === "chosen") return service?.leading?.chosen(news.port);
  if (news.turn !== undefined) {
    service?.turned(news.turn);
    const at = news.turn.chosen === undefined ? null : parseAddress(news.turn.to ?? "");
    if (at !== null && !isFault(at)) service?.leading?.bound(news.turn.chosen ?? 0, at);
  }
  if (news.alone !== undefined) service?.mirrors.open(news.alone);
}

let starts = 0;

async function start(
  state: State,
  order: LaunchOrder,
  { turned, leading }: Handling,
): Promise<Guarded | NodeJS.ErrnoException> {
  if (state.broken !== null) return new Error(`nothing can be started under the guard of calls: ${state.broken}`);
  const supervision = await state.supervision;
  const run = order.env[MARK] ?? `${process.pid}-guarded-${++starts}`;
  const mirrors = mirrorsOf();
  const lasting = lastingTurns(turned);
  state.services.set(run, { turned: lasting.turned, leading, mirrors });
  // Known before the process is there: its first call may come at once.
  const setRoutes = () => supervision?.setRoutes(run, leading?.routes() ?? [], leading?.ports() ?? null);
  const unwatch = leading?.watch(setRoutes);
  setRoutes();
  const over = () => {
    unwatch?.();
    lasting.stop();
    mirrors.close();
    state.services.delete(run);
    supervision?.setRoutes(run, null, null);
  };
  const started = await state.launcher.call("start", [{ ...order, env: { ...order.env, [MARK]: run } }]);
  if (isFault(started) || "message" in started) over();
  if (isFault(started)) return new Error(started.message);
  if ("message" in started) return Object.assign(new Error(started.message), { code: started.code });
  const { pid, stdin, stdout, stderr } = started;
  const exited = endOf(state, pid);
  void exited.then(over);
  return { pid, stdin: writer(stdin), stdout: reader(stdout), stderr: reader(stderr), exited };
}

/** If the thread that reports ends is gone, the process counts as ended; its starter then kills it. */
async function endOf(state: State, pid: number): Promise<Exit> {
  const exit = await state.launcher.call("ended", [pid], { deadline: Number.POSITIVE_INFINITY });
  return isFault(exit) ? { code: null, signal: null } : exit;
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
