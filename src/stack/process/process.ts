import { statSync } from "node:fs";
import type { Duplex } from "node:stream";
import { sleep } from "../../async/sleep.ts";
import type { BindPolicy } from "../../confine/bind-policy.ts";
import { PIPES } from "../../confine/child-stdio.ts";
import { MARK } from "../../confine/run-mark.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { machine } from "../../machine/machine.ts";
import type { Launch } from "../../services/kind/kind.ts";
import type { ProcessIdentity } from "../session/messages.ts";
import { adoptedOf, newMark } from "./adoption.ts";
import { consoleOf, type ProcessConsole } from "./console.ts";
import { KEEP_RIGHTS, privilegedProgram, takesRights } from "./lost-rights.ts";
import { missingCommand } from "./missing-command.ts";
import { readOutput } from "./output.ts";
import type { ProcessPorts } from "./ports.ts";
import { type Family, familyOf, signalGroup, signalOne } from "./process-family.ts";
import { type Exit, type Spawned, spawnUnder } from "./spawn.ts";
import { openTerminal } from "./terminal.ts";
import { startThread } from "./thread.ts";

export interface RunningProcess {
  /** Null: it is a thread of this process. */
  readonly identity: ProcessIdentity | null;
  /** Resolves after its last lines. */
  readonly ended: Promise<Exit>;
  /** It and all that it has started. */
  readonly family: Family;
  readonly console: ProcessConsole;
  /**
   * The signal to the whole group; after `killAfter` ms SIGKILL to it and to descendants that left it. Resolves when all
   * have ended: true if some had to be killed. Called again, it is the same stop.
   */
  readonly stop: (signal: NodeJS.Signals, killAfter: number) => Promise<boolean>;
}

/** After its end, and after the last that it wrote, how long to wait for more, ms: descendants may keep its outputs open. */
const LAST_LINES_TIME = 100;
/** After SIGKILL, how long the kernel may take to free a process, ms. */
const KILL_TIME = 2_000;
/** Between looks at what is left, ms: from the first to the second. */
const PAUSE = { first: 10, longest: 100 };

/**
 * Starts a process as the leader of a session and a group of its own. Fault: COMMAND_MISSING, with what the system says.
 */
export async function startProcess(
  launch: Launch,
  policy: BindPolicy,
  ports: ProcessPorts,
): Promise<RunningProcess | Fault> {
  if (launch.thread !== undefined) return startThread(launch.thread, launch.env, ports.line);
  const privileged = policy === "fix" && takesRights() ? await privilegedProgram(launch) : null;
  if (privileged !== null) {
    ports.note(`${privileged.path} gets no rights by ${privileged.by} under guard: { bind: "fix" }; ${KEEP_RIGHTS}`);
  }
  const mark = newMark();
  const child = await spawnWithInput(policy, { ...launch, env: { ...launch.env, [MARK]: mark } }, ports);
  if (child instanceof Error) return cannotStart(launch, child);
  const { pid } = child;
  const identity = { pid, started: machine.startStamp(pid) ?? "" };
  const family = familyOf(pid, () => adoptedOf(mark));
  const outputs = [readOutput("stdout", child.stdout, ports), readOutput("stderr", child.stderr, ports)];
  let gone = false;
  const ended = child.exited.then(async (exit) => {
    gone = true;
    await Promise.all(outputs.map((output) => output.last(LAST_LINES_TIME)));
    // Descendants may still hold a terminal open.
    child.terminal?.destroy();
    return privileged === null ? exit : { ...exit, unprivileged: privileged };
  });
  let stopping: Promise<boolean> | undefined;
  return {
    identity,
    ended,
    family,
    console: child.console,
    stop: (signal, killAfter) => {
      stopping ??= stopFamily(pid, family, () => gone, signal, killAfter);
      return stopping;
    },
  };
}

interface Connected extends Pick<Spawned, "pid" | "stdout" | "stderr" | "exited"> {
  readonly console: ProcessConsole;
  /** Our end of its terminal; null: it has none. */
  readonly terminal: Duplex | null;
}

/** Starts it with its input, or its terminal; where no terminal can be had, that is said, and it gets pipes. */
async function spawnWithInput(
  policy: BindPolicy,
  launch: Launch,
  { input, note, leading }: ProcessPorts,
): Promise<Connected | NodeJS.ErrnoException> {
  const terminal = input.type === "terminal" ? await openTerminal(launch, input) : null;
  if (terminal instanceof Error) return terminal;
  if (terminal === null || isFault(terminal)) {
    if (terminal !== null) note(`${terminal.message}; ${terminal.hint}`);
    const stdin = input.type === "own" ? 0 : input.type === "nothing" ? "nothing" : "pipe";
    const child = await spawnUnder(policy, launch, { ...PIPES, stdin }, { note, leading });
    return child instanceof Error ? child : { ...child, console: consoleOf(child.stdin, null), terminal: null };
  }
  const { stream, control, handedOver } = terminal;
  const child = await spawnUnder(policy, terminal.launch, terminal.stdio, { note, leading });
  handedOver();
  if (child instanceof Error) {
    stream.destroy();
    return child;
  }
  return { ...child, stdout: stream, console: consoleOf(stream, control), terminal: stream };
}

function cannotStart({ command, cwd }: Launch, error: NodeJS.ErrnoException): Fault {
  if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) {
    return fault("COMMAND_MISSING", `there is no folder ${cwd} to start it in`, "make it, or change cwd", { cwd });
  }
  const program = typeof command === "string" ? "the shell" : (command[0] ?? "");
  if (error.code === "ENOENT") return missingCommand(program, cwd);
  return fault(
    "COMMAND_MISSING",
    `${program} could not be started: ${error.message}`,
    error.code === "EACCES" ? `check that it may be run: chmod +x ${program}` : "check the command and its user",
    { program, cwd, code: error.code },
  );
}

async function stopFamily(
  pid: number,
  family: Family,
  gone: () => boolean,
  signal: NodeJS.Signals,
  killAfter: number,
): Promise<boolean> {
  // Looked up before the parent is gone: afterwards nothing links them to it.
  family.look();
  const told = new Set(signalGroup(pid, signal));
  const deadline = performance.now() + killAfter;
  for (let pause = PAUSE.first; performance.now() < deadline; pause = Math.min(PAUSE.longest, pause * 1.5)) {
    family.look();
    if (gone()) {
      const left = family.left();
      if (left.length === 0) return false;
      // The signal didn't reach these, and their parent ended without ending them.
      for (const one of left) {
        if (told.has(one)) continue;
        told.add(one);
        signalOne(one, "SIGTERM");
      }
    }
    await sleep(Math.min(pause, Math.max(0, deadline - performance.now())));
  }
  family.look();
  const forced = !gone() || family.left().length > 0;
  signalGroup(pid, "SIGKILL");
  for (const one of family.left()) signalOne(one, "SIGKILL");
  const limit = performance.now() + KILL_TIME;
  while (family.left().length > 0 && performance.now() < limit) await sleep(10);
  return forced;
}
