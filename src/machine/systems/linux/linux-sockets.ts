import type { Address } from "../../../address/address.ts";
import type { Connection, Listener, SocketOwner } from "../system.ts";
import { diagSocket } from "./netlink.ts";
import { TCP_LISTEN } from "./proc-net.ts";
import { holdersOf } from "./proc-process.ts";
import { eachProcSocket, procPeer, procPorts } from "./proc-sockets.ts";
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
  readonly remote: Address;
  readonly uid: number;
  readonly inode: number;
  readonly v6only: boolean | null;
}

/** TCP listeners with all their processes. */
export function linuxListeners(port = 0, wanted: (address: Address) => boolean = () => true): Listener[] {
  return withHolders(sockets("tcp", LISTENING, port).filter(({ address }) => wanted(address)));
}

/** Without their processes. The kernel keeps listeners apart: to ask for them alone spares a walk over every socket. */
export function linuxListeningPorts(): Set<number> {
  const ports = new Set<number>();
  const asked = dump(IPPROTO_TCP, LISTENING, 0, ({ localPort }) => ports.add(localPort));
  return asked ? ports : procPorts((row) => row.state === TCP_LISTEN);
}

export function linuxUdpSockets(): Listener[] {
  return withHolders(sockets("udp", UNCONNECTED, 0));
}

export function linuxConnections(port: number): Connection[] {
  const found = sockets("tcp", CONNECTED, 0, (local, remote) => local === port || remote === port);
  const holders = holdersOf(new Set(found.map(({ inode }) => inode)));
  return found.map(({ address, remote, uid, inode }) => {
    // A socket that its process has closed shows uid 0, whoever it was.
    return { local: address, remote, pids: holders.get(inode) ?? [], uid: inode === 0 ? null : uid };
  });
}

/** Sockets in some states, at one local port or (0) any: by sock_diag; by /proc where that can't be had. */
function sockets(
  protocol: "tcp" | "udp",
  states: number,
  port: number,
  wanted: (localPort: number, remotePort: number) => boolean = () => true,
): Found[] {
  const found: Found[] = [];
  const asked = dump(protocol === "tcp" ? IPPROTO_TCP : IPPROTO_UDP, states, port, (row) => {
    const { localPort, remotePort, uid, inode, v6only } = row;
    if (!wanted(localPort, remotePort)) return;
    const address = { host: row.localHost(), port: localPort };
    found.push({ address, remote: { host: row.remoteHost(), port: remotePort }, uid, inode, v6only });
  });
  if (asked) return found;
  const read: Found[] = [];
  eachProcSocket(protocol, (row) => {
    if (((states >> row.state) & 1) === 0 || (port !== 0 && row.port !== port)) return;
    if (!wanted(row.port, row.remotePort)) return;
    const { uid, inode } = row;
    const address = { host: row.host(), port: row.port };
    read.push({ address, remote: { host: row.remoteHost(), port: row.remotePort }, uid, inode, v6only: null });
  });
  return read;
}

const request = exactRequest();

/** See `Machine.peer`. */
export function linuxPeer(client: Address, server: Address): SocketOwner | null {
  const diag = diagSocket();
  if (diag === null) return procPeer(client, server);
  if (!aimAt(request, client, server)) return null;
  const answer = diag.ask(request);
  return answer === null ? null : ownerIn(answer, client, server);
}

/** False where sock_diag can't be had, or broke off. */
function dump(protocol: number, states: number, port: number, visit: (row: DiagRow) => void): boolean {
  const diag = diagSocket();
  if (diag === null) return false;
  return [AF_INET, AF_INET6].every((family) =>
    diag.dump(dumpRequest(family, protocol, states, port), (bytes) => eachDiagRow(bytes, visit)),
  );
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
