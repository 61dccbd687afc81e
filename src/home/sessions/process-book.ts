import type { ProcessIdentity } from "../../machine/systems/system.ts";
import { forgetProcess, forgetStack, listProcesses, type ProcessRecord, recordProcess } from "../../state/processes.ts";
import type { State } from "../../state/state.ts";
import { orderedWrites } from "./ordered-writes.ts";

/** The processes of all runners, on disk, so that the next home can end what a dead runner left. */
export interface ProcessBook {
  /** A service's process as it is now; null when it has none. */
  readonly set: (stack: string, runner: ProcessIdentity, service: string, process: ProcessIdentity | null) => void;
  /** The stack ended in order, or its orphans were ended. */
  readonly forget: (stack: string, runner: ProcessIdentity) => void;
  readonly list: (stack?: string) => ProcessRecord[];
  /** Resolves when all that was set so far is on disk. */
  readonly written: () => Promise<unknown>;
}

export function openProcessBook(state: State): ProcessBook {
  const known = new Map<string, ProcessRecord>();
  for (const record of listProcesses(state)) known.set(keyOf(record.process), record);
  const writes = orderedWrites("the table of processes");

  return {
    set: (stack, runner, service, process) => {
      for (const [key, record] of known) {
        if (record.stack !== stack || record.service !== service) continue;
        if (process !== null && key === keyOf(process)) return;
        known.delete(key);
        writes.add(() => forgetProcess(state, record.process));
      }
      if (process === null) return;
      const record = { stack, service, process, runner };
      known.set(keyOf(process), record);
      writes.add(() => recordProcess(state, record));
    },
    forget: (stack, runner) => {
      for (const [key, record] of known) {
        if (record.stack === stack && keyOf(record.runner) === keyOf(runner)) known.delete(key);
      }
      writes.add(() => forgetStack(state, stack, runner));
    },
    list: (stack) => [...known.values()].filter((record) => stack === undefined || record.stack === stack),
    written: writes.written,
  };
}

export function keyOf({ pid, started }: ProcessIdentity): string {
  return `${pid} ${started}`;
}
