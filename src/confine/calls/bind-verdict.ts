import { fstatSync } from "node:fs";
import * as kernel from "../system-calls.ts";
import { mayBindPort } from "./caller-rights.ts";
import type { Caller } from "./callers.ts";
import type { Answer, Notification } from "./notification.ts";
import { AF_INET6, atPort, isMapped, portOf, type SocketKind, shownSocket, turned } from "./redirect.ts";
import {
  type Failure,
  isInThisNetwork,
  kindOf,
  LONGEST_ADDRESS,
  nameOf,
  option,
  SO_PROTOCOL,
  SOL_SOCKET,
  takeSocket,
} from "./socket-copy.ts";

const { EACCES = 13, EFAULT = 14, EINVAL = 22, ENOTSOCK = 88, EPERM = 1 } = kernel.ERRNO;

const IPPROTO_MPTCP = 262;

/** What was done with a call, for the service's log. */
export interface Redirection {
  readonly from: string;
  /** Null: the call was refused. */
  readonly to: string | null;
  /** The socket that was turned, by its number among this system's; absent where it isn't known. */
  readonly inode?: number;
  /** It is at another port than its code chose, which is this one. Absent: at that. */
  readonly chosen?: number;
}

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

/** What a judgement rests on besides the call. */
export interface Rules {
  /** Before Linux 5.19 a signal takes a caller out of its wait though its call was carried out: it calls again then. */
  readonly repeats: boolean;
  /** Whether the caller is the one that the call came from; false: it has gone. */
  readonly stillWaits: () => boolean;
  /** Called before a caller takes IPv6's loopback at a port by itself. False: it has to wait for that. */
  readonly mayTake: (port: number) => boolean;
  /** The port to bind instead of one that the caller chose, or it itself. `later`: it isn't known yet. */
  readonly portInstead: (port: number) => number | "later";
}

/**
 * Judges one call. What is turned to loopback is carried out here instead, on a copy of the caller's very socket: what is
 * bound is what was looked at, whatever the caller writes over its memory meanwhile. All else the kernel does itself, with
 * the caller's rights and restrictions. TCP alone is turned: a UDP socket is bound to all addresses by every client that
 * waits for an answer. Null: the caller has gone. `later`: it is to be judged again.
 */
export function judgeBind(
  { thread, args }: Notification,
  call: "bind" | "listen",
  caller: Caller | null,
  rules: Rules,
): Judgement | "later" | null {
  const { stillWaits } = rules;
  // In a network namespace of its own (a container) a process may bind what it likes.
  if (!isInThisNetwork(thread)) return stillWaits() ? { answer: "continue" } : null;
  const socket = takeSocket(caller, args[0]);
  if (typeof socket !== "number") {
    const hidden = socket.error === EACCES ? { turn: { from: "a socket that may not be looked into", to: null } } : {};
    return { answer: socket, ...hidden };
  }
  try {
    const kind = kindOf(socket);
    if (kind === null) return { answer: { error: ENOTSOCK } };
    if (kind === "other") return stillWaits() ? { answer: "continue" } : null;
    if (call === "listen") return stillWaits() ? listenAt(socket, args[1], kind) : null;
    const address = readMemory(thread, args[1], args[2]);
    if (!Buffer.isBuffer(address)) return stillWaits() ? { answer: address } : null;
    const port = rules.portInstead(portOf(address));
    if (port === "later") return "later";
    const instead = insteadOf(socket, address, kind, port);
    const allowed = instead === null || mayBindPort(thread, portOf(instead));
    // What was read about the caller is valid only while it still waits: its pid may belong to another process by now.
    if (!stillWaits()) return null;
    // If its memory has another address by then, no harm is done: nobody can connect before listen, which is checked as well.
    if (instead === null) {
      return kind.family !== AF_INET6 || rules.mayTake(portOf(address)) ? { answer: "continue" } : "later";
    }
    return allowed ? bindAt(socket, address, instead, kind, rules) : { answer: { error: EACCES } };
  } finally {
    kernel.close(socket);
  }
}

/** The address on loopback that is to be bound; null: the caller's own will do. */
function insteadOf(socket: number, address: Buffer, kind: SocketKind, port: number): Buffer | null {
  // Without a port it may be a client that chooses its source address; if it listens later, it is redirected then.
  // Not so MPTCP: its clients hardly bind, its servers are Go's, and it can't be unbound.
  const maybeClient = portOf(address) === 0 && option(socket, SOL_SOCKET, SO_PROTOCOL) !== IPPROTO_MPTCP;
  const there = maybeClient ? null : turned(address, kind);
  return port === portOf(address) || address.readUInt16LE(0) !== kind.family ? there : atPort(there ?? address, port);
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
      ...(portOf(address) !== 0 && portOf(instead) !== portOf(address) && { chosen: portOf(address) }),
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

function readMemory(thread: number, at: number, bytes: number): Buffer | Failure {
  if (bytes < 0 || bytes > LONGEST_ADDRESS) return { error: EINVAL };
  const into = Buffer.alloc(bytes);
  const read = bytes === 0 ? 0 : kernel.readProcessMemory(thread, at, into, bytes);
  if (read === bytes) return into;
  return { error: read === -1 && kernel.errno() === EPERM ? EACCES : EFAULT };
}
