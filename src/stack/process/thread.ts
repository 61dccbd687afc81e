import { Worker } from "node:worker_threads";
import type { Launch } from "../../services/kind/kind.ts";
import type { LogLine } from "../session/messages.ts";
import { NO_CONSOLE, type ProcessConsole } from "./console.ts";
import { lineSplitter } from "./lines.ts";
import type { Family } from "./process-family.ts";
import type { Exit } from "./spawn.ts";

/** MB that its objects may take; beyond that it ends, and is restarted like a process that crashed. */
const MEMORY = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8 };

/** As `RunningProcess` has them; it ends at once and with all it holds, so nothing ever has to be forced. */
interface Thread {
  readonly identity: null;
  readonly ended: Promise<Exit>;
  readonly family: Family;
  readonly console: ProcessConsole;
  readonly stop: (signal: NodeJS.Signals) => Promise<false>;
}

/** Starts one of Cove's own programs on a thread of this process: that takes a fifth of a process's memory. */
export function startThread(
  { program, args }: NonNullable<Launch["thread"]>,
  env: Launch["env"],
  onLine: (stream: LogLine["stream"], text: string) => void,
): Thread {
  const worker = new Worker(program, {
    argv: [...args],
    env,
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: MEMORY,
  });
  const out = lineSplitter((text) => onLine("stdout", text));
  const err = lineSplitter((text) => onLine("stderr", text));
  worker.stdout.on("data", out.write);
  worker.stderr.on("data", err.write);
  let stopped: NodeJS.Signals | null = null;
  const ended = new Promise<Exit>((resolve) => {
    // Followed by `exit`, with code 1.
    worker.on("error", (error) =>
      onLine("stderr", error instanceof Error ? (error.stack ?? error.message) : `${error}`),
    );
    worker.once("exit", (code) => {
      out.end();
      err.end();
      resolve(stopped === null ? { code, signal: null } : { code: null, signal: stopped });
    });
  });
  return {
    identity: null,
    ended,
    // All its resources are this process's: nothing can be left behind.
    family: { look: () => {}, members: () => new Set([process.pid]), left: () => [] },
    console: NO_CONSOLE,
    stop: async (signal) => {
      stopped ??= signal;
      await worker.terminate();
      await ended;
      return false;
    },
  };
}
