import type { Address } from "../../../address/address.ts";
import { descendantsIn } from "../process-tree.ts";
import { runTool } from "../run-tool.ts";
import type { Listener, Machine } from "../system.ts";
import { parseCimProcesses, parseDynamicPorts, parseNetstatUdp, parseNetstatWindows } from "./windows-output.ts";

/** Windows by way of netstat and CIM. There are no uids and no process groups; owners' names would cost seconds. */
export const windows: Machine = {
  listeningPorts: () => ports((state) => state === "LISTENING"),
  usedPorts: () => ports((state) => state !== "TIME_WAIT"),
  listeners,
  udpSockets: () =>
    ["UDP", "UDPv6"]
      .flatMap((protocol) => parseNetstatUdp(runTool("netstat", ["-ano", "-p", protocol])))
      .map(asListener),
  connections: (port) =>
    rows().flatMap(({ address, remote, state, pid }) => {
      if (remote === null || state === "LISTENING" || (address.port !== port && remote.port !== port)) return [];
      return [{ local: address, remote, pids: pid === null ? [] : [pid], uid: null }];
    }),
  // Sockets have no inodes here.
  processesOfSockets: (sockets) => sockets.map(() => null),
  processDetails: (pid) => {
    const found = processes(`ProcessId=${pid}`)[0];
    if (found === undefined) return null;
    const { parent, command, executable, started } = found;
    const unknown = { user: null, uid: null, cwd: null, container: null, arguments: null, name: null };
    return {
      pid,
      parent: parent === 0 ? null : parent,
      command,
      executable,
      startedAt: Date.parse(started),
      ...unknown,
    };
  },
  processEnvironment: () => null,
  userName: () => null,
  ephemeralRange: () => parseDynamicPorts(runTool("netsh", ["int", "ipv4", "show", "dynamicport", "tcp"])),
  seesAllProcesses: () => true,
  startStamp: (pid) => processes(`ProcessId=${pid}`)[0]?.started ?? null,
  isRunning: ({ pid, started }) => processes(`ProcessId=${pid}`)[0]?.started === started,
  descendants: (pid) => descendantsIn(processes(null), pid),
  children: (pid) => processes(null).flatMap((one) => (one.parent === pid ? [one.pid] : [])),
  processGroup: () => [],
  unprivilegedFrom: () => 0,
};

function rows() {
  return ["TCP", "TCPv6"].flatMap((protocol) => parseNetstatWindows(runTool("netstat", ["-ano", "-p", protocol])));
}

function ports(counts: (state: string) => boolean): Set<number> {
  return new Set(rows().flatMap(({ address, state }) => (counts(state) ? [address.port] : [])));
}

function listeners(port?: number) {
  return rows()
    .filter(({ state, address }) => state === "LISTENING" && (port === undefined || address.port === port))
    .map(asListener);
}

function asListener({ address, pid }: { readonly address: Address; readonly pid: number | null }): Listener {
  return { address, pid, pids: pid === null ? [] : [pid], uid: null, v6only: null, reusePort: null };
}

function processes(filter: string | null) {
  const where = filter === null ? "" : ` -Filter '${filter}'`;
  const query =
    `Get-CimInstance Win32_Process${where} | Select-Object ProcessId, ParentProcessId, CommandLine, Name, ExecutablePath, ` +
    "@{n='Started';e={$_.CreationDate.ToUniversalTime().ToString('o')}} | ConvertTo-Json -Compress";
  return parseCimProcesses(runTool("powershell.exe", ["-NoProfile", "-NonInteractive", "-Command", query]));
}
