import { existsSync } from "node:fs";
import type { Address } from "../address/address.ts";
import type { State } from "../state/state.ts";
import type { Lease, LeaseFilter } from "./lease.ts";
import type { Project } from "./project.ts";

export type LeaseTable = ReturnType<typeof leaseTable>;

/** The leases as rows. What changes them must run inside a transaction of the state. */
export function leaseTable({ db }: State) {
  const findOne = db.prepare("SELECT * FROM leases WHERE project = ? AND holder = ?");
  const touch = db.prepare("UPDATE leases SET used_at = ?, fixed = ? WHERE project = ? AND holder = ?");
  const insert = db.prepare(
    "INSERT INTO leases (host, port, project, root, branch, holder, fixed, created_at, used_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const select = db.prepare(
    `SELECT * FROM leases WHERE host = coalesce(:host, host) AND port = coalesce(:port, port)
       AND project = coalesce(:project, project) AND root = coalesce(:root, root) AND holder = coalesce(:holder, holder)
     ORDER BY port, host`,
  );
  const remove = db.prepare("DELETE FROM leases WHERE project = ? AND holder = ?");
  const at = db.prepare("SELECT * FROM leases WHERE host = ? AND port = ?");
  const onHost = db.prepare("SELECT 1 FROM leases WHERE host = ? LIMIT 1");
  // One text instead of a row per port: reading thousands of rows one by one is what takes time.
  const portsBetween = db.prepare(
    "SELECT group_concat(port) AS ports FROM leases WHERE host = '127.0.0.1' AND port BETWEEN ? AND ?",
  );
  const countBetween = db.prepare(
    "SELECT count(*) AS count FROM leases WHERE host = '127.0.0.1' AND port BETWEEN ? AND ? AND port <> ?",
  );
  const roots = db.prepare("SELECT DISTINCT root FROM leases");
  const oldestOf = db.prepare(
    `SELECT * FROM leases WHERE host = '127.0.0.1' AND fixed = 0 AND port BETWEEN ? AND ?
       AND root IN (SELECT value FROM json_each(?)) ORDER BY used_at, port`,
  );

  function list(filter: LeaseFilter): Lease[] {
    const { host = null, port = null, project = null, root = null, holder = null, stale } = filter;
    const leases = select.all({ host, port, project, root, holder }).map(leaseOf);
    return stale === undefined ? leases : leases.filter((lease) => existsSync(lease.root) !== stale);
  }

  return {
    list,
    find(project: string, holder: string): Lease | undefined {
      const row = findOne.get(project, holder);
      return row === undefined ? undefined : leaseOf(row);
    },
    at(address: Address): Lease | undefined {
      const row = at.get(address.host, address.port);
      return row === undefined ? undefined : leaseOf(row);
    },
    /** The same lease, marked as used now. */
    use(lease: Lease, fixed: boolean): Lease {
      const usedAt = Date.now();
      touch.run(usedAt, Number(fixed), lease.project, lease.holder);
      return { ...lease, fixed, usedAt };
    },
    add(project: Project, holder: string, address: Address, fixed: boolean): Lease {
      const now = Date.now();
      const { key, root, branch } = project;
      insert.run(address.host, address.port, key, root, branch, holder, Number(fixed), now, now);
      return {
        ...{ host: address.host, port: address.port },
        ...{ project: key, root, branch, holder, fixed, createdAt: now, usedAt: now },
      };
    },
    remove(lease: Pick<Lease, "project" | "holder">): void {
      remove.run(lease.project, lease.holder);
    },
    /** Whether anyone has this loopback address, on whatever port. */
    hostTaken: (host: string): boolean => onHost.get(host) !== undefined,
    /** Leased ports of 127.0.0.1, both ends included. */
    portsBetween(first: number, last: number): Set<number> {
      const ports = portsBetween.get(first, last)?.ports;
      return new Set(typeof ports === "string" ? ports.split(",").map(Number) : []);
    },
    /** How many ports of 127.0.0.1 are leased between two, not counting one. */
    countBetween: (first: number, last: number, without: number): number =>
      Number(countBetween.get(first, last, without)?.count),
    /** Roots of projects whose folder is gone. Looks at the file system once per project. */
    goneRoots: (): string[] =>
      roots.all().flatMap(({ root }) => (typeof root === "string" && !existsSync(root) ? [root] : [])),
    /** Leases between two ports whose project has one of these roots, longest unused first; never fixed ones. */
    oldestOf: (roots: readonly string[], first: number, last: number): Lease[] =>
      oldestOf.all(first, last, JSON.stringify(roots)).map(leaseOf),
  };
}

function leaseOf(row: Record<string, unknown>): Lease {
  return {
    host: String(row.host),
    port: Number(row.port),
    project: String(row.project),
    root: String(row.root),
    branch: row.branch === null ? null : String(row.branch),
    holder: String(row.holder),
    fixed: row.fixed === 1,
    createdAt: Number(row.created_at),
    usedAt: Number(row.used_at),
  };
}
