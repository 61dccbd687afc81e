import type { Address } from "../../../address/address.ts";
import { parseAddress } from "../../../address/parse.ts";
import { isFault } from "../../../fault/fault.ts";

export interface WindowsRow {
  readonly address: Address;
  readonly remote: Address | null;
  readonly state: string;
  readonly pid: number | null;
}

/** UDP rows of `netstat -ano -p UDP`: `UDP  0.0.0.0:5353  *:*  4420`, without a state. */
export function parseNetstatUdp(output: string): { address: Address; pid: number | null }[] {
  return output.split(/\r?\n/).flatMap((line) => {
    const [protocol, local, , pid] = line.trim().split(/\s+/);
    const address = protocol === "UDP" && local !== undefined ? parseAddress(local) : null;
    if (address === null || isFault(address)) return [];
    const owner = Number(pid);
    return [{ address: { host: address.host, port: address.port }, pid: owner > 0 ? owner : null }];
  });
}

/** The range in the output of `netsh int ipv4 show dynamicport tcp`: two numbers, in any language. */
export function parseDynamicPorts(output: string): readonly [number, number] | null {
  const [first, count] = [...output.matchAll(/:\s*(\d+)\s*$/gm)].map(([, number]) => Number(number));
  return first === undefined || count === undefined ? null : [first, first + count - 1];
}

/**
 * TCP rows of Windows' `netstat -ano`. The state's word is translated on some systems: a row whose foreign port is 0
 * listens, whatever the word.
 */
export function parseNetstatWindows(output: string): WindowsRow[] {
  return output.split(/\r?\n/).flatMap((line) => {
    const [protocol, local, foreign, state, pid] = line.trim().split(/\s+/);
    if (protocol !== "TCP" || local === undefined || foreign === undefined || state === undefined) return [];
    const address = parseAddress(local);
    if (isFault(address)) return [];
    const remote = parseAddress(foreign);
    const owner = Number(pid);
    return [
      {
        address: { host: address.host, port: address.port },
        remote: isFault(remote) ? null : { host: remote.host, port: remote.port },
        state: foreign.endsWith(":0") ? "LISTENING" : state,
        pid: Number.isInteger(owner) && owner > 0 ? owner : null,
      },
    ];
  });
}

/** Processes as `Get-CimInstance Win32_Process | ConvertTo-Json` prints them: one object alone, an array otherwise. */
export function parseCimProcesses(output: string) {
  let parsed: unknown;
  try {
    parsed = JSON.parse(output);
  } catch {
    return [];
  }
  return (Array.isArray(parsed) ? parsed : [parsed]).flatMap((entry: unknown) => {
    if (typeof entry !== "object" || entry === null) return [];
    const { ProcessId, ParentProcessId, CommandLine, Name, Started, ExecutablePath } = entry as Record<string, unknown>;
    if (typeof ProcessId !== "number" || typeof Started !== "string") return [];
    const command = typeof CommandLine === "string" ? CommandLine : typeof Name === "string" ? Name : null;
    const parent = typeof ParentProcessId === "number" ? ParentProcessId : 0;
    const executable = typeof ExecutablePath === "string" ? ExecutablePath : null;
    return [{ pid: ProcessId, parent, command, executable, started: Started }];
  });
}
