import { readFileSync } from "node:fs";
import type { Address } from "../../address/address.ts";

/**
 * Ports with a TCP listener in this process's own network namespace, but for those at these IPv4 addresses: proc_net(5). A box
 * has few sockets; the whole of `machine/` would take longer to load than the rest of the box.
 */
export function listeningHere(without: readonly Address[]): number[] {
  const others = new Set(without.map(shownInTable));
  const found = new Set<number>();
  for (const table of [read("/proc/self/net/tcp"), read("/proc/self/net/tcp6")]) {
    // Local address and port, the peer's, and the state: 0A listens.
    for (const [, at = ""] of table.matchAll(/^\s*\d+: ([0-9A-F]+:[0-9A-F]{4}) \S+ 0A /gm)) {
      if (!others.has(at)) found.add(Number.parseInt(at.slice(-4), 16));
    }
  }
  return [...found];
}

/** `127.0.0.1:80` as the table has it, in the order of this machine's bytes: `0100007F:0050`. */
function shownInTable({ host, port }: Address): string {
  const bytes = new Uint8Array(host.split(".").map(Number));
  const number = new Uint32Array(bytes.buffer)[0] ?? 0;
  const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, "0");
  return `${hex(number, 8)}:${hex(port, 4)}`;
}

function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
