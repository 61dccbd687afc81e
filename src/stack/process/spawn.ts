import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { BindPolicy } from "../../confine/bind-policy.ts";
import type { Redirection } from "../../confine/calls/bind-verdict.ts";
import { callGuard, type Leading } from "../../confine/calls/launch.ts";
import { withPreload } from "../../confine/calls/with-preload.ts";
import { type ChildStdio, nodeStdio } from "../../confine/child-stdio.ts";
import { isFault } from "../../fault/fault.ts";
import type { Launch } from "../../services/kind/kind.ts";
import type { Privileged } from "./lost-rights.ts";
import { missingProgram, wholeCommand } from "./whole-command.ts";

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It was to get rights from the system at its start, and got none under its policy for binds. */
  readonly unprivileged?: Privileged;
}

/** A process that was started as the leader of a group of its own. */
export interface Spawned {
  readonly pid: number;
  /** Its pipes; null: that stream is something else. */
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  readonly exited: Promise<Exit>;
}

/** What its starter hears of a process, and says of its connects. */
interface SpawnNews {
  /** Gets lines about its calls for the log. */
  readonly note: (text: string) => void;
  readonly leading?: Leading | undefined;
}

/**
 * Starts a process under a policy for its binds. An error is the system's,
 * with its code, as Node's `spawn` has it.
 */
export async function spawnUnder(
  policy: BindPolicy,
  launch: Launch,
  stdio: ChildStdio,
  { note, leading }: SpawnNews,
): Promise<Spawned | NodeJS.ErrnoException> {
  const missing = launch.within === undefined ? null : missingProgram(launch);
  if (missing !== null) return missing;
  if (policy !== "fix") return await spawnPlain(launch, stdio);
  const guard = await callGuard();
  if (isFault(guard)) {
    note(`${guard.message}; Node programs are kept to loopback by a preload, others are watched`);
    return await spawnPlain({ ...launch, env: withPreload(launch.env) }, stdio);
  }
  const { cwd, env, uid, gid } = launch;
  const command = wholeCommand(launch);
  const [program = "", ...args] = typeof command === "string" ? [command] : command;
  const order = {
    ...{ program, args, shell: typeof command === "string", cwd, env, stdio },
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  };
  const turned = ({ from, to, chosen }: Redirection) => {
    if (chosen !== undefined) return leading?.kept(chosen);
    note(to === null ? `kept from listening on ${from}: it was bound before` : `turned ${from} to ${to}`);
  };
  return await guard.start(order, { turned, leading });
}

function spawnPlain(launch: Launch, stdio: ChildStdio): Promise<Spawned | NodeJS.ErrnoException> {
  return new Promise((resolve) => {
    try {
      const child = spawnChild(launch, stdio);
      const exited = new Promise<Exit>((ended) => {
        child.once("exit", (code, signal) => ended({ code, signal }));
      });
      const { stdin, stdout, stderr } = child;
      child.once("spawn", () => resolve({ pid: child.pid ?? 0, stdin, stdout, stderr, exited }));
      // Stays on: a failed kill is reported here as well, and must not end the runner.
      child.on("error", resolve);
    } catch (error) {
      // A NUL in an argument, or a list longer than the system takes.
      resolve(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

function spawnChild(launch: Launch, stdio: ChildStdio): ChildProcess {
  const { cwd, env, uid, gid } = launch;
  const command = wholeCommand(launch);
  const options = {
    cwd,
    env,
    // A group of its own: one signal reaches all that it starts, and the terminal's Ctrl-C doesn't reach it directly.
    detached: process.platform !== "win32",
    windowsHide: true,
    stdio: nodeStdio(stdio),
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  };
  if (typeof command === "string") return spawn(command, { ...options, shell: true });
  const [program = "", ...args] = command;
  return spawn(program, args, options);
}
