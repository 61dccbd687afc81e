import { closeSync, writeSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { ownProgram } from "../../own-files/own-files.ts";
import * as kernel from "../system-calls.ts";
import type { Route } from "./routes.ts";
import type { News, Order, SuperviseData } from "./supervise-thread.ts";
import type { PortPlan } from "./virtual-ports.ts";

export interface SuperviseOptions {
  /** The filter's notify descriptor; closed at the end, from when on the kernel refuses the calls by itself. */
  readonly notify: number;
  /** See the rules for binds. */
  readonly repeats: boolean;
  readonly told: (news: News) => void;
  /** Nothing is answered any more. */
  readonly ended: (why: string) => void;
}

/** The thread that answers the calls of all services of this process. */
export interface Supervision {
  /** Where connects of a start of a service are led from now on, null: it has ended; and the ports that it gets. */
  readonly setRoutes: (run: string, routes: readonly Route[] | null, ports: PortPlan | null) => void;
  /** Nobody has `::1` at this port for a service any more. */
  readonly freed: (port: number) => void;
}

const EFD_CLOEXEC = 0o2000000;
const ONE = Buffer.from(BigUint64Array.of(1n).buffer);
/** How long the process's end waits for the thread to leave, ms. */
const END_TIME = 1_000;
/** MB; it keeps nothing but tables. */
const LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 };

/** Starts the thread. It doesn't keep this process, whose end doesn't wait for it. */
export function supervise({ notify, repeats, told, ended }: SuperviseOptions): Supervision {
  const wake = kernel.eventfd(0, EFD_CLOEXEC);
  const left = new Int32Array(new SharedArrayBuffer(4));
  const data: SuperviseData = { notify, wake, repeats, left };
  const worker = new Worker(ownProgram("supervise-thread"), {
    execArgv: [],
    name: "cove calls",
    workerData: data,
    resourceLimits: LIMITS,
  });
  let over = false;
  let why = "it ended by itself";
  const send = (order: Order) => {
    if (over) return;
    worker.postMessage(order);
    // It waits in a system call: see there.
    writeSync(wake, ONE);
  };
  // Node's end stops its threads wherever they are, and one that is within a system call then takes the process down.
  const end = () => {
    send({ type: "end" });
    Atomics.wait(left, 0, 0, END_TIME);
  };
  process.once("exit", end);
  worker.on("message", told);
  worker.on("error", (error) => {
    why = error instanceof Error ? error.message : String(error);
  });
  worker.once("exit", () => {
    over = true;
    process.removeListener("exit", end);
    closeSync(notify);
    closeSync(wake);
    ended(why);
  });
  worker.unref();
  return {
    setRoutes: (run, routes, ports) => send({ type: "routes", run, routes, ports }),
    freed: (port) => send({ type: "free", port }),
  };
}
