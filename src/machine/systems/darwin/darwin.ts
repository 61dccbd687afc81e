import { descendantsIn } from "../process-tree.ts";
import { runTool } from "../run-tool.ts";
import type { Listener, Machine } from "../system.ts";
import { asListeners, parseLsof, parseLsofPlaces, parseNetstatBsd, parsePs, parsePsDetails } from "./darwin-output.ts";

/** macOS and other BSDs by way of netstat (sees every user's sockets), lsof (adds processes) and ps. */
export const darwin: Machine = {
  listeningPorts: () => ports((state) => state === "LISTEN"),
  usedPorts: () => ports((state) => state !== "TIME_WAIT"),
  listeners,
  udpSockets: () =>
    asListeners(parseLsof(runTool("lsof", ["-nP", "-iUDP", "-FpuPn"])).filter(({ remote }) => remote === null)),
  connections: (port) =>
    parseLsof(runTool("lsof", ["-nP", `-iTCP:${port}`, "-FpuPn"])).flatMap(({ address, remote, pid, uid }) =>
      remote === null ? [] : [{ local: address, remote, pids: pid === null ? [] : [pid], uid }],
    ),
  // Sockets have no inodes here.
  processesOfSockets: (sockets) => sockets.map(() => null),
  processDetails: (pid) => {
    const fields = ["-o", "ppid=,uid=,user=,lstart=,command=", "-p", String(pid)];
    const known = parsePsDetails(runTool("ps", ["-ww", ...fields]), pid);
    if (known === null) return null;
    return { ...known, ...parseLsofPlaces(runTool("lsof", ["-a", "-p", String(pid), "-d", "cwd,txt", "-Ffn"])) };
  },
  processEnvironment: () => null,
  userName: (uid) => runTool("id", ["-un", String(uid)]).trim() || null,
  ephemeralRange: () => {
    const names = ["net.inet.ip.portrange.first", "net.inet.ip.portrange.last"];
    const [first, last] = runTool("sysctl", ["-n", ...names])
      .trim()
      .split(/\s+/)
      .map(Number);
    return first === undefined || last === undefined || Number.isNaN(first + last) ? null : [first, last];
  },
  seesAllProcesses: () => process.geteuid?.() === 0,
  startStamp: (pid) => processes([pid])[0]?.started ?? null,
  isRunning({ pid, started }) {
    const found = processes([pid])[0];
    return found !== undefined && !found.zombie && found.started === started;
  },
  descendants: (pid) => descendantsIn(living(), pid),
  children: (pid) => living().flatMap((one) => (one.parent === pid ? [one.pid] : [])),
  processGroup: (group) => living().flatMap((process) => (process.group === group ? [process.pid] : [])),
  unprivilegedFrom: () => (process.geteuid?.() === 0 ? 0 : 1024),
};

function ports(counts: (state: string) => boolean): Set<number> {
  const rows = parseNetstatBsd(runTool("netstat", ["-an", "-p", "tcp"]));
  return new Set(rows.filter(({ state }) => counts(state)).map(({ address }) => address.port));
}

function listeners(port?: number): Listener[] {
  const known = parseLsof(
    runTool("lsof", ["-nP", `-iTCP${port === undefined ? "" : `:${port}`}`, "-sTCP:LISTEN", "-FpuPn"]),
  );
  const seen = new Set(known.map(({ address }) => `${address.host} ${address.port}`));
  // lsof shows other users' processes to root only; netstat knows at least that the port is held.
  const hidden = parseNetstatBsd(runTool("netstat", ["-an", "-p", "tcp"]))
    .filter(({ state, address }) => state === "LISTEN" && (port === undefined || address.port === port))
    .filter(({ address }) => !seen.has(`${address.host} ${address.port}`))
    .map(({ address }) => ({ address, pid: null, uid: null }));
  return asListeners([...known, ...hidden]);
}

function processes(pids: readonly number[]) {
  const which = pids.length === 0 ? ["-ax"] : ["-p", pids.join(",")];
  return parsePs(runTool("ps", [...which, "-o", "pid=,ppid=,pgid=,stat=,lstart="]));
}

function living() {
  return processes([]).filter(({ zombie }) => !zombie);
}
