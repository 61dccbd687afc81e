import { readlinkSync } from "node:fs";
import * as kernel from "../system-calls.ts";
import type { Caller } from "./callers.ts";
import type { Answer } from "./notification.ts";
import { AF_INET, AF_INET6, type SocketKind } from "./redirect.ts";

const { EACCES = 13, EBADF = 9, ESRCH = 3 } = kernel.ERRNO;

export type Failure = Extract<Answer, { error: number }>;

/** Socket options: asm-generic/socket.h, in6.h. */
export const SOL_SOCKET = 1;
export const SO_PROTOCOL = 38;
export const IPPROTO_IPV6 = 41;
export const IPV6_V6ONLY = 26;
const SO_TYPE = 3;
const SO_DOMAIN = 39;
const SOCK_STREAM = 1;

/** `sizeof(struct sockaddr_storage)`: the kernel refuses longer ones. */
export const LONGEST_ADDRESS = 128;

/** A copy of a caller's socket in this process, or what to answer without one. Both are one open socket: its flags are shared. */
export function takeSocket(caller: Caller | null, fd: number): number | Failure {
  if (caller === null) return { error: ESRCH };
  const socket = kernel.pidfdGetfd(caller.handle, fd);
  if (socket !== -1) return socket;
  const error = kernel.errno();
  // This process may not be inspected (where only parents may): refused rather than let through.
  return { error: error === EBADF || error === ESRCH ? error : EACCES };
}

/** What a socket is; null: none at all, `other`: none of TCP. */
export function kindOf(socket: number): SocketKind | "other" | null {
  const family = option(socket, SOL_SOCKET, SO_DOMAIN);
  if (family === null) return null;
  const tcp = (family === AF_INET || family === AF_INET6) && option(socket, SOL_SOCKET, SO_TYPE) === SOCK_STREAM;
  if (!tcp) return "other";
  return { family, onlyV6: family === AF_INET6 && option(socket, IPPROTO_IPV6, IPV6_V6ONLY) === 1 };
}

const value = Buffer.alloc(4);
const length = Buffer.alloc(4);

export function option(socket: number, level: number, name: number): number | null {
  length.writeUInt32LE(value.length);
  return kernel.getsockopt(socket, level, name, value, length) === -1 ? null : value.readInt32LE();
}

export function nameOf(socket: number): Buffer | null {
  const address = Buffer.alloc(LONGEST_ADDRESS);
  length.writeUInt32LE(address.length);
  return kernel.getsockname(socket, address, length) === -1 ? null : address.subarray(0, length.readUInt32LE());
}

const ownNetwork = networkOf("self");

/** False in a network namespace of its own: a container. */
export const isInThisNetwork = (thread: number): boolean => networkOf(thread) === ownNetwork;

function networkOf(thread: number | "self"): string {
  try {
    return readlinkSync(`/proc/${thread}/ns/net`);
  } catch {
    return "unknown";
  }
}
