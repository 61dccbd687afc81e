import type { Address } from "../../../address/address.ts";
import { formatIPv6, parseIPv6 } from "../../../address/ipv6.ts";
import { parsePort } from "../../../address/ports.ts";
import type { Listener, ProcessDetails } from "../system.ts";

/** A socket as lsof prints it. */
interface LsofSocket {
  readonly address: Address;
  /** The other end, of a connection. */
  readonly remote: Address | null;
  readonly pid: number | null;
  readonly uid: number | null;
}

/** Sockets in the output of `lsof -nP -i… -FpuPn`: one field per line, the first letter says which. */
export function parseLsof(output: string): LsofSocket[] {
  const found: LsofSocket[] = [];
  let pid: number | null = null;
  let uid: number | null = null;
  for (const line of output.split("\n")) {
    const value = line.slice(1);
    if (line.startsWith("p")) {
      pid = Number(value);
      uid = null;
    } else if (line.startsWith("u")) {
      uid = Number(value);
    } else if (line.startsWith("n")) {
      // A connection reads `127.0.0.1:5432->127.0.0.1:61007`.
      const [local = "", other] = value.split("->");
      const address = endOf(local);
      if (address !== null) found.push({ address, remote: other === undefined ? null : endOf(other), pid, uid });
    }
  }
  return found;
}

function endOf(text: string): Address | null {
  const colon = text.lastIndexOf(":");
  return addressOf(text.slice(0, colon), text.slice(colon + 1), "0.0.0.0");
}

/** Sockets as listeners: processes that share one are put together. */
export function asListeners(sockets: readonly Omit<LsofSocket, "remote">[]): Listener[] {
  const at = new Map<string, Listener & { pids: number[] }>();
  for (const { address, pid, uid } of sockets) {
    const key = `${address.host} ${address.port} ${uid}`;
    const same = at.get(key);
    if (same === undefined) {
      at.set(key, { address, pid, pids: pid === null ? [] : [pid], uid, v6only: null, reusePort: null });
    } else if (pid !== null && !same.pids.includes(pid)) same.pids.push(pid);
  }
  return [...at.values()];
}

/** One process in the output of `ps -ww -o ppid=,uid=,user=,lstart=,command= -p PID`; null when there is none. */
export function parsePsDetails(output: string, pid: number): Omit<ProcessDetails, "cwd" | "executable"> | null {
  const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]{8}\s+\d{4})\s+(.*\S)\s*$/m.exec(output);
  if (match === null) return null;
  const [, parent, uid, user = null, started = "", command = null] = match;
  const startedAt = Date.parse(`${started} UTC`);
  return {
    pid,
    parent: Number(parent) === 0 ? null : Number(parent),
    command,
    arguments: null,
    name: null,
    user,
    uid: Number(uid),
    startedAt: Number.isNaN(startedAt) ? null : startedAt,
    container: null,
  };
}

/** The folder and the program in the output of `lsof -a -p PID -d cwd,txt -Ffn`: a line for which, then one for where. */
export function parseLsofPlaces(output: string): { cwd: string | null; executable: string | null } {
  const places: { cwd: string | null; executable: string | null } = { cwd: null, executable: null };
  let which = "";
  for (const line of output.split("\n")) {
    if (line.startsWith("f")) which = line.slice(1);
    // The first `txt` is the program; those after it are its libraries.
    else if (line.startsWith("n") && which === "cwd") places.cwd ??= line.slice(1);
    else if (line.startsWith("n") && which === "txt") places.executable ??= line.slice(1);
  }
  return places;
}

/** TCP rows of BSD's `netstat -an -p tcp`: `tcp4  0  0  127.0.0.1.5432  *.*  LISTEN`, a dot before the port. */
export function parseNetstatBsd(output: string): { address: Address; state: string }[] {
  const rows: { address: Address; state: string }[] = [];
  for (const line of output.split("\n")) {
    const [protocol, , , local, , state] = line.trim().split(/\s+/);
    if (protocol === undefined || local === undefined || state === undefined || !protocol.startsWith("tcp")) continue;
    const dot = local.lastIndexOf(".");
    // tcp46 is one socket for both families.
    const address = addressOf(local.slice(0, dot), local.slice(dot + 1), protocol === "tcp4" ? "0.0.0.0" : "::");
    if (address !== null) rows.push({ address, state });
  }
  return rows;
}

/** Rows of `ps -o pid=,ppid=,pgid=,stat=,lstart=`. lstart is the start to the second, which pids don't repeat within. */
export function parsePs(output: string) {
  return output.split("\n").flatMap((line) => {
    const [pid, parent, group, stat, ...started] = line.trim().split(/\s+/);
    if (pid === undefined || stat === undefined || started.length === 0) return [];
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        zombie: stat.startsWith("Z"),
        started: started.join(" "),
      },
    ];
  });
}

function addressOf(host: string, port: string, any: string): Address | null {
  const number = parsePort(port);
  if (number === null) return null;
  if (host === "*") return { host: any, port: number };
  const bare = host.replace(/^\[|\]$/g, "");
  const [ip = "", zone] = bare.split("%");
  const groups = parseIPv6(ip);
  if (groups === null) return { host: bare, port: number };
  return { host: `${formatIPv6(groups)}${zone === undefined ? "" : `%${zone}`}`, port: number };
}
