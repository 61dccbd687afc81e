import { isUnspecified } from "../address/classify.ts";
import type { Container } from "../machine/containers.ts";
import { exposure } from "../machine/exposure.ts";
import type { PortRow } from "./row.ts";

/**
 * Names the container behind each listener that an engine publishes it with, and adds a row for what is published without
 * any listener: an engine without its userland proxy forwards in the kernel, where no socket shows it.
 */
export function publishedRows(rows: readonly PortRow[], containers: readonly Container[], udp: boolean): PortRow[] {
  if (containers.length === 0) return [...rows];
  const named = [...rows];
  for (const { engine, id, name, ports } of containers) {
    const container = { engine, id, name };
    for (const { host, port, protocol } of ports) {
      if (protocol !== "tcp" && !(protocol === "udp" && udp)) continue;
      const same = (row: PortRow) =>
        row.port === port &&
        row.protocol === protocol &&
        (row.host === host || (isUnspecified(row.host) && isUnspecified(host)));
      const at = named.findIndex(same);
      const row = named[at];
      if (row !== undefined) named[at] = { ...row, container };
      else named.push(withoutListener(protocol, host, port, container));
    }
    for (const [at, row] of named.entries()) {
      // A process inside a container is known by its id alone until the engine is asked.
      if (row.container !== null && row.container.name === null && id.startsWith(row.container.id))
        named[at] = { ...row, container };
    }
  }
  return named;
}

function withoutListener(
  protocol: "tcp" | "udp",
  host: string,
  port: number,
  container: PortRow["container"],
): PortRow {
  return {
    protocol,
    host,
    port,
    exposure: exposure({ host }),
    v6only: null,
    reusePort: null,
    pids: [],
    uid: null,
    user: null,
    process: null,
    container,
    cove: null,
  };
}
