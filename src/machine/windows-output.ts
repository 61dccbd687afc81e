import type { Address } from "../address/address.ts";
import { parseAddress } from "../address/parse.ts";
import { isFault } from "../fault/fault.ts";

/**
 * TCP rows of Windows' `netstat -ano`. The state's word is translated on some systems: a row whose foreign port is 0
 * listens, whatever the word.
 */
export function parseNetstatWindows(output: string): { address: Address; state: string; pid: number | null }[] {
  return output.split(/\r?\n/).flatMap((line) => {
    const [protocol, local, foreign, state, pid] = line.trim().split(/\s+/);
    if (protocol !== "TCP" || local === undefined || foreign === undefined || state === undefined) return [];
    const address = parseAddress(local);
    if (isFault(address)) return [];
    const owner = Number(pid);
    return [
      {
        address: { host: address.host, port: address.port },
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
    const { ProcessId, ParentProcessId, CommandLine, Name, Started } = entry as Record<string, unknown>;
    if (typeof ProcessId !== "number" || typeof Started !== "string") return [];
    const command = typeof CommandLine === "string" ? CommandLine : typeof Name === "string" ? Name : null;
    const parent = typeof ParentProcessId === "number" ? ParentProcessId : 0;
    return [{ pid: ProcessId, parent, command, started: Started }];
  });
}
