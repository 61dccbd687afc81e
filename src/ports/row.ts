import type { Exposure } from "../machine/exposure.ts";
import type { PortUse } from "./uses.ts";

/** A process, as far as this user may know it. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number | null;
  /** The command line; passwords in URLs are hidden. */
  readonly command: string | null;
  /** The program's file without its folder: `node`. */
  readonly program: string | null;
  readonly user: string | null;
  readonly uid: number | null;
  readonly cwd: string | null;
  /** The project's folder that it works in. */
  readonly project: string | null;
  /** Epoch ms. */
  readonly startedAt: number | null;
  readonly container: ContainerFacts | null;
}

export interface ContainerFacts {
  /** The engine's command, `docker` or `podman`; null where none of those knows it. */
  readonly engine: string | null;
  readonly id: string;
  /** Null where only the id is known: the engine wasn't asked. */
  readonly name: string | null;
}

/** One socket that waits for connections (or datagrams), and all that is known of it: a line of `cove ports`. */
export interface PortRow {
  readonly protocol: "tcp" | "udp";
  readonly host: string;
  readonly port: number;
  readonly exposure: Exposure;
  /** See {@link ListeningSocket}. */
  readonly v6only: boolean | null;
  readonly reusePort: boolean | null;
  /** Every process that has it open, the one that opened it first; empty where this user may not know. */
  readonly pids: readonly number[];
  readonly uid: number | null;
  readonly user: string | null;
  /** The first of them. */
  readonly process: ProcessFacts | null;
  /** The container that it is published for, or whose process it is. */
  readonly container: ContainerFacts | null;
  /** What Cove has this address for. */
  readonly cove: PortUse | null;
}

export interface RowFilter {
  /** Part of a program, command, user, project, container or service; a port; a pid. */
  readonly name?: string | undefined;
  /** Only those that others than this machine can reach. */
  readonly exposed: boolean;
}

/** The rows that are asked for, by port, then address. */
export function filterRows(rows: readonly PortRow[], { name, exposed }: RowFilter): PortRow[] {
  const wanted = rows.filter(
    (row) => (!exposed || row.exposure !== "loopback") && (name === undefined || matchesRow(row, name)),
  );
  return wanted.sort((a, b) => a.port - b.port || order(a.protocol, b.protocol) || order(a.host, b.host));
}

/** By code units: the first `localeCompare` of a process loads the collation tables, which takes longer than the sort. */
function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function matchesRow(row: PortRow, name: string): boolean {
  const number = /^(?:pid[\s:]*|:)?(\d+)$/i.exec(name)?.[1];
  if (number !== undefined) {
    const pid = row.pids.includes(Number(number));
    return /^pid/i.test(name) ? pid : row.port === Number(number) || (pid && !name.startsWith(":"));
  }
  const { process, container, cove } = row;
  const word = name.toLowerCase();
  return [
    process?.command,
    process?.program,
    row.user,
    process?.project,
    container?.name,
    container?.id,
    cove?.label,
    cove !== null && "stack" in cove ? cove.stack : null,
    // As addresses are printed, without their parser: the dashboard filters with this too.
    row.host.includes(":") ? `[${row.host}]:${row.port}` : `${row.host}:${row.port}`,
  ].some((text) => text?.toLowerCase().includes(word));
}
