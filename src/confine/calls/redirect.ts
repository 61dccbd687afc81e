import { unmapped } from "../../address/classify.ts";
import { formatIPv6 } from "../../address/ipv6.ts";
import { formatAddress } from "../../address/parse.ts";

/** Linux's numbers (socket.h); they go out as the first field of a `struct sockaddr`. */
export const AF_INET = 2;
export const AF_INET6 = 10;

/** What a redirect needs to know of a socket. */
export interface SocketKind {
  readonly family: typeof AF_INET | typeof AF_INET6;
  /** IPV6_V6ONLY: it takes no IPv4 connections. */
  readonly onlyV6: boolean;
}

/** Where an address stands in `struct sockaddr_in` and `sockaddr_in6`. */
const V4 = 4;
const V6 = 8;
const V6_LENGTH = 24;
const SCOPE = 24;

/**
 * The same socket address on loopback; null where it is that already, or too short to be one (the kernel's to refuse).
 * `::` of a socket that takes both families becomes ::ffff:127.0.0.1, since an edge's address is an IPv4 one; of one that
 * takes IPv6 alone, ::1.
 */
export function turned(address: Buffer, { family, onlyV6 }: SocketKind): Buffer | null {
  if (family === AF_INET) {
    if (address.length < V4 + 4 || address[V4] === 127) return null;
    const copy = Buffer.from(address);
    copy.writeUInt32BE(0x7f00_0001, V4);
    return copy;
  }
  if (address.length < V6_LENGTH || isLoopback6(address)) return null;
  const copy = Buffer.from(address);
  copy.fill(0, V6, V6 + 16);
  if (onlyV6) copy[V6 + 15] = 1;
  else {
    copy.writeUInt16BE(0xffff, V6 + 10);
    copy.writeUInt32BE(0x7f00_0001, V6 + 12);
  }
  // A link-local address has an interface with it.
  if (copy.length >= SCOPE + 4) copy.writeUInt32LE(0, SCOPE);
  return copy;
}

/** `struct sockaddr_in`, or `sockaddr_in6` with the address within it. `host`: an IPv4 address as a number. */
export function socketAddress(family: SocketKind["family"], host: number, port: number): Buffer {
  const address = Buffer.alloc(family === AF_INET ? 16 : 28);
  address.writeUInt16LE(family, 0);
  address.writeUInt16BE(port, 2);
  if (family === AF_INET6) address.writeUInt16BE(0xffff, V6 + 10);
  address.writeUInt32BE(host, family === AF_INET ? V4 : V6 + 12);
  return address;
}

/** `struct sockaddr_in6` of `::1`. */
export function loopback6(port: number): Buffer {
  const address = Buffer.alloc(28);
  address.writeUInt16LE(AF_INET6, 0);
  address.writeUInt16BE(port, 2);
  address[V6 + 15] = 1;
  return address;
}

/** 127.0.0.1 */
const HERE = 0x7f00_0001;

/**
 * The address of loopback that a `struct sockaddr` means, as a number: to connect to `0.0.0.0` or `::` means loopback too
 * (Linux), and `::1` is the same place as 127.0.0.1. Null: it is elsewhere, or no internet address.
 */
export function loopbackIn(address: Buffer): number | null {
  const family = address.length < V4 + 4 ? 0 : address.readUInt16LE(0);
  if (family === AF_INET) return loopback4(address.readUInt32BE(V4));
  if (family !== AF_INET6 || address.length < V6_LENGTH) return null;
  if (isMapped(address)) return loopback4(address.readUInt32BE(V6 + 12));
  const high = address.readBigUInt64BE(V6);
  const low = address.readBigUInt64BE(V6 + 8);
  return high === 0n && low <= 1n ? HERE : null;
}

const loopback4 = (host: number): number | null => (host === 0 ? HERE : host >>> 24 === 127 ? host : null);

function isLoopback6(address: Buffer): boolean {
  for (let at = V6; at < V6 + 10; at++) if (address[at] !== 0) return false;
  const tail = address.readUInt16BE(V6 + 10);
  if (tail === 0xffff) return address[V6 + 12] === 127;
  return tail === 0 && address.readUInt32BE(V6 + 12) === 1;
}

/** An IPv4 address within IPv6. */
export const isMapped = (address: Buffer): boolean =>
  address.length >= V6_LENGTH && address.readBigUInt64BE(V6) === 0n && address.readUInt32BE(V6 + 8) === 0xffff;

/** The port in a socket address; 0: any that is free. */
export const portOf = (address: Buffer): number => (address.length >= 4 ? address.readUInt16BE(2) : 0);

/** The same address with another port. */
export function atPort(address: Buffer, port: number): Buffer {
  const copy = Buffer.from(address);
  copy.writeUInt16BE(port, 2);
  return copy;
}

/** For people: `0.0.0.0:3000`, `[::]:3000`, and an IPv4 address within IPv6 as itself. */
export function shownSocket(address: Buffer, family: SocketKind["family"]): string {
  const groups = Array.from({ length: 8 }, (_, at) => (family === AF_INET6 ? address.readUInt16BE(V6 + at * 2) : 0));
  const host = family === AF_INET ? [...address.subarray(V4, V4 + 4)].join(".") : formatIPv6(groups);
  return formatAddress({ host: unmapped(host), port: portOf(address) });
}
