import { type ChildProcess, spawn } from "node:child_process";
import { type Fault, fault } from "../fault/fault.ts";
import { machine } from "../machine/machine.ts";
import type { Launch } from "../services/kind.ts";
import { lineSplitter } from "./lines.ts";
import type { LogLine, ProcessIdentity } from "./session.ts";

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningProcess {
  readonly identity: ProcessIdentity;
  readonly ended: Promise<Exit>;
  /** The signal to the whole group, then SIGKILL to it and to descendants that left it. Safe to call again. */
  readonly stop: (signal: NodeJS.Signals, patience: number) => Promise<void>;
}

/** After SIGKILL, how long the kernel may take to free a process, ms. */
const KILL_TIME = 2_000;

/** Starts a process as the leader of a group of its own. Fault: COMMAND_MISSING, or what the system says. */
export async function startProcess(
  launch: Launch,
  env: NodeJS.ProcessEnv,
  onLine: (stream: LogLine["stream"], text: string) => void,
): Promise<RunningProcess | Fault> {
  const child = spawnLaunch(launch, env);
  const failure = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    child.once("spawn", () => resolve(null));
    child.once("error", resolve);
  });
  if (failure !== null || child.pid === undefined) return cannotStart(launch, failure);
  const { pid } = child;
  const identity = { pid, started: machine.startStamp(pid) ?? "" };

  const out = lineSplitter((text) => onLine("stdout", text));
  const err = lineSplitter((text) => onLine("stderr", text));
  child.stdout?.on("data", out.write);
  child.stderr?.on("data", err.write);
  const ended = new Promise<Exit>((resolve) => {
    child.once("exit", (code, signal) => {
      // Its last lines are still in the pipe; descendants that keep the pipe open must not hold up the news.
      const done = () => {
        out.end();
        err.end();
        resolve({ code, signal });
      };
      const timer = setTimeout(done, 100);
      child.once("close", () => {
        clearTimeout(timer);
        done();
      });
    });
  });
  let stopping: Promise<void> | undefined;
  return {
    identity,
    ended,
    stop: (signal, patience) => {
      stopping ??= stopFamily(pid, ended, signal, patience);
      return stopping;
    },
  };
}

function spawnLaunch({ command, cwd, uid, gid }: Launch, env: NodeJS.ProcessEnv): ChildProcess {
  const options = {
    cwd,
    env,
    // A group of its own: one signal reaches what it starts, and the terminal's Ctrl-C doesn't reach it past us.
    detached: process.platform !== "win32",
    windowsHide: true,
    stdio: ["ignore", "pipe", "pipe"] as ("ignore" | "pipe")[],
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  };
  if (typeof command === "string") return spawn(command, { ...options, shell: true });
  const [program = "", ...args] = command;
  return spawn(program, args, options);
}

function cannotStart({ command, cwd }: Launch, error: NodeJS.ErrnoException | null): Fault {
  const program = typeof command === "string" ? (command.split(/\s/, 1)[0] ?? "") : (command[0] ?? "");
  if (error?.code === "ENOENT") {
    return fault(
      "COMMAND_MISSING",
      `${program} was not found (in ${cwd})`,
      "install it, or check the name and the folder",
      { program, cwd },
    );
  }
  return fault(
    "COMMAND_MISSING",
    `${program} could not be started: ${error?.message ?? "unknown"}`,
    "check that it may be run",
    { program, cwd },
  );
}

async function stopFamily(pid: number, ended: Promise<Exit>, signal: NodeJS.Signals, patience: number): Promise<void> {
  // Looked up before the parent is gone: afterwards nothing links them to it.
  const family = new Map<number, string>();
  const look = () => {
    for (const one of [...machine.processGroup(pid), ...machine.descendants(pid)]) {
      const stamp = machine.startStamp(one);
      if (stamp !== null && !family.has(one)) family.set(one, stamp);
    }
  };
  const left = () => [...family].filter(([one, started]) => machine.isRunning({ pid: one, started }));
  look();
  send(-pid, signal);
  const deadline = performance.now() + patience;
  let gone = false;
  void ended.then(() => {
    gone = true;
  });
  while (performance.now() < deadline) {
    if (gone && left().length === 0) return;
    await sleep(20);
    if (!gone) look();
  }
  look();
  send(-pid, "SIGKILL");
  for (const [one] of left()) send(one, "SIGKILL");
  const limit = performance.now() + KILL_TIME;
  while (left().length > 0 && performance.now() < limit) await sleep(10);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(process.platform === "win32" ? Math.abs(pid) : pid, signal);
  } catch {
    // Gone already.
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
