import { isFault } from "../../../fault/fault.ts";
import { terminals } from "../../../machine/terminals.ts";
import type { RunningStack } from "../../../stack/run/runner.ts";
import type { Context } from "../../terminal/context.ts";
import type { RunOutput } from "./run-terminal.ts";

/** Between looks whether the job has come to the front, ms. */
const LOOK_TIME = 300;
/** After the signal that stops this process, when it goes on at the latest, ms. */
const STOP_TIME = 100;

/** Passes on what the stack's only service prints, byte by byte, each stream to its own; its input is this process's own. */
export function showInPipe(context: Context, running: RunningStack, service: string): RunOutput {
  const detach = running.console(service).attach({
    output: (bytes, stream) => {
      const to = stream === "stdout" ? process.stdout : process.stderr;
      if (to.write(bytes) || to.destroyed) return undefined;
      return drained(to);
    },
    note: () => {},
  });
  const stopSuspending = suspendTogether(running, service);
  if (process.stdin.isTTY === true) void passLines(running, service);
  return {
    say: context.note,
    interrupted: () => null,
    end: () => {
      detach();
      stopSuspending();
      process.stdin.pause();
    },
  };
}

/** Resolves once it takes more, or its reader has gone. */
function drained(to: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      to.off("drain", done);
      to.off("close", done);
      resolve();
    };
    to.on("drain", done);
    to.on("close", done);
  });
}

/** Ctrl-Z stops this process, whose command is in a session of its own: that one stops as well, and both go on with `fg`. */
function suspendTogether(running: RunningStack, service: string): () => void {
  if (process.platform === "win32") return () => {};
  const goOn = () => running.signal(service, "SIGCONT");
  const suspend = () => {
    running.signal(service, "SIGSTOP");
    process.off("SIGTSTP", suspend);
    process.kill(process.pid, "SIGTSTP");
    // One that no shell watches isn't stopped, and goes on at once.
    setTimeout(() => {
      goOn();
      process.on("SIGTSTP", suspend);
    }, STOP_TIME);
  };
  process.on("SIGTSTP", suspend);
  process.on("SIGCONT", goOn);
  return () => {
    process.off("SIGTSTP", suspend);
    process.off("SIGCONT", goOn);
  };
}

/** Standard input is a terminal, the output isn't: what is typed arrives line by line, and Ctrl-D ends it. */
async function passLines(running: RunningStack, service: string): Promise<void> {
  const system = await terminals();
  const console = running.console(service);
  const begin = () => {
    // A job in the background would be stopped if it read.
    if (!isFault(system) && !system.inForeground(0)) return void setTimeout(begin, LOOK_TIME).unref();
    process.stdin.on("error", () => {});
    process.stdin.on("end", console.end);
    process.stdin.on("data", (bytes: Buffer) => {
      process.stdin.pause();
      void console.write(bytes).then(() => process.stdin.resume());
    });
  };
  await console.begun;
  begin();
}
