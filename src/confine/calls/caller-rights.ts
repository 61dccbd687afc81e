import { closeSync, fstatSync, openSync, readFileSync, readlinkSync } from "node:fs";
import * as kernel from "../system-calls.ts";

/** capabilities(7). */
const CAP_NET_BIND_SERVICE = 10n;
/** ioctl_ns(2): the user namespace that owns a namespace, and a user namespace's parent. */
const NS_GET_USERNS = 0xb701;
const NS_GET_PARENT = 0xb702;
/** What a system without the setting has. */
const DEFAULT_START = 1024;

/**
 * Whether a thread in this network may bind this port: the check that bind(2) makes of its caller. It has to be made
 * here, since the supervisor binds instead of the caller, with rights of its own. Privileged ports are those below
 * `net.ipv4.ip_unprivileged_port_start`; they need CAP_NET_BIND_SERVICE in the user namespace that owns the network.
 */
export function mayBindPort(thread: number, port: number): boolean {
  if (port === 0 || port >= unprivilegedStart()) return true;
  const namespace = userNamespaceOf(thread);
  return namespace !== null && networkOwners().has(namespace) && hasCapability(readStatus(thread));
}

/** Read each time: the setting may change, and it belongs to the network namespace of whoever reads it. */
function unprivilegedStart(): number {
  const start = Number.parseInt(read("/proc/sys/net/ipv4/ip_unprivileged_port_start"), 10);
  return Number.isNaN(start) ? DEFAULT_START : start;
}

/** Whether the effective set in the text of /proc/<thread>/status has CAP_NET_BIND_SERVICE. */
function hasCapability(status: string): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return effective !== undefined && ((BigInt(`0x${effective}`) >> CAP_NET_BIND_SERVICE) & 1n) === 1n;
}

let owners: ReadonlySet<number> | undefined;

/** Inodes of the user namespaces whose capabilities hold in this network: its owner and the owner's ancestors. */
function networkOwners(): ReadonlySet<number> {
  owners ??= findNetworkOwners();
  return owners;
}

function findNetworkOwners(): ReadonlySet<number> {
  const found = new Set<number>();
  const network = openSync("/proc/self/ns/net", "r");
  // -1 for what lies beyond this process's own user namespace: no service of it has rights there.
  let namespace = kernel.ioctl(network, NS_GET_USERNS, NO_ARGUMENT);
  closeSync(network);
  while (namespace !== -1) {
    found.add(fstatSync(namespace).ino);
    const parent = kernel.ioctl(namespace, NS_GET_PARENT, NO_ARGUMENT);
    closeSync(namespace);
    namespace = parent;
  }
  return found;
}

const NO_ARGUMENT = Buffer.alloc(0);

function userNamespaceOf(thread: number): number | null {
  try {
    // `user:[4026531837]`: the number is the namespace's inode.
    return Number(/\[(\d+)\]/.exec(readlinkSync(`/proc/${thread}/ns/user`))?.[1] ?? Number.NaN);
  } catch {
    return null;
  }
}

const readStatus = (thread: number): string => read(`/proc/${thread}/status`);

function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
