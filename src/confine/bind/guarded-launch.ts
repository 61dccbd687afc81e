import { closeSync, writeSync } from "node:fs";
import { stat } from "node:fs/promises";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import { Worker } from "node:worker_threads";
import { type Fault, fault } from "../../fault/fault.ts";
import { machine } from "../../machine/machine.ts";
import { ownProgram } from "../../own-files/own-files.ts";
import type { Redirection } from "./bind-verdict.ts";
import { mirrorsOf } from "./ipv6-mirror.ts";
import type { LaunchNews, LaunchOrder } from "./launch-thread.ts";
import type { Supervised, Told } from "./supervise-thread.ts";

/** A process that can't listen beyond loopback, nor can anything that it starts. */
export interface Guarded {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

export interface BindGuard {
  /**
   * Starts a process as the leader of a session of its own. `turned` is told of each listener that was turned to loopback
   * (or refused). One for both families answers on IPv4's loopback; its port on `::1` is served by this process for as
   * long as the started one runs, and so is nobody else's. An error as Node's `spawn` has them.
   */
  readonly start: (
    order: Omit<LaunchOrder, "id">,
    turned: (turn: Redirection) => void,
  ) => Promise<Guarded | NodeJS.ErrnoException>;
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
  const launcher = thread("launch-thread");
  const supervisor = thread("supervise-thread");
  const orders = new Map<number, Order>();
  const leaders = new Map<number, Order>();
  /** Turns of services whose start has not been told yet. */
  let early: Turned[] = [];
  let last = 0;
  let broken: string | null = null;
  let notify: number | null = null;

  supervisor.on("error", () => {});
  // Nobody answers any more: without the descriptor the kernel refuses for us, and no service hangs.
  supervisor.once("exit", () => {
    broke("its supervisor has ended");
    if (notify !== null) closeSync(notify);
  });
  supervisor.on("message", (told: Told) => {
    if ("wake" in told) return atExit(told.wake);
    if (!announce(told)) early.push(told);
  });
  launcher.once("exit", () => {
    broke("the thread that starts services has ended");
    // Their ends can't be heard of any more; whoever asked ends them now.
    for (const order of orders.values()) {
      order.failed(new Error(`it can't be started: ${broken}`));
      order.ended(null, null);
    }
  });
  const first = await new Promise<Extract<LaunchNews, { news: "guarded" | "unguarded" }>>((resolve) => {
    launcher.on("message", (news: LaunchNews) => {
      if (news.news === "guarded" || news.news === "unguarded") resolve(news);
      else heard(news);
    });
    launcher.on("error", (error) => resolve({ news: "unguarded", why: error.message }));
  });
  if (first.news === "unguarded") {
    await supervisor.terminate();
    return unsupported(first.why);
  }
  const given: Supervised = {
    notify: first.notify,
    rules: { unprivilegedFrom: machine.unprivilegedFrom(), repeats: first.repeats },
  };
  if (broken !== null) {
    closeSync(first.notify);
    return unsupported(broken);
  }
  notify = first.notify;
  supervisor.postMessage(given);
  // After the listeners, since those keep the process up; only what it has started is a reason to stay.
  supervisor.unref();
  launcher.unref();

  function broke(why: string): void {
    broken ??= why;
    opened = Promise.resolve(unsupported(broken));
  }

  function heard(news: Exclude<LaunchNews, { news: "guarded" | "unguarded" }>): void {
    const order = orders.get(news.id);
    if (news.news === "started") {
      leaders.set(news.pid, order ?? nobody);
      order?.started(news.pid, news.out, news.err);
      early = early.filter((told) => !announce(told));
    } else if (news.news === "unstarted") {
      done(news.id);
      order?.failed(Object.assign(new Error(news.message), { code: news.code }));
    } else {
      done(news.id);
      order?.ended(news.code, news.signal);
    }
  }

  function done(id: number): void {
    orders.delete(id);
    if (orders.size === 0) launcher.unref();
  }

  function announce({ turn, alone, origin }: Turned): boolean {
    const order = origin.map((pid) => leaders.get(pid)).find((one) => one !== undefined);
    if (turn !== undefined) order?.turned(turn);
    if (alone !== undefined) order?.alone(alone);
    return order !== undefined;
  }

  return {
    start: (order, turned) => {
      if (broken !== null) return Promise.resolve(new Error(`the guard of binds is gone: ${broken}`));
      const id = ++last;
      return new Promise((resolve) => {
        const exited = Promise.withResolvers<{ code: number | null; signal: NodeJS.Signals | null }>();
        launcher.ref();
        const twins = mirrorsOf();
        void exited.promise.then(twins.close);
        orders.set(id, {
          turned,
          alone: twins.open,
          started: (pid, out, err) => {
            void exited.promise.then(() => leaders.delete(pid));
            resolve({ pid, stdout: reader(out), stderr: reader(err), exited: exited.promise });
          },
          failed: resolve,
          ended: (code, signal) => exited.resolve({ code, signal }),
        });
        launcher.postMessage({ ...order, id });
      });
    },
  };
}

type Turned = Exclude<Told, { wake: number }>;

interface Order {
  readonly turned: (turn: Redirection) => void;
  readonly alone: (port: number) => void;
  readonly started: (pid: number, out: number, err: number) => void;
  readonly failed: (error: NodeJS.ErrnoException) => void;
  readonly ended: (code: number | null, signal: NodeJS.Signals | null) => void;
}

const nobody: Order = { turned: () => {}, alone: () => {}, started: () => {}, failed: () => {}, ended: () => {} };

const reader = (fd: number): Readable => new Socket({ fd, readable: true, writable: false });

function thread(name: "launch-thread" | "supervise-thread"): Worker {
  return new Worker(ownProgram(name), {
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
  });
}

/** A thread that waits in the kernel can't be ended from outside: it is woken, or the process would wait for it. */
function atExit(wake: number): void {
  const one = Buffer.alloc(8);
  one.writeBigUInt64LE(1n);
  process.once("exit", () => writeSync(wake, one));
}

function unsupported(why: string): Fault {
  return fault(
    "UNSUPPORTED",
    `binds can't be turned to loopback here: ${why}`,
    "services that listen wider are reported",
  );
}
