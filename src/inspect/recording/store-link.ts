import { type TransferListItem, Worker } from "node:worker_threads";
import { type Fault, fault } from "../../fault/fault.ts";
import { ownProgram } from "../../own-files/own-files.ts";
import type { RecordingStore } from "./store.ts";
import type { StoreCall, StoreReply, ThreadOptions } from "./store-thread.ts";

/** The thread ends when it had nothing to do for so long and nothing is recorded, ms. */
const IDLE = 5_000;

/** The recordings' file, in a thread of its own that is started when it's needed. */
export interface StoreLink {
  /** Faults: the method's, and RECORDING_STOPPED where the thread died before it answered. */
  readonly call: <Method extends keyof RecordingStore>(
    method: Method,
    args: Parameters<RecordingStore[Method]>,
    how?: CallOptions,
  ) => Promise<ReturnType<RecordingStore[Method]> | Fault>;
  /** Ends the thread. */
  readonly close: () => Promise<void>;
}

interface CallOptions {
  readonly transfer?: readonly TransferListItem[];
  /** What is written is redacted first, in the thread. */
  readonly redact?: boolean;
}

export interface StoreLinkOptions extends ThreadOptions {
  /** True: keep the thread though there is nothing to do. */
  readonly busy: () => boolean;
  /** The thread ended by itself. */
  readonly died: (why: Fault) => void;
}

export function linkStore({ busy, died, ...store }: StoreLinkOptions): StoreLink {
  let worker: Worker | null = null;
  let calls = 0;
  const waiting = new Map<number, (result: unknown) => void>();
  let idle: NodeJS.Timeout | undefined;

  function start(): Worker {
    const started = new Worker(ownProgram("store-thread"), {
      workerData: store,
      execArgv: [],
      name: "cove recordings",
    });
    let cause = "it ended";
    started.on("message", ({ id, result }: StoreReply) => settle(id, result));
    started.on("error", (error) => {
      cause = error instanceof Error ? error.message : String(error);
    });
    started.on("exit", () => {
      // One that was ended on purpose is nobody's worker any more.
      if (worker !== started) return;
      worker = null;
      const why = fault("RECORDING_STOPPED", `the thread that writes recordings is gone: ${cause}`, "start it again");
      for (const id of [...waiting.keys()]) settle(id, why);
      died(why);
    });
    return started;
  }

  function settle(id: number, result: unknown): void {
    waiting.get(id)?.(result);
    waiting.delete(id);
    if (waiting.size > 0) return;
    // The process may end while the thread has nothing to do.
    worker?.unref();
    idle ??= setTimeout(endIdle, IDLE).unref();
  }

  function endIdle(): void {
    idle = undefined;
    if (waiting.size === 0 && !busy()) void end();
    else if (waiting.size === 0) idle = setTimeout(endIdle, IDLE).unref();
  }

  async function end(): Promise<void> {
    const ending = worker;
    worker = null;
    await ending?.terminate();
  }

  return {
    call: (method, args, { transfer = [], redact = false } = {}) =>
      new Promise((resolve) => {
        clearTimeout(idle);
        idle = undefined;
        worker ??= start();
        worker.ref();
        const id = ++calls;
        waiting.set(id, resolve as (result: unknown) => void);
        worker.postMessage({ id, method, args, redact } satisfies StoreCall, transfer);
      }),
    close: async () => {
      clearTimeout(idle);
      await end();
      for (const id of [...waiting.keys()]) settle(id, fault("RECORDING_STOPPED", "Cove ends"));
      clearTimeout(idle);
    },
  };
}
