import { closeSync, openSync, readSync } from "node:fs";
import { eachSocket, type SocketRow } from "./proc-net.ts";

/** Local ports of the TCP sockets that count, of both families. */
export function procPorts(counts: (row: SocketRow) => boolean): Set<number> {
  const found = new Set<number>();
  eachProcSocket((row) => {
    if (counts(row)) found.add(row.port);
  });
  return found;
}

/** Every TCP socket in /proc/net/tcp and tcp6. */
export function eachProcSocket(visit: (row: SocketRow) => void): void {
  for (const [file, hexHost] of [
    ["/proc/net/tcp", 8],
    ["/proc/net/tcp6", 32],
  ] as const) {
    const table = readTable(file);
    if (table !== null) eachSocket(table, hexHost, visit);
  }
}

let space = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * A whole table, valid until the next call. The kernel hands these files out a page at a time, and readFileSync
 * allocates 64 KiB for each of them. Null when there is no such table: a kernel without IPv6 has no tcp6.
 */
function readTable(file: string): Buffer | null {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch {
    return null;
  }
  try {
    for (let length = 0; ; ) {
      if (length === space.length) space = Buffer.concat([space], space.length * 2);
      const read = readSync(descriptor, space, length, space.length - length, null);
      if (read === 0) return space.subarray(0, length);
      length += read;
    }
  } finally {
    closeSync(descriptor);
  }
}
