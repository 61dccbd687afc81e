import { type CallOptions, workerCalls } from "../../async/worker-call.ts";
import { type Fault, fault } from "../../fault/fault.ts";
import { ownProgram } from "../../own-files/own-files.ts";
import type { StoreMethods, ThreadOptions } from "./store-thread.ts";

/** The thread ends when it had nothing to do for so long and nothing is recorded, ms. */
const IDLE = 5_000;
/** The longest that anything takes on a slow disk, behind all that was asked before it, ms. */
const DEADLINE = 120_000;

/** The recordings' file, in a thread of its own that is started when it's needed. */
export interface StoreLink {
  /** Faults: the method's, and RECORDING_STOPPED where the thread ended before it answered. */
  readonly call: <Method extends keyof StoreMethods>(
    method: Method,
    args: Parameters<StoreMethods[Method]>,
    how?: Pick<CallOptions, "transfer">,
  ) => Promise<ReturnType<StoreMethods[Method]> | Fault>;
  /** Ends the thread. */
  readonly close: () => Promise<void>;
}

export interface StoreLinkOptions extends ThreadOptions {
  /** True: keep the thread though there is nothing to do. */
  readonly busy: () => boolean;
  /** The thread ended by itself. */
  readonly died: (why: Fault) => void;
}

export function linkStore({ busy, died, ...data }: StoreLinkOptions): StoreLink {
  const thread = workerCalls<StoreMethods>({
    module: ownProgram("store-thread"),
    name: "cove recordings",
    data,
    idle: IDLE,
    deadline: DEADLINE,
    busy,
    // What was recorded is written, though the process has nothing else to do.
    keepsAlive: true,
    failed: (how, why) => (how === "threw" ? fault("INTERNAL", why) : ended(why)),
    died: (why) => died(ended(why)),
  });
  return {
    call: (method, args, how) => thread.call(method, args, how) as never,
    close: thread.close,
  };
}

const ended = (why: string): Fault => fault("RECORDING_STOPPED", `the thread that writes recordings has ended: ${why}`);
