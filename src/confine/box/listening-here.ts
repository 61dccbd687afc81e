import { readFileSync } from "node:fs";

/**
 * Ports with a TCP listener in this process's own network namespace: proc_net(5). A box has few sockets; the whole of
 * `machine/` would take longer to load than the rest of the box.
 */
export function listeningHere(): number[] {
  const found = new Set<number>();
  for (const table of [read("/proc/self/net/tcp"), read("/proc/self/net/tcp6")]) {
    // Local address and port, the peer's, and the state: 0A listens.
    for (const [, port = ""] of table.matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) \S+ 0A /gm)) {
      found.add(Number.parseInt(port, 16));
    }
  }
  return [...found];
}

function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
