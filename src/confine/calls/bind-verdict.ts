import { closeSync, fstatSync, openSync, readFileSync, readlinkSync, readSync } from "node:fs";
import * as kernel from "../system-calls.ts";
import { mayBindPort } from "./caller-rights.ts";
import type { Answer, Notification } from "./notification.ts";
import { AF_INET, AF_INET6, isMapped, portOf, type SocketKind, shownSocket, turned } from "./redirect.ts";

const { EACCES = 13, EBADF = 9, EFAULT = 14, EINVAL = 22, ENOTSOCK = 88, ESRCH = 3 } = kernel.ERRNO;

/** Socket options: asm-generic/socket.h, in6.h. */
const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SO_PROTOCOL = 38;
const SO_DOMAIN = 39;
const IPPROTO_MPTCP = 262;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const SOCK_STREAM = 1;

/** `sizeof(struct sockaddr_storage)`: the kernel refuses longer ones. */
const LONGEST_ADDRESS = 128;

/** What was done with a call, for the service's log. */
export interface Redirection {
  readonly from: string;
  /** Null: the call was refused. */
  readonly to: string | null;
  /** The socket that was turned, by its number among this system's; absent where it isn't known. */
  readonly inode?: number;
}

type Failure = Extract<Answer, { error: number }>;

/** A listener, by its port and its socket's number among this system's. */
export interface Alone {
  readonly port: number;
  readonly inode: number;
}

export interface Judgement {
  readonly answer: Answer;
  readonly turn?: Redirection;
  /** A new listener for both families that has IPv4's loopback alone. */
  readonly alone?: Alone;
}

export interface Rules {
  /** Before Linux 5.19 a signal takes a caller out of its wait though its call was carried out: it calls again then. */
  readonly repeats: boolean;
  /** Called before a caller takes IPv6's loopback at a port by itself. */
  readonly takes: (port: number) => void;
}

/**
 * Judges one call. What is turned to loopback is carried out here instead, on a copy of the caller's very socket: what is
 * bound is what was looked at, whatever the caller writes over its memory meanwhile. All else the kernel does itself, with
 * the caller's rights and restrictions. TCP alone is turned: a UDP socket is bound to all addresses by every client that
 * waits for an answer. `stillWaits` tells whether the caller is the one that the call came from; null: it has gone.
 */
export function judgeBind(
  { thread, args }: Notification,
  call: "bind" | "listen",
  rules: Rules,
  stillWaits: () => boolean,
): Judgement | null {
  // In a network namespace of its own (a container) a process may bind what it likes.
  if (networkOf(thread) !== ownNetwork) return stillWaits() ? { answer: "continue" } : null;
  const socket = takeSocket(thread, args[0]);
  if (typeof socket !== "number") {
    const hidden = socket.error === EACCES ? { turn: { from: "a socket that may not be looked into", to: null } } : {};
    return { answer: socket, ...hidden };
  }
  try {
    const family = option(socket, SOL_SOCKET, SO_DOMAIN);
    if (family === null) return { answer: { error: ENOTSOCK } };
    const tcp = (family === AF_INET || family === AF_INET6) && option(socket, SOL_SOCKET, SO_TYPE) === SOCK_STREAM;
    if (!tcp) return stillWaits() ? { answer: "continue" } : null;
    const kind: SocketKind = { family, onlyV6: family === AF_INET6 && option(socket, IPPROTO_IPV6, IPV6_V6ONLY) === 1 };
    if (call === "listen") return stillWaits() ? listenAt(socket, args[1], kind) : null;
    const address = readMemory(thread, args[1], args[2]);
    if (!Buffer.isBuffer(address)) return stillWaits() ? { answer: address } : null;
    const instead = insteadOf(socket, address, kind);
    const allowed = instead === null || mayBindPort(thread, portOf(address));
    // What was read about the caller is valid only while it still waits: its pid may belong to another process by now.
    if (!stillWaits()) return null;
    // If its memory has another address by then, no harm is done: nobody can connect before listen, which is checked as well.
    if (instead === null) {
      if (family === AF_INET6) rules.takes(portOf(address));
      return { answer: "continue" };
    }
    return allowed ? bindAt(socket, address, instead, kind, rules) : { answer: { error: EACCES } };
  } finally {
    kernel.close(socket);
  }
}

/** The address on loopback that is to be bound; null: the caller's own will do. */
function insteadOf(socket: number, address: Buffer, kind: SocketKind): Buffer | null {
  // Without a port it may be a client that chooses its source address; if it listens later, it is redirected then.
  // Not so MPTCP: its clients hardly bind, its servers are Go's, and it can't be unbound.
  const maybeClient = portOf(address) === 0 && option(socket, SOL_SOCKET, SO_PROTOCOL) !== IPPROTO_MPTCP;
  return maybeClient ? null : turned(address, kind);
}

function bindAt(socket: number, address: Buffer, instead: Buffer, kind: SocketKind, rules: Rules): Judgement {
  const answer = bindTo(socket, instead, rules);
  if (answer !== 0) return { answer };
  return {
    answer,
    turn: {
      from: shownSocket(address, kind.family),
      to: shownSocket(nameOf(socket) ?? instead, kind.family),
      inode: fstatSync(socket).ino,
    },
  };
}

function bindTo(socket: number, address: Buffer, rules: Rules): Answer {
  const answer = outcome(kernel.bind(socket, address, address.length));
  if (!rules.repeats || answer === 0 || answer === "continue" || answer.error !== EINVAL) return answer;
  const port = portOf(address);
  const now = portOf(nameOf(socket) ?? address);
  return now !== 0 && (port === 0 || port === now) ? 0 : answer;
}

function listenAt(socket: number, backlog: number, kind: SocketKind): Judgement {
  const before = nameOf(socket);
  if (before === null) return { answer: { error: EINVAL } };
  const instead = turned(before, kind);
  if (instead === null) return { answer: outcome(kernel.listen(socket, backlog)), ...aloneAt(socket, before, kind) };
  const from = shownSocket(before, kind.family);
  if (portOf(before) !== 0) {
    giveUpPort(socket);
  }
  if (kernel.bind(socket, instead, instead.length) === -1) {
    const error = kernel.errno();
    return error === EINVAL ? { answer: { error: EACCES }, turn: { from, to: null } } : { answer: { error } };
  }
  const answer = outcome(kernel.listen(socket, backlog));
  const now = nameOf(socket);
  if (answer !== 0 || now === null) return { answer };
  const turn = { from, to: shownSocket(now, kind.family), inode: fstatSync(socket).ino };
  return { answer, turn, ...aloneAt(socket, now, kind) };
}

function aloneAt(socket: number, address: Buffer, { family, onlyV6 }: SocketKind): { alone?: Alone } {
  const alone = family === AF_INET6 && !onlyV6 && isMapped(address);
  return alone ? { alone: { port: portOf(address), inode: fstatSync(socket).ino } } : {};
}

/** `struct sockaddr` of AF_UNSPEC. */
const UNSPECIFIED = Buffer.alloc(16);
/** A socket filter that drops everything: one BPF line, `return 0`. */
const DROP_ALL = Buffer.from([0x06, 0, 0, 0, 0, 0, 0, 0]);

/**
 * Unbinds a socket whose port the kernel chose; one that the caller chose stays, and another bind is refused. A
 * disconnect does it (connect(2): AF_UNSPEC), but only for a socket that listens or is connected: it listens for that
 * moment, with a filter that drops everything.
 */
function giveUpPort(socket: number): void {
  if (kernel.attachFilter(socket, DROP_ALL) === -1) return;
  if (kernel.listen(socket, 0) !== -1) kernel.connect(socket, UNSPECIFIED, UNSPECIFIED.length);
  kernel.detachFilter(socket);
}

const outcome = (result: number): Answer => (result === -1 ? { error: kernel.errno() } : 0);

/** A copy of a thread's socket in this process, or what to answer without one. */
function takeSocket(thread: number, fd: number): number | Failure {
  let handle = kernel.pidfdOpen(thread);
  // Only a process's first thread can be opened.
  if (handle === -1) handle = kernel.pidfdOpen(processOf(thread));
  if (handle === -1) return { error: ESRCH };
  const socket = kernel.pidfdGetfd(handle, fd);
  const error = socket === -1 ? kernel.errno() : 0;
  kernel.close(handle);
  if (socket !== -1) return socket;
  // This process may not be inspected (where only parents may): refused rather than let through.
  return { error: error === EBADF ? EBADF : EACCES };
}

const value = Buffer.alloc(4);
const length = Buffer.alloc(4);

function option(socket: number, level: number, name: number): number | null {
  length.writeUInt32LE(value.length);
  return kernel.getsockopt(socket, level, name, value, length) === -1 ? null : value.readInt32LE();
}

function nameOf(socket: number): Buffer | null {
  const address = Buffer.alloc(LONGEST_ADDRESS);
  length.writeUInt32LE(address.length);
  return kernel.getsockname(socket, address, length) === -1 ? null : address.subarray(0, length.readUInt32LE());
}

function readMemory(thread: number, at: number, bytes: number): Buffer | Failure {
  if (bytes < 0 || bytes > LONGEST_ADDRESS) return { error: EINVAL };
  const into = Buffer.alloc(bytes);
  try {
    const memory = openSync(`/proc/${thread}/mem`, "r");
    try {
      return readSync(memory, into, 0, bytes, at) === bytes ? into : { error: EFAULT };
    } finally {
      closeSync(memory);
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    return { error: code === "EACCES" || code === "EPERM" ? EACCES : EFAULT };
  }
}

const ownNetwork = networkOf("self");

function networkOf(thread: number | "self"): string {
  try {
    return readlinkSync(`/proc/${thread}/ns/net`);
  } catch {
    return "unknown";
  }
}

function processOf(thread: number): number {
  return Number(/^Tgid:\t(\d+)/m.exec(status(thread))?.[1] ?? 0);
}

/** A thread's session, and its process's ancestors from the nearest on: one of them was started by us. */
export function originOf(thread: number): number[] {
  const found: number[] = [];
  for (let pid = thread; pid > 1 && found.length < 32; ) {
    const fields = stat(pid);
    if (found.length === 0) found.push(Number(fields[3]));
    found.push(pid);
    pid = Number(fields[1] ?? 0);
  }
  return found;
}

/** From the state on: /proc/pid/stat, proc_pid_stat(5). */
function stat(pid: number): string[] {
  const text = read(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

const status = (thread: number) => read(`/proc/${thread}/status`);

function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
