import type { Address } from "../address/address.ts";
import type { Connection, Listener, SocketOwner } from "./machine.ts";
import { diagSocket } from "./netlink.ts";
import { TCP_LISTEN } from "./proc-net.ts";
import { holdersOf } from "./proc-process.ts";
import { eachProcSocket } from "./proc-sockets.ts";
import {
  AF_INET,
  AF_INET6,
  aimAt,
  CONNECTED,
  type DiagRow,
  dumpRequest,
  eachDiagRow,
  exactRequest,
  IPPROTO_TCP,
  IPPROTO_UDP,
  LISTENING,
  ownerIn,
  UNCONNECTED,
} from "./sock-diag.ts";

interface Found {
  readonly address: Address;
  readonly uid: number;
  readonly inode: number;
  readonly v6only: boolean | null;
}

/** TCP listeners with all their processes, by sock_diag; by /proc where that can't be had. */
export function linuxListeners(port?: number): Listener[] {
  const found: Found[] = [];
  const asked = dump(IPPROTO_TCP, LISTENING, (row) => {
    if (port === undefined || row.localPort === port) found.push(foundAt(row));
  });
  if (!asked) {
    found.length = 0;
    eachProcSocket((row) => {
      if (row.state !== TCP_LISTEN || (port !== undefined && row.port !== port)) return;
      found.push({ address: { host: row.host(), port: row.port }, uid: row.uid, inode: row.inode, v6only: null });
    });
  }
  return withHolders(found);
}

export function linuxUdpSockets(): Listener[] {
  const found: Found[] = [];
  dump(IPPROTO_UDP, UNCONNECTED, (row) => found.push(foundAt(row)));
  return withHolders(found);
}

export function linuxConnections(port: number): Connection[] {
  const found: { local: Address; remote: Address; uid: number; inode: number }[] = [];
  dump(IPPROTO_TCP, CONNECTED, (row) => {
    if (row.localPort !== port && row.remotePort !== port) return;
    const local = { host: row.localHost(), port: row.localPort };
    found.push({ local, remote: { host: row.remoteHost(), port: row.remotePort }, uid: row.uid, inode: row.inode });
  });
  const holders = holdersOf(new Set(found.map(({ inode }) => inode)));
  return found.map(({ local, remote, uid, inode }) => {
    // A socket that its process has closed shows uid 0, whoever it was.
    return { local, remote, pids: holders.get(inode) ?? [], uid: inode === 0 ? null : uid };
  });
}

const request = exactRequest();

/** See `Machine.peer`. */
export function linuxPeer(client: Address, server: Address): SocketOwner | null {
  const diag = diagSocket();
  if (diag === null || !aimAt(request, client, server)) return null;
  const answer = diag.ask(request);
  return answer === null ? null : ownerIn(answer, client, server);
}

/** False where sock_diag can't be had, or broke off. */
function dump(protocol: number, states: number, visit: (row: DiagRow) => void): boolean {
  const diag = diagSocket();
  if (diag === null) return false;
  return [AF_INET, AF_INET6].every((family) =>
    diag.dump(dumpRequest(family, protocol, states), (bytes) => eachDiagRow(bytes, visit)),
  );
}

function foundAt(row: DiagRow): Found {
  const { localPort, uid, inode, v6only } = row;
  return { address: { host: row.localHost(), port: localPort }, uid, inode, v6only };
}

function withHolders(found: readonly Found[]): Listener[] {
  const holders = holdersOf(new Set(found.map(({ inode }) => inode)));
  const at = new Map<string, number>();
  const place = ({ address: { host, port } }: Found) => `${host} ${port}`;
  for (const one of found) at.set(place(one), (at.get(place(one)) ?? 0) + 1);
  return found.map((one) => {
    const pids = holders.get(one.inode) ?? [];
    const { address, uid, v6only } = one;
    // Without SO_REUSEPORT the system lets nobody else listen on the same address.
    return { address, pid: pids[0] ?? null, pids, uid, v6only, reusePort: (at.get(place(one)) ?? 0) > 1 };
  });
}
