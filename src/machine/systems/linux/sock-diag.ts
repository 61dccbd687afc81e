import { parseIPv4 } from "../../../address/ipv4.ts";
import { formatIPv6, parseIPv6 } from "../../../address/ipv6.ts";

/**
 * Messages of the kernel's sock_diag (sock_diag(7), include/uapi/linux/inet_diag.h): questions about sockets, and their
 * answers. Headers are in the machine's byte order, little-endian wherever Node runs on Linux; ports and addresses are in
 * the network's.
 */

export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const AF_INET = 2;
export const AF_INET6 = 10;
/** Socket states (include/net/tcp_states.h), as bits. Unconnected UDP sockets are in state 7. */
export const LISTENING = 1 << 10;
export const UNCONNECTED = 1 << 7;
/** From SYN_SENT to CLOSING, without TIME_WAIT, which belongs to no process any more. */
export const CONNECTED = (1 << 1) | (1 << 2) | (1 << 4) | (1 << 5) | (1 << 8) | (1 << 9) | (1 << 11);
const TCP_LISTEN = 10;

const SOCK_DIAG_BY_FAMILY = 20;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLM_F_REQUEST = 1;
const NLM_F_DUMP = 0x300;
const HEADER = 16;
const REQUEST = HEADER + 56;
const SOCKET = 72;
const INET_DIAG_SKV6ONLY = 11;

export interface DiagRow {
  readonly family: number;
  readonly state: number;
  readonly localPort: number;
  readonly remotePort: number;
  readonly uid: number;
  /** 0: no process has it open any more. */
  readonly inode: number;
  /** Of an IPv6 listener. */
  readonly v6only: boolean | null;
  readonly localHost: () => string;
  readonly remoteHost: () => string;
}

/** A question for all sockets of a family and protocol in these states, at one local port or (0) any. */
export function dumpRequest(family: number, protocol: number, states: number, port: number): Buffer {
  const request = newRequest(NLM_F_REQUEST | NLM_F_DUMP);
  request.writeUInt8(family, HEADER);
  request.writeUInt8(protocol, HEADER + 1);
  request.writeUInt32LE(states, HEADER + 4);
  request.writeUInt16BE(port, HEADER + 8);
  return request;
}

/** A question for one TCP socket; {@link aimAt} fills in which. */
export function exactRequest(): Buffer {
  const request = newRequest(NLM_F_REQUEST);
  request.writeUInt8(IPPROTO_TCP, HEADER + 1);
  request.writeUInt32LE(0xffffffff, HEADER + 4);
  // No cookie: any socket at these addresses.
  request.fill(0xff, REQUEST - 8);
  return request;
}

function newRequest(flags: number): Buffer {
  const request = Buffer.alloc(REQUEST);
  request.writeUInt32LE(REQUEST, 0);
  request.writeUInt16LE(SOCK_DIAG_BY_FAMILY, 4);
  request.writeUInt16LE(flags, 6);
  return request;
}

interface End {
  readonly host: string;
  readonly port: number;
}

/** Asks for the socket whose own end is `local`. False where one of the two is not an IP address. */
export function aimAt(request: Buffer, local: End, remote: End): boolean {
  const from = addressBytes(local.host);
  const to = addressBytes(remote.host);
  if (from === null || to === null || from.length !== to.length) return false;
  request.writeUInt8(from.length === 4 ? AF_INET : AF_INET6, HEADER);
  request.writeUInt16BE(local.port, HEADER + 8);
  request.writeUInt16BE(remote.port, HEADER + 10);
  request.fill(0, HEADER + 12, HEADER + 48);
  request.set(from, HEADER + 12);
  request.set(to, HEADER + 28);
  return true;
}

/** Made once per text: a door sees few addresses. */
const known = new Map<string, Uint8Array | null>();
const KNOWN_MOST = 256;

/** 4 or 16 bytes; an IPv4-mapped address is the IPv4 one, which is how the kernel files such sockets. */
function addressBytes(host: string): Uint8Array | null {
  let bytes = known.get(host);
  if (bytes !== undefined) return bytes;
  bytes = readAddress(host);
  if (known.size >= KNOWN_MOST) known.clear();
  known.set(host, bytes);
  return bytes;
}

function readAddress(host: string): Uint8Array | null {
  const v4 = parseIPv4(/^::ffff:(?=[0-9.]+$)/i.test(host) ? host.slice(7) : host);
  if (v4 !== null) return Uint8Array.from(v4);
  const groups = parseIPv6(host);
  return groups === null ? null : Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

export function sequenceOf(bytes: Buffer): number {
  return bytes.readUInt32LE(8);
}

export function isError(bytes: Buffer): boolean {
  return bytes.readUInt16LE(4) === NLMSG_ERROR;
}

/** Whether the dump ends within these bytes. */
export function isLast(bytes: Buffer): boolean {
  for (let at = 0; at + HEADER <= bytes.length; at += aligned(bytes.readUInt32LE(at))) {
    if (bytes.readUInt16LE(at + 4) === NLMSG_DONE) return true;
  }
  return false;
}

/** Each socket in these bytes. */
export function eachDiagRow(bytes: Buffer, visit: (row: DiagRow) => void): void {
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    if (length < HEADER) return;
    const whole = length >= HEADER + SOCKET && at + length <= bytes.length;
    if (whole && bytes.readUInt16LE(at + 4) === SOCK_DIAG_BY_FAMILY) visit(rowAt(bytes, at + HEADER, at + length));
    at += aligned(length);
  }
}

/**
 * The socket of an exact answer: its user and inode, 0 where no process has it open any more. Null for a listener, or a
 * closed socket without a user.
 */
export function ownerIn(bytes: Buffer, local: End, remote: End): { uid: number; inode: number } | null {
  if (bytes.length < HEADER + SOCKET || bytes.readUInt16LE(4) !== SOCK_DIAG_BY_FAMILY) return null;
  // Where no connection matches, the kernel answers with a listener at that port.
  if (bytes.readUInt8(HEADER + 1) === TCP_LISTEN) return null;
  if (bytes.readUInt16BE(HEADER + 4) !== local.port || bytes.readUInt16BE(HEADER + 6) !== remote.port) return null;
  const uid = bytes.readUInt32LE(HEADER + 64);
  const inode = bytes.readUInt32LE(HEADER + 68);
  // A closed socket shows inode 0. While bytes of it are under way, Linux from 6.17 on still tells its user; before, and
  // once the other side has everything, it shows uid 0: that's nobody, not root.
  return inode === 0 && uid === 0 ? null : { uid, inode };
}

function rowAt(bytes: Buffer, at: number, end: number): DiagRow {
  const family = bytes.readUInt8(at);
  // The bytes belong to the next answer soon, but hosts are wanted of few rows: their 32 bytes are kept.
  const hosts = Buffer.from(bytes.subarray(at + 8, at + 40));
  return {
    family,
    state: bytes.readUInt8(at + 1),
    localPort: bytes.readUInt16BE(at + 4),
    remotePort: bytes.readUInt16BE(at + 6),
    uid: bytes.readUInt32LE(at + 64),
    inode: bytes.readUInt32LE(at + 68),
    v6only: family === AF_INET6 ? v6onlyIn(bytes, at + SOCKET, end) : null,
    localHost: () => hostIn(hosts, 0, family),
    remoteHost: () => hostIn(hosts, 16, family),
  };
}

function v6onlyIn(bytes: Buffer, from: number, end: number): boolean | null {
  for (let at = from; at + 4 <= end; ) {
    const length = bytes.readUInt16LE(at);
    if (length < 4) return null;
    if (bytes.readUInt16LE(at + 2) === INET_DIAG_SKV6ONLY) return bytes.readUInt8(at + 4) === 1;
    at += aligned(length);
  }
  return null;
}

function hostIn(bytes: Buffer, at: number, family: number): string {
  if (family === AF_INET) return bytes.subarray(at, at + 4).join(".");
  return formatIPv6(Array.from({ length: 8 }, (_, group) => bytes.readUInt16BE(at + group * 2)));
}

function aligned(length: number): number {
  return Math.max(4, (length + 3) & ~3);
}
