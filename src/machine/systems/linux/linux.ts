import { descendantsIn } from "../process-tree.ts";
import type { Machine, ProcessDetails } from "../system.ts";
import { linuxConnections, linuxListeners, linuxListeningPorts, linuxPeer, linuxUdpSockets } from "./linux-sockets.ts";
import { TCP_TIME_WAIT } from "./proc-net.ts";
import {
  argumentsIn,
  environmentIn,
  everyPid,
  isDead,
  linkTarget,
  type ProcessStat,
  procFolder,
  readStat,
  readText,
  shortName,
} from "./proc-process.ts";
import { procPorts } from "./proc-sockets.ts";
import { processesOfSockets } from "./socket-process.ts";

/** Linux by way of sock_diag and /proc: no programs are started, and nothing needs privileges. */
export const linux: Machine = {
  listeningPorts: linuxListeningPorts,
  usedPorts: () => procPorts((row) => row.state !== TCP_TIME_WAIT),
  listeners: linuxListeners,
  udpSockets: linuxUdpSockets,
  connections: linuxConnections,
  peer: linuxPeer,
  processesOfSockets,
  processDetails,
  processEnvironment: (pid) => environmentIn(procFolder(pid)),
  userName,
  ephemeralRange,
  seesAllProcesses: () => hasCapability(CAP_SYS_PTRACE),
  startStamp(pid) {
    const stat = readStat(pid);
    return stat === null ? null : stampOf(stat);
  },
  isRunning({ pid, started }) {
    const stat = readStat(pid);
    return stat !== null && !isDead(stat) && stampOf(stat) === started;
  },
  descendants: (pid) => descendantsIn(livingProcesses(), pid),
  children: (pid) => livingProcesses().flatMap((stat) => (stat.parent === pid ? [stat.pid] : [])),
  variableOf,
  isSuspended: (pid) => /^[Tt]$/.test(readStat(pid)?.state ?? ""),
  processesWith: (name, start) => everyPid().filter((pid) => variableOf(pid, name)?.startsWith(start)),
  zombies: (pid) => processes().flatMap((stat) => (stat.parent === pid && isDead(stat) ? [stat.pid] : [])),
  processGroup: (group) => livingProcesses().flatMap((stat) => (stat.group === group ? [stat.pid] : [])),
  unprivilegedFrom,
};

function processes(): ProcessStat[] {
  return everyPid().flatMap((pid) => readStat(pid) ?? []);
}

function livingProcesses(): ProcessStat[] {
  return processes().filter((stat) => !isDead(stat));
}

/** Of the text of /proc/<pid>/environ (proc_pid_environ(5)). */
function variableOf(pid: number, name: string): string | null | undefined {
  const entries = readText(`/proc/${pid}/environ`)?.split("\0");
  if (entries === undefined || !entries.some((entry) => entry.startsWith("PATH="))) return undefined;
  const found = entries.find((entry) => entry.startsWith(`${name}=`));
  return found === undefined ? null : found.slice(name.length + 1);
}

let boot: string | undefined;

/** Ticks since boot repeat after a reboot, so the boot's own id goes in front. */
function stampOf(stat: ProcessStat): string {
  boot ??= readText("/proc/sys/kernel/random/boot_id")?.trim() ?? "unknown-boot";
  return `${boot}:${stat.startTicks}`;
}

/** One look asks for the names and the age of hundreds of processes: what holds for all of them is read once for it, ms. */
const SHARED = 250;
const passwd = shared(() => readText("/etc/passwd") ?? "");
const uptime = shared(() => readText("/proc/uptime") ?? "");

/** What `read` gives, with the moment at which it was read; anew after {@link SHARED} ms. */
function shared(read: () => string): () => { readonly text: string; readonly at: number } {
  let known: { readonly text: string; readonly at: number } | undefined;
  return () => {
    const now = Date.now();
    if (known === undefined || now < known.at || now - known.at > SHARED) known = { text: read(), at: now };
    return known;
  };
}

function userName(uid: number): string | null {
  return nameInPasswd(passwd().text, uid);
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
const CAP_SYS_PTRACE = 19n;

function hasCapability(number: bigint): boolean {
  const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(readText("/proc/self/status") ?? "")?.[1] ?? "0";
  return ((BigInt(`0x${capabilities}`) >> number) & 1n) === 1n;
}

function unprivilegedFrom(): number {
  if (hasCapability(CAP_NET_BIND_SERVICE)) return 0;
  const start = Number(readText("/proc/sys/net/ipv4/ip_unprivileged_port_start") ?? "1024");
  return Number.isInteger(start) ? start : 1024;
}

function ephemeralRange(): readonly [number, number] | null {
  const [first, last] = (readText("/proc/sys/net/ipv4/ip_local_port_range") ?? "").trim().split(/\s+/).map(Number);
  return first === undefined || last === undefined || Number.isNaN(first + last) ? null : [first, last];
}

function processDetails(pid: number): ProcessDetails | null {
  const stat = readStat(pid);
  if (stat === null) return null;
  const folder = procFolder(pid, stat);
  const arguments_ = argumentsIn(folder);
  const name = shortName(folder);
  const uid = Number(/^Uid:\s+(\d+)/m.exec(readText(`/proc/${pid}/status`) ?? "")?.[1] ?? Number.NaN);
  const boot = bootTime();
  return {
    pid,
    parent: stat.parent === 0 ? null : stat.parent,
    command: arguments_ === null ? null : arguments_.length === 0 ? name : arguments_.join(" "),
    arguments: arguments_,
    name,
    // A program that was replaced on disk while it runs.
    executable: linkTarget(`${folder}/exe`)?.replace(/ \(deleted\)$/, "") ?? null,
    user: Number.isNaN(uid) ? null : userName(uid),
    uid: Number.isNaN(uid) ? null : uid,
    cwd: linkTarget(`${folder}/cwd`),
    // proc(5) counts in ticks of 10 ms on every system that Node runs on.
    startedAt: boot === null ? null : boot + Number(stat.startTicks) * 10,
    container: containerIn(readText(`/proc/${pid}/cgroup`) ?? ""),
  };
}

let knownBoot: number | null = null;
/** /proc/uptime counts in 10 ms; a clock that is set moves by more than this, ms. */
const BOOT_JITTER = 1_000;

/** When the system started, epoch ms: the same at each call, unless the clock was set. */
function bootTime(): number | null {
  const { text, at } = uptime();
  const seconds = Number.parseFloat(text);
  if (Number.isNaN(seconds)) return null;
  const found = Math.round(at - seconds * 1000);
  if (knownBoot === null || Math.abs(found - knownBoot) > BOOT_JITTER) knownBoot = found;
  return knownBoot;
}

/** The id of the container in the text of /proc/<pid>/cgroup: 64 hex digits, as docker, podman and containerd name them. */
export function containerIn(cgroup: string): string | null {
  return /(?:docker|libpod|cri-containerd|containerd|kubepods)[^\n]*?([0-9a-f]{64})/.exec(cgroup)?.[1] ?? null;
}
