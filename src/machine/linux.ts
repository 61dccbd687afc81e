import { closeSync, openSync, readSync } from "node:fs";
import { openPeerLook } from "./linux-peer.ts";
import type { Holder, Listener, Machine } from "./machine.ts";
import { eachSocket, type SocketRow, TCP_LISTEN, TCP_TIME_WAIT } from "./proc-net.ts";
import {
  commandLine,
  everyPid,
  isDead,
  ownersOf,
  type ProcessStat,
  parseStat,
  readStat,
  readText,
} from "./proc-process.ts";
import { descendantsIn } from "./process-tree.ts";

/** Linux by way of /proc: no programs are started, and nothing needs privileges. */
export const linux: Machine = {
  listeningPorts: () => ports((row) => row.state === TCP_LISTEN),
  usedPorts: () => ports((row) => row.state !== TCP_TIME_WAIT),
  listeners,
  holderOf,
  startStamp(pid) {
    const stat = readStat(pid);
    return stat === null ? null : stampOf(stat);
  },
  isRunning({ pid, started }) {
    const stat = readStat(pid);
    return stat !== null && !isDead(stat) && stampOf(stat) === started;
  },
  descendants: (pid) => descendantsIn(livingProcesses(), pid),
  processGroup: (group) => livingProcesses().flatMap((stat) => (stat.group === group ? [stat.pid] : [])),
  unprivilegedFrom,
  // Opened on first use: most commands judge no connection.
  get peer() {
    peerLook ??= { look: openPeerLook() };
    return peerLook.look;
  },
};

let peerLook: { readonly look: ReturnType<typeof openPeerLook> } | undefined;

function ports(counts: (row: SocketRow) => boolean): Set<number> {
  const found = new Set<number>();
  eachRow((row) => {
    if (counts(row)) found.add(row.port);
  });
  return found;
}

function listeners(port?: number): Listener[] {
  const rows: { host: string; port: number; uid: number; inode: number }[] = [];
  eachRow((row) => {
    if (row.state !== TCP_LISTEN || (port !== undefined && row.port !== port)) return;
    rows.push({ host: row.host(), port: row.port, uid: row.uid, inode: row.inode });
  });
  const owners = ownersOf(new Set(rows.map((row) => row.inode)));
  return rows.map((row) => ({
    address: { host: row.host, port: row.port },
    pid: owners.get(row.inode) ?? null,
    uid: row.uid,
  }));
}

function holderOf(port: number): Holder | null {
  const found = listeners(port);
  const listener = found.find(({ pid }) => pid !== null) ?? found[0];
  if (listener === undefined) return null;
  const { pid, uid } = listener;
  return { pid, command: pid === null ? null : commandLine(pid), user: uid === null ? null : userName(uid), uid };
}

function eachRow(visit: (row: SocketRow) => void): void {
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

function livingProcesses(): ProcessStat[] {
  return everyPid().flatMap((pid) => {
    const text = readText(`/proc/${pid}/stat`);
    const stat = text === null ? null : parseStat(text);
    return stat === null || isDead(stat) ? [] : [stat];
  });
}

let boot: string | undefined;

/** Ticks since boot repeat after a reboot, so the boot's own id goes in front. */
function stampOf(stat: ProcessStat): string {
  boot ??= readText("/proc/sys/kernel/random/boot_id")?.trim() ?? "unknown-boot";
  return `${boot}:${stat.startTicks}`;
}

function userName(uid: number): string | null {
  return nameInPasswd(readText("/etc/passwd") ?? "", uid);
}

/** The first name with this uid in the text of /etc/passwd (passwd(5)). */
export function nameInPasswd(passwd: string, uid: number): string | null {
  for (const line of passwd.split("\n")) {
    const [name, , id] = line.split(":");
    if (name !== undefined && id === String(uid)) return name;
  }
  return null;
}

const CAP_NET_BIND_SERVICE = 10n;

function unprivilegedFrom(): number {
  const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(readText("/proc/self/status") ?? "")?.[1] ?? "0";
  if ((BigInt(`0x${capabilities}`) >> CAP_NET_BIND_SERVICE) & 1n) return 0;
  const start = Number(readText("/proc/sys/net/ipv4/ip_unprivileged_port_start") ?? "1024");
  return Number.isInteger(start) ? start : 1024;
}
