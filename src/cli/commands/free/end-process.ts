import { sleep } from "../../../async/sleep.ts";
import { machine } from "../../../machine/machine.ts";
import type { ProcessIdentity } from "../../../machine/systems/system.ts";

/** How a process ended: by itself before anything was sent, on the polite signal, or killed; or it didn't. */
export type Ending = "gone" | "ended" | "killed" | "survived" | "not allowed";

/** How often it is looked whether a process has ended, ms. */
const LOOK = 25;
/** How long a killed process may take to be gone: the kernel frees its memory first, ms. */
const KILL_TIME = 3_000;

export interface EndOptions {
  readonly signal: NodeJS.Signals;
  /** How long it gets after the signal before SIGKILL, ms. */
  readonly killAfter: number;
  /** Told about every 100 ms while it is waited for, with the ms left until it is killed. */
  readonly waiting?: (left: number) => void;
  /** Told before SIGKILL. */
  readonly killing?: () => void;
}

/**
 * Ends this very process, never another that was given its pid: before each signal its start is compared. (A pid that
 * changes hands between the look and the signal, some microseconds, can't be told on any system without pidfds.)
 */
export async function endProcess(process: ProcessIdentity, options: EndOptions): Promise<Ending> {
  if (!machine.isRunning(process)) return "gone";
  if (!send(process, options.signal)) return machine.isRunning(process) ? "not allowed" : "gone";
  if (await goneWithin(process, options.killAfter, options.waiting)) return "ended";
  options.killing?.();
  if (!send(process, "SIGKILL") && machine.isRunning(process)) return "not allowed";
  return (await goneWithin(process, KILL_TIME)) ? "killed" : "survived";
}

function send(target: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!machine.isRunning(target)) return false;
  try {
    return process.kill(target.pid, signal);
  } catch {
    return false;
  }
}

async function goneWithin(target: ProcessIdentity, limit: number, waiting?: (left: number) => void): Promise<boolean> {
  const deadline = performance.now() + limit;
  for (let look = 0; machine.isRunning(target); look++) {
    const left = deadline - performance.now();
    if (left <= 0) return false;
    if (look % 4 === 3) waiting?.(left);
    await sleep(LOOK);
  }
  return true;
}
