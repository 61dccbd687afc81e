import type { Address } from "../address/address.ts";
import { formatIPv6, parseIPv6 } from "../address/ipv6.ts";
import { parsePort } from "../address/ports.ts";
import type { Listener } from "./machine.ts";

/** Listeners in the output of `lsof -nP -iTCP -sTCP:LISTEN -FpuPn`: one field per line, the first letter says which. */
export function parseLsof(output: string): Listener[] {
  const found: Listener[] = [];
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
      const colon = value.lastIndexOf(":");
      const address = addressOf(value.slice(0, colon), value.slice(colon + 1), "0.0.0.0");
      if (address !== null) found.push({ address, pid, uid });
    }
  }
  return found;
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
