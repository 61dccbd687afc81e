import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { answerCalls } from "../../async/worker-call.ts";
import { type ChildStdio, PIPES } from "../child-stdio.ts";
import * as kernel from "../system-calls.ts";
import { callFilter } from "./seccomp-filter.ts";

/** A process to start, as Node's `spawn` takes it. */
export interface LaunchOrder {
  readonly program: string;
  readonly args: readonly string[];
  readonly shell: boolean;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
  /** Absent: no input, and pipes for its output. */
  readonly stdio?: ChildStdio;
}

/** The filter is on, or why it can't be. */
export type Filter =
  /** `notify`: where its questions come. `repeats`: a signal makes a caller ask again. */
  { readonly notify: number; readonly repeats: boolean } | { readonly why: string };

export type Launched =
  /** This process's ends of its pipes; null: that stream is none. */
  | {
      readonly pid: number;
      readonly stdin: number | null;
      readonly stdout: number | null;
      readonly stderr: number | null;
    }
  | { readonly message: string; readonly code: string | undefined };

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What the thread can be asked. */
export interface LaunchMethods {
  /** Must be called first, once. */
  readonly putFilter: () => Filter;
  readonly start: (order: LaunchOrder) => Promise<Launched>;
  /** Answered when a process that was started here ends; asked once for each. */
  readonly ended: (pid: number) => Promise<Exit>;
}

/** seccomp(2): a descriptor for questions; a caller waits for its answer through all but deadly signals; full speed. */
const NEW_LISTENER = 1 << 3;
const WAIT_KILLABLE = 1 << 5;
const KEEP_SPEED = 1 << 2;

/** Of processes whose end was not asked for yet. */
const exits = new Map<number, Promise<Exit>>();

/**
 * A thread that has the filter, and so has all that it starts: a filter is a thread's own until it says otherwise, and
 * what a thread starts inherits it. So a service needs no launcher in front of it. This thread must never bind or listen.
 */
answerCalls<LaunchMethods>({ putFilter, start, ended });

function putFilter(): Filter {
  const code = callFilter(process.arch);
  if (code === null) return { why: `no filter for ${process.arch}` };
  const blind = cannotLook();
  if (blind !== null) return { why: blind };
  // Without root's rights the kernel asks for this first; with them setuid programs go on working.
  const first = install(code);
  if (first !== null) return first;
  kernel.noNewPrivileges();
  return install(code) ?? { why: `the kernel refuses a filter (errno ${kernel.errno()})` };
}

/** Why a child's sockets can't be taken; null when they can. */
function cannotLook(): string | null {
  const self = kernel.pidfdOpen(process.pid);
  const copy = self === -1 ? -1 : kernel.pidfdGetfd(self, self);
  const why = copy === -1 ? `the kernel refuses pidfd_getfd (errno ${kernel.errno()})` : null;
  for (const fd of [self, copy]) if (fd !== -1) kernel.close(fd);
  // Yama's scope 1 lets parents look; 2 and more only root, or nobody.
  return why ?? (yamaScope() > 1 && process.geteuid?.() !== 0 ? "kernel.yama.ptrace_scope forbids it" : null);
}

function yamaScope(): number {
  try {
    return Number(readFileSync("/proc/sys/kernel/yama/ptrace_scope", "latin1"));
  } catch {
    return 0;
  }
}

function install(code: Buffer): Filter | null {
  for (const retrying of [WAIT_KILLABLE, 0]) {
    const notify = kernel.installFilter(code, NEW_LISTENER | KEEP_SPEED | retrying);
    if (notify !== -1) return { notify, repeats: retrying === 0 };
  }
  return null;
}

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;

/** Both ends of a stream, as Node's own pipes to children are: ours and the child's. */
function stream(): [number, number] {
  const pair = Buffer.alloc(8);
  if (kernel.socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) === -1) {
    throw Object.assign(new Error(`this process can open no more files (errno ${kernel.errno()})`), { code: "EMFILE" });
  }
  return [pair.readInt32LE(0), pair.readInt32LE(4)];
}

async function start(order: LaunchOrder): Promise<Launched> {
  const ours: number[] = [];
  const theirs: number[] = [];
  const end = (wanted: ChildStdio[keyof ChildStdio]): { mine: number | null; its: "nothing" | number } => {
    if (wanted !== "pipe") return { mine: null, its: wanted };
    const [mine, its] = stream();
    ours.push(mine);
    theirs.push(its);
    return { mine, its };
  };
  try {
    const stdio = order.stdio ?? PIPES;
    const stdin = end(stdio.stdin);
    const stdout = end(stdio.stdout);
    const stderr = end(stdio.stderr);
    const pid = await spawned(spawnWith(order, [stdin.its, stdout.its, stderr.its]));
    return { pid, stdin: stdin.mine, stdout: stdout.mine, stderr: stderr.mine };
  } catch (error) {
    for (const fd of ours) kernel.close(fd);
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
    return { message, code };
  } finally {
    for (const fd of theirs) kernel.close(fd);
  }
}

function spawnWith(
  { program, args, shell, cwd, env, uid, gid }: LaunchOrder,
  streams: readonly ("nothing" | number)[],
): ChildProcess {
  return spawn(program, args, {
    shell,
    cwd,
    env,
    // As every service is started: see stack/process/spawn.ts.
    detached: true,
    stdio: streams.map((one) => (one === "nothing" ? "ignore" : one)),
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  });
}

/** The pid, once the process runs; throws as `spawn` does. */
function spawned(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const exit = new Promise<Exit>((end) => child.once("exit", (code, signal) => end({ code, signal })));
    child.once("error", reject);
    child.once("spawn", () => {
      const { pid = 0 } = child;
      exits.set(pid, exit);
      resolve(pid);
    });
  });
}

async function ended(pid: number): Promise<Exit> {
  const exit = await exits.get(pid);
  exits.delete(pid);
  return exit ?? { code: null, signal: null };
}
