import { formatIPv6 } from "../../../address/ipv6.ts";

/** Socket states in /proc/net/tcp (Linux, include/net/tcp_states.h). */
export const TCP_LISTEN = 0x0a;
export const TCP_TIME_WAIT = 0x06;

/** One row of /proc/net/tcp, tcp6, udp or udp6. */
export interface SocketRow {
  readonly port: number;
  readonly state: number;
  readonly uid: number;
  readonly inode: number;
  /** The local address as text; made on demand, since most rows are only counted. */
  host(): string;
  readonly remotePort: number;
  remoteHost(): string;
}

const COLON = 0x3a;
const NEWLINE = 0x0a;
const SPACE = 0x20;

/**
 * Walks the rows of /proc/net/tcp (`hexHost` 8 digits) or /proc/net/tcp6 (32 digits) as bytes. Columns are fixed only
 * counted from the first colon: the row number before it takes a fifth digit from row 10,000 on.
 */
export function eachSocket(table: Buffer, hexHost: 8 | 32, visit: (row: SocketRow) => void): void {
  let line = table.indexOf(NEWLINE) + 1;
  if (line === 0) return;
  while (line < table.length) {
    let end = table.indexOf(NEWLINE, line);
    if (end === -1) end = table.length;
    const host = table.indexOf(COLON, line) + 2;
    const port = host + hexHost + 1;
    // Local `host:port`, a space, remote `host:port`, a space, the state.
    const remote = port + 5;
    const state = remote + hexHost + 1 + 5;
    // After the state: ` tx:rx tr:when retransmits`, 39 characters.
    const tail = state + 2 + 39;
    if (host > 1 && tail < end) {
      visit({
        port: hex(table, port, 4),
        state: hex(table, state, 2),
        get uid() {
          return decimalColumn(table, tail, end, 0);
        },
        get inode() {
          return decimalColumn(table, tail, end, 2);
        },
        host: () => (hexHost === 8 ? ipv4At(table, host) : ipv6At(table, host)),
        get remotePort() {
          return hex(table, remote + hexHost + 1, 4);
        },
        remoteHost: () => (hexHost === 8 ? ipv4At(table, remote) : ipv6At(table, remote)),
      });
    }
    line = end + 1;
  }
}

/** uid, timeout and inode are separated by runs of spaces and grow with their values. */
function decimalColumn(table: Buffer, from: number, end: number, column: number): number {
  let at = from;
  for (let index = 0; ; index++) {
    while (at < end && table[at] === SPACE) at++;
    const start = at;
    while (at < end && table[at] !== SPACE) at++;
    if (index === column) return Number(table.toString("latin1", start, at));
  }
}

function hex(table: Buffer, at: number, digits: number): number {
  let value = 0;
  for (let index = at; index < at + digits; index++) {
    const byte = table[index] ?? 0;
    // '0'–'9' are 0x30–0x39; letters are upper case here, and lower case would work as well.
    value = value * 16 + (byte < 0x40 ? byte - 0x30 : (byte & 0x0f) + 9);
  }
  return value;
}

/** Addresses are printed as 32-bit words in the machine's own byte order, which is little-endian wherever Node runs. */
function ipv4At(table: Buffer, at: number): string {
  return [6, 4, 2, 0].map((offset) => hex(table, at + offset, 2)).join(".");
}

function ipv6At(table: Buffer, at: number): string {
  const groups: number[] = [];
  for (let word = 0; word < 32; word += 8) {
    groups.push(hex(table, at + word + 6, 2) * 256 + hex(table, at + word + 4, 2));
    groups.push(hex(table, at + word + 2, 2) * 256 + hex(table, at + word, 2));
  }
  return formatIPv6(groups);
}
