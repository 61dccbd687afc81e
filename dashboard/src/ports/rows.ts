import type { PortsView } from "../../../src/home/view/view.ts";
import { filterRows } from "../../../src/ports/row.ts";
import { shortPath } from "../text/place.ts";

export type Row = PortsView["listeners"][number];

export const EXPOSURE_WORDS: Record<Row["exposure"], string> = {
  everywhere: "every network",
  lan: "local network",
  loopback: "this machine",
};

const GRAVITY: Record<Row["exposure"], number> = { everywhere: 0, lan: 1, loopback: 2 };

/** What of the list is shown. */
export interface Shown {
  readonly query: string;
  readonly exposed: boolean;
  readonly udp: boolean;
}

/** The matching rows: exposed ones first, then by port. Every word of the query must match. */
export function shownRows(rows: readonly Row[], { query, exposed, udp }: Shown): Row[] {
  let left = rows.filter(({ protocol }) => udp || protocol === "tcp");
  for (const name of query.split(/\s+/).filter((word) => word !== ""))
    left = filterRows(left, { name, exposed: false });
  return filterRows(left, { exposed }).toSorted((a, b) => GRAVITY[a.exposure] - GRAVITY[b.exposure]);
}

export function rowKey({ protocol, host, port, pids }: Row): string {
  return [protocol, host, port, pids[0] ?? ""].join(" ");
}

/** The process in a few words: the program without its folder, and its arguments. */
export function processText({ process, pids, container }: Row): string {
  if (process === null) {
    if (container !== null) return "a container";
    return pids.length === 0 ? "not shown to this user" : "ended";
  }
  const { command, program } = process;
  if (command === null) return program ?? "?";
  const first = /^"([^"]+)"|^(\S+)/.exec(command);
  const path = first?.[1] ?? first?.[2] ?? "";
  return `${path.replace(/^.*[/\\](?=[^/\\])/, "")}${command.slice(first?.[0].length ?? 0)}`;
}

/** Whose it is: what Cove knows it as, its container, or the folder of its project. */
export function belongsTo({ cove, container, process }: Row): string {
  if (cove !== null) {
    if (cove.use === "edge") return `${cove.stack}: ${cove.label}`;
    return cove.use === "alias" ? `alias ${cove.label}` : cove.label;
  }
  if (container !== null) return `container ${container.name ?? container.id.slice(0, 12)}`;
  return process?.project == null ? "" : shortPath(process.project, 2);
}

/** What a clash means. */
export const CONFLICT_TEXT: Record<PortsView["conflicts"][number]["kind"], string> = {
  localhost: "“localhost” means one process over IPv4 and another over IPv6; say 127.0.0.1 or [::1]",
  shadowed: "a process on one address takes connections that another, on every address, seems to get",
  shared: "different processes share one address (SO_REUSEPORT); the system spreads connections over them",
  apart: "different processes on different addresses",
};
