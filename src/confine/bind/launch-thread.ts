import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { isMainThread, type MessagePort, parentPort } from "node:worker_threads";
import * as kernel from "../system-calls.ts";
import { bindFilter } from "./seccomp-filter.ts";

/** A process to start, as Node's `spawn` takes it. */
export interface LaunchOrder {
  readonly id: number;
  readonly program: string;
  readonly args: readonly string[];
  readonly shell: boolean;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
}

export type LaunchNews =
  /** The filter is on. `notify`: where its questions come. `repeats`: a signal makes a caller ask again. */
  | { readonly news: "guarded"; readonly notify: number; readonly repeats: boolean }
  | { readonly news: "unguarded"; readonly why: string }
  /** `out`, `err`: this process's ends of its output. */
  | { readonly news: "started"; readonly id: number; readonly pid: number; readonly out: number; readonly err: number }
  | { readonly news: "unstarted"; readonly id: number; readonly message: string; readonly code: string | undefined }
  | {
      readonly news: "ended";
      readonly id: number;
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
    };

/** seccomp(2): a descriptor for questions; a caller waits for its answer through all but deadly signals; full speed. */
const NEW_LISTENER = 1 << 3;
const WAIT_KILLABLE = 1 << 5;
const KEEP_SPEED = 1 << 2;

if (!isMainThread && parentPort !== null) launch(parentPort);

/**
 * A thread that has the filter, and so has all that it starts: a filter is a thread's own until it says otherwise, and
 * what a thread starts inherits it. So a service needs no launcher in front of it. This thread must never bind or listen.
 */
function launch(port: MessagePort): void {
  const tell = (news: LaunchNews) => port.postMessage(news);
  const guarded = putFilter();
  tell(guarded);
  if (guarded.news !== "guarded") return port.close();
  port.on("message", (order: LaunchOrder) => start(order, tell));
}

function putFilter(): Extract<LaunchNews, { news: "guarded" | "unguarded" }> {
  const code = bindFilter(process.arch);
  if (code === null) return { news: "unguarded", why: `no filter for ${process.arch}` };
  const blind = cannotLook();
  if (blind !== null) return { news: "unguarded", why: blind };
  // Without root's rights the kernel asks for this first; with them setuid programs go on working.
  const first = install(code);
  if (first !== null) return first;
  kernel.noNewPrivileges();
  const second = install(code);
  return second ?? { news: "unguarded", why: `the kernel refuses a filter (errno ${kernel.errno()})` };
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

function install(code: Buffer): Extract<LaunchNews, { news: "guarded" }> | null {
  for (const retrying of [WAIT_KILLABLE, 0]) {
    const notify = kernel.installFilter(code, NEW_LISTENER | KEEP_SPEED | retrying);
    if (notify !== -1) return { news: "guarded", notify, repeats: retrying === 0 };
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
    throw Object.assign(new Error(`no more descriptors (errno ${kernel.errno()})`), { code: "EMFILE" });
  }
  return [pair.readInt32LE(0), pair.readInt32LE(4)];
}

function start(order: LaunchOrder, tell: (news: LaunchNews) => void): void {
  const { id, program, args, shell, cwd, env, uid, gid } = order;
  const failed = (error: unknown) => {
    for (const fd of ours) kernel.close(fd);
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
    tell({ news: "unstarted", id, message, code });
  };
  const ours: number[] = [];
  const theirs: number[] = [];
  try {
    for (let at = 0; at < 2; at++) {
      const [mine, its] = stream();
      ours.push(mine);
      theirs.push(its);
    }
    const [out = -1, err = -1] = ours;
    const child = spawn(program, args, {
      shell,
      cwd,
      env,
      // As every service is started: see stack/process.ts.
      detached: true,
      stdio: ["ignore", ...theirs],
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
    });
    child.once("spawn", () => tell({ news: "started", id, pid: child.pid ?? 0, out, err }));
    child.once("error", failed);
    child.once("exit", (code, signal) => tell({ news: "ended", id, code, signal }));
  } catch (error) {
    failed(error);
  } finally {
    for (const fd of theirs) kernel.close(fd);
  }
}
