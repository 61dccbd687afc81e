import { closeSync, openSync, readSync } from "node:fs";
import type { Address } from "../../../address/address.ts";
import { unmapped } from "../../../address/classify.ts";
import type { SocketOwner } from "../system.ts";
import { eachSocket, type SocketRow, TCP_LISTEN } from "./proc-net.ts";

/** Local ports of the TCP sockets that count, of both families. */
export function procPorts(counts: (row: SocketRow) => boolean): Set<number> {
  const found = new Set<number>();
  eachProcSocket("tcp", (row) => {
    if (counts(row)) found.add(row.port);
  });
  return found;
}

/** Every socket of a protocol, of both families. */
export function eachProcSocket(protocol: "tcp" | "udp", visit: (row: SocketRow) => void): void {
  for (const [file, hexHost] of [
    [`/proc/net/${protocol}`, 8],
    [`/proc/net/${protocol}6`, 32],
  ] as const) {
    const table = readTable(file);
    if (table !== null) eachSocket(table, hexHost, visit);
  }
}

/** See `Machine.peer`: where sock_diag can't be had. Reads every socket, which takes ms. */
export function procPeer(client: Address, server: Address): SocketOwner | null {
  const from = unmapped(client.host);
  const to = unmapped(server.host);
  let owner: SocketOwner | null = null;
  eachProcSocket("tcp", (row) => {
    if (row.port !== client.port || row.remotePort !== server.port || row.state === TCP_LISTEN) return;
    if (unmapped(row.host()) !== from || unmapped(row.remoteHost()) !== to) return;
    // See ownerIn of sock-diag.ts.
    if (row.inode !== 0 || row.uid !== 0) owner = { uid: row.uid, inode: row.inode };
  });
  return owner;
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
