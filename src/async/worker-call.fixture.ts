// The thread of worker-call.test.ts.
import { appendFileSync, existsSync } from "node:fs";
import { threadId } from "node:worker_threads";
import { answerCalls } from "./worker-call.ts";

export type Calls = typeof calls;

const calls = {
  add: (one: number, other: number): number => one + other,
  thread: (): number => threadId,
  throws: (): never => {
    throw new TypeError("not today");
  },
  pause: async (ms: number): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return threadId;
  },
  hang: (): never => {
    for (;;);
  },
  exit: (): never => process.exit(3),
  /** Ends its thread, unless `file` exists: it is made by the first call. */
  exitOnce: (file: string): number => {
    const again = existsSync(file);
    appendFileSync(file, "x");
    return again ? threadId : process.exit(3);
  },
  length: (bytes: Uint8Array): number => bytes.length,
  buffer: (size: number): Uint8Array => new Uint8Array(size),
};

answerCalls<Calls>(calls, (result) => (result instanceof Uint8Array ? [result.buffer as ArrayBuffer] : []));
