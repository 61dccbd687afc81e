import koffi from "koffi";

/**
 * Linux system calls that Node doesn't offer. Each returns what the system returns: -1 when it fails, and {@link errno}.
 * Loading this takes some 6 ms: only what needs it does.
 */
const libc = koffi.load(null);

export const socketpair: (domain: number, type: number, protocol: number, pair: Buffer) => number = libc.func(
  "socketpair",
  "int",
  ["int", "int", "int", "void *"],
);
export const eventfd: (value: number, flags: number) => number = libc.func("eventfd", "int", ["uint", "int"]);
export const poll: (fds: Buffer, count: number, timeout: number) => number = libc.func("poll", "int", [
  "void *",
  "ulong",
  "int",
]);
export const socket: (domain: number, type: number, protocol: number) => number = libc.func("socket", "int", [
  "int",
  "int",
  "int",
]);
export const bind: (fd: number, address: Buffer, length: number) => number = libc.func("bind", "int", [
  "int",
  "void *",
  "uint",
]);
export const connect: (fd: number, address: Buffer, length: number) => number = libc.func("connect", "int", [
  "int",
  "void *",
  "uint",
]);
export const listen: (fd: number, backlog: number) => number = libc.func("listen", "int", ["int", "int"]);
export const close: (fd: number) => number = libc.func("close", "int", ["int"]);
export const getsockname: (fd: number, address: Buffer, length: Buffer) => number = libc.func("getsockname", "int", [
  "int",
  "void *",
  "void *",
]);
export const getsockopt: (fd: number, level: number, name: number, value: Buffer, length: Buffer) => number = libc.func(
  "getsockopt",
  "int",
  ["int", "int", "int", "void *", "void *"],
);
export const setsockopt: (fd: number, level: number, name: number, value: Buffer, length: number) => number = libc.func(
  "setsockopt",
  "int",
  ["int", "int", "int", "void *", "uint"],
);
const fcntl: (fd: number, command: number, argument: number) => number = libc.func("fcntl", "int", [
  "int",
  "int",
  "long",
]);
export const getxattr: (path: string, name: string, value: Buffer, size: number) => number = libc.func(
  "getxattr",
  "long",
  ["str", "str", "void *", "size_t"],
);
/** Every request used here takes a pointer; declared without `...`, which is the same to Linux's calling conventions. */
export const ioctl: (fd: number, request: number, argument: Buffer) => number = libc.func("ioctl", "int", [
  "int",
  "ulong",
  "void *",
]);
const prctl: (option: number, a: number, b: number, c: number, d: number) => number = libc.func("prctl", "int", [
  "int",
  "ulong",
  "ulong",
  "ulong",
  "ulong",
]);
const syscall3: (number: number, a: number, b: number, c: number) => number = libc.func("syscall", "long", [
  "long",
  "long",
  "long",
  "long",
]);
const syscall4: (number: number, a: number, b: number, c: number, d: number) => number = libc.func("syscall", "long", [
  "long",
  "long",
  "long",
  "long",
  "long",
]);
const program = koffi.struct({ length: "uint16", filter: "void *" });
const setFilter: (fd: number, level: number, name: number, filter: unknown, length: number) => number = libc.func(
  "setsockopt",
  "int",
  ["int", "int", "int", koffi.pointer(program), "uint"],
);
const seccompCall: (number: number, operation: number, flags: number, argument: unknown) => number = libc.func(
  "syscall",
  "long",
  ["long", "uint", "uint", koffi.pointer(program)],
);

/** Why the last call of this thread failed. */
export const errno = (): number => koffi.errno();

export const ERRNO = koffi.os.errno as Readonly<Record<string, number>>;

const { EPERM = 1 } = ERRNO;

/** Both are the same on every 64-bit architecture (asm-generic/unistd.h and x86-64). */
const PIDFD_OPEN = 434;
const PIDFD_GETFD = 438;
const SECCOMP = process.arch === "arm64" ? 277 : 317;

/** A handle on a process by the pid of its first thread. */
export const pidfdOpen = (pid: number): number => syscall3(PIDFD_OPEN, pid, 0, 0);

/** A copy, in this process, of another one's descriptor. Needs what ptrace needs: the same user, or an ancestor. */
export const pidfdGetfd = (pidfd: number, fd: number): number => syscall3(PIDFD_GETFD, pidfd, fd, 0);

const F_GETFL = 3;

/** The flags of an open file, O_NONBLOCK among them; -1 where it is none. */
export const fileFlags = (fd: number): number => fcntl(fd, F_GETFL, 0);

const tgkill: (process: number, thread: number, signal: number) => number = libc.func("tgkill", "int", [
  "int",
  "int",
  "int",
]);
/** The same on every 64-bit architecture. */
const PIDFD_SEND_SIGNAL = 424;

/** Whether this thread is one of this process's now. */
export const isThreadOf = (thread: number, pid: number): boolean => tgkill(pid, thread, 0) === 0 || errno() === EPERM;

/** Whether the process of a handle runs, or waits for its parent as a zombie. */
export const isThere = (pidfd: number): boolean =>
  syscall4(PIDFD_SEND_SIGNAL, pidfd, 0, 0, 0) === 0 || errno() === EPERM;

const own = koffi.struct({ base: "void *", length: "size_t" });
const foreign = koffi.struct({ base: "uint64", length: "size_t" });
const processVmReadv: (
  pid: number,
  into: { base: Buffer; length: number },
  one: 1,
  from: { base: number; length: number },
  alsoOne: 1,
  flags: 0,
) => number = libc.func("process_vm_readv", "long", [
  "int",
  koffi.pointer(own),
  "ulong",
  koffi.pointer(foreign),
  "ulong",
  "ulong",
]);

/** Reads another process's memory, by one of its threads: how many bytes there are, or -1. Needs what ptrace needs. */
export function readProcessMemory(thread: number, at: number, into: Buffer, length: number): number {
  return processVmReadv(thread, { base: into, length }, 1, { base: at, length }, 1, 0);
}

const SET_MODE_FILTER = 1;

/** Puts a filter on this very thread and what it starts. The notify descriptor, or -1. */
export function installFilter(code: Buffer, flags: number): number {
  return seccompCall(SECCOMP, SET_MODE_FILTER, flags, { length: code.length / 8, filter: code });
}

const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
const SO_DETACH_FILTER = 27;
/** `sizeof(struct sock_fprog)` on 64-bit systems. */
const PROGRAM_SIZE = 16;

/** A filter for what a socket receives: socket(7). */
export function attachFilter(socket: number, code: Buffer): number {
  return setFilter(socket, SOL_SOCKET, SO_ATTACH_FILTER, { length: code.length / 8, filter: code }, PROGRAM_SIZE);
}

export function detachFilter(socket: number): number {
  return setFilter(socket, SOL_SOCKET, SO_DETACH_FILTER, { length: 0, filter: null }, PROGRAM_SIZE);
}

const PR_SET_CHILD_SUBREAPER = 36;

/** From here on a descendant whose parent ends becomes this process's child instead of init's: prctl(2). */
export const becomeSubreaper = (): number => prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);

const WNOHANG = 1;
const waitpid: (pid: number, status: null, options: number) => number = libc.func("waitpid", "int", [
  "int",
  "void *",
  "int",
]);

/** Frees what the kernel keeps of a child that has ended. */
export const reap = (pid: number): number => waitpid(pid, null, WNOHANG);

const PR_SET_NO_NEW_PRIVS = 38;

/** From here on setuid programs give this thread, and what it starts, no rights: without root no filter can be set before. */
export const noNewPrivileges = (): number => prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
