import * as kernel from "../system-calls.ts";
import type { Caller } from "./callers.ts";
import type { Answer, Notification } from "./notification.ts";
import {
  AF_INET,
  AF_INET6,
  isMapped,
  loopback6,
  loopbackIn,
  portOf,
  type SocketKind,
  socketAddress,
} from "./redirect.ts";
import { type KnownRoute, type RouteTable, routeTo } from "./routes.ts";
import { IPPROTO_IPV6, IPV6_V6ONLY, isInThisNetwork, kindOf, SOL_SOCKET, takeSocket } from "./socket-copy.ts";

const { EALREADY = 114, EINPROGRESS = 115, EISCONN = 106 } = kernel.ERRNO;

const O_NONBLOCK = 0o4000;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;
const SO_REUSEADDR = 2;
const SO_SNDTIMEO = 21;
/** `sizeof(struct sockaddr_in)`, the shortest address that can be meant, and of `sockaddr_in6`. */
const SIZES = { shortest: 16, longest: 28 };
/** `struct timeval`: how long a blocking connect is waited for here, 1 ms. */
const SHORT_TIME = Buffer.from(BigInt64Array.of(0n, 1_000n).buffer);
const ON = Buffer.from(Int32Array.of(1).buffer);
const OFF = Buffer.alloc(4);

/** What a judgement rests on besides the call. */
export interface ConnectRules {
  /** See the rules for binds. */
  readonly repeats: boolean;
  readonly stillWaits: () => boolean;
  readonly caller: () => Caller | null;
  /** Whether anything is led from this port: all else is passed on without a look at the caller. */
  readonly isLed: (port: number) => boolean;
  readonly tableOf: (run: string) => RouteTable | null;
  /** There is no way yet: true if the caller has to wait for one. */
  readonly holds: (run: string, service: string) => boolean;
}

const read = Buffer.alloc(SIZES.longest);

/**
 * Judges a connect. Where it is led it is carried out here, on a copy of the caller's very socket, to an address of our own:
 * what the caller writes over its memory meanwhile changes nothing. All else the kernel does itself. Null: the caller has
 * gone. `later`: it is to be judged again.
 */
export function judgeConnect({ thread, args }: Notification, rules: ConnectRules): Answer | "later" | null {
  const [fd, at, length] = args;
  if (length < SIZES.shortest) return "continue";
  const got = kernel.readProcessMemory(thread, at, read, Math.min(length, SIZES.longest));
  const address = read.subarray(0, Math.max(0, got));
  const host = loopbackIn(address);
  if (host === null) return "continue";
  const port = portOf(address);
  if (!rules.isLed(port)) return "continue";
  const caller = rules.caller();
  const table = caller?.run == null ? null : rules.tableOf(caller.run);
  if (caller?.run == null || table === null) return "continue";
  const route = routeTo(table, host, port, () => isTaken(port));
  // In a network namespace of its own (a container) another 127.0.0.1 is meant.
  if (route === null || !isInThisNetwork(thread)) return "continue";
  if (route.to === null) return rules.holds(caller.run, route.service) ? "later" : "continue";
  if (!rules.stillWaits()) return null;
  const socket = takeSocket(caller, fd);
  if (typeof socket !== "number") return "continue";
  try {
    const kind = kindOf(socket);
    if (kind === null || kind === "other" || kind.family !== address.readUInt16LE(0)) return "continue";
    return rules.stillWaits() ? lead(socket, kind, route.to, rules.repeats) : null;
  } finally {
    kernel.close(socket);
  }
}

function lead(socket: number, kind: SocketKind, to: NonNullable<KnownRoute["to"]>, repeats: boolean): Answer {
  const address = to[kind.family];
  if (address === null) return "continue";
  // A socket that is bound already can't be changed any more.
  if (kind.onlyV6 && isMapped(address) && kernel.setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, OFF, OFF.length) === -1)
    return "continue";
  const answer =
    (kernel.fileFlags(socket) & O_NONBLOCK) === 0 ? connectBlocking(socket, address) : connect(socket, address);
  return repeats && isError(answer, EISCONN) ? 0 : answer;
}

/**
 * Nothing may wait for long here, since all others would wait with it. So the connect is only begun: one that isn't over in
 * 1 ms, since the relay has more to accept than it can, is left to the kernel. A connect of a socket that connects already
 * waits for that, by its caller's own time limits and signals, and its address doesn't count (inet_stream_connect).
 */
function connectBlocking(socket: number, to: Buffer): Answer {
  const before = Buffer.alloc(SHORT_TIME.length);
  const length = Buffer.from(Uint32Array.of(before.length).buffer);
  if (kernel.getsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, before, length) === -1) return "continue";
  if (kernel.setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, SHORT_TIME, SHORT_TIME.length) === -1) return "continue";
  const answer = connect(socket, to);
  kernel.setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, before, before.length);
  return isError(answer, EINPROGRESS) || isError(answer, EALREADY) ? "continue" : answer;
}

function connect(socket: number, to: Buffer): Answer {
  return kernel.connect(socket, to, to.length) === -1 ? { error: kernel.errno() } : 0;
}

const isError = (answer: Answer, error: number): boolean => typeof answer === "object" && answer.error === error;

/** Whether something listens at 127.0.0.1 on this port. It isn't disturbed: nothing connects. */
function isTaken(port: number): boolean {
  const probe = kernel.socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe === -1) return true;
  const address = socketAddress(AF_INET, 0x7f00_0001, port);
  kernel.setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, ON, ON.length);
  const taken = kernel.bind(probe, address, address.length) === -1;
  kernel.close(probe);
  return taken || isTakenV6(port);
}

/** `::1` may have a listener of its own, which `localhost` means first. */
function isTakenV6(port: number): boolean {
  const probe = kernel.socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe === -1) return false;
  const address = loopback6(port);
  kernel.setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, ON, ON.length);
  const { EADDRINUSE = 98 } = kernel.ERRNO;
  const taken = kernel.bind(probe, address, address.length) === -1 && kernel.errno() === EADDRINUSE;
  kernel.close(probe);
  return taken;
}
