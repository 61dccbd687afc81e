import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { networkInterfaces } from "node:os";
import type { Address } from "../address/address.ts";
import { isUnspecified, unmapped } from "../address/classify.ts";
import { formatAddress } from "../address/parse.ts";
import { BROWSER_BLOCKED_PORTS, isPort } from "../address/ports.ts";
import { type Fault, fault, isFault } from "../fault/fault.ts";
import { holderOf } from "../machine/holder-at.ts";
import { describeHolder, machine } from "../machine/machine.ts";
import type { Lease } from "./lease.ts";
import { isWithin, type PortRange } from "./range.ts";
import type { LeaseTable } from "./table.ts";

/** What a choice depends on. */
export interface Surroundings {
  readonly table: LeaseTable;
  readonly ranges: readonly PortRange[];
  /** The door's port, which is never leased. */
  readonly door: number;
  /** Ports in use on this machine, from a look that is at most 200 ms old. */
  readonly used: () => ReadonlySet<number>;
  /** Roots of projects whose folder is gone, looked at at the same time. */
  readonly goneRoots: () => readonly string[];
}

const LOOPBACK = "127.0.0.1";
/** How many ports are looked at first; that is nearly always enough. */
const NEARBY = 64;
/** 127.62.0.1 to 127.62.255.254, without .0 and .255. */
const OWN_HOSTS = 256 * 254;

/**
 * A port of 127.0.0.1 that nobody has leased, nothing uses and browsers accept. The search starts at a place derived
 * from `seed`, so that a project mostly gets the same ports even on another machine or with a new state file.
 */
export function chooseFree(seed: string, around: Surroundings): Address | Fault {
  for (const range of around.ranges) {
    const port = probe(seed, range, around) ?? recycle(range, around);
    if (port !== null) return { host: LOOPBACK, port };
  }
  const text = around.ranges.map(([first, last]) => `${first}–${last}`).join(", ");
  return fault(
    "LEASES_EXHAUSTED",
    `every port of ${text} is leased or in use`,
    "see them with: cove lease; give up those of folders that are gone: cove lease --release --stale; one of this project: cove lease --release <name>",
  );
}

/** This port of 127.0.0.1, unless another holder has it, something listens on it, or this user may not. */
export function chooseFixed(port: number, around: Surroundings): Address | Fault {
  const address = { host: LOOPBACK, port };
  const refused = refusal(port) ?? (port === around.door ? doorsOwn(port) : null);
  if (refused !== null) return refused;
  const held = around.table.at(address);
  if (held !== undefined) {
    if (existsSync(held.root)) return heldBy(held);
    around.table.remove(held);
  }
  return taken(address) ?? address;
}

/**
 * This port of 127.0.0.1 for a project one of whose services has had it, and gives it up. What listens there is most likely
 * that service, which will have ended before the port is used.
 */
export function moveFixed(project: string, port: number, around: Surroundings): Address | Fault {
  const address = { host: LOOPBACK, port };
  const held = around.table.at(address);
  if (held !== undefined && held.project !== project) return chooseFixed(port, around);
  if (held !== undefined) around.table.remove(held);
  return address;
}

/** A loopback address that is nobody else's, with this port or one from the range. `orAny`: that one where this can't be had. */
export function chooseOwn(
  seed: string,
  port: number | undefined,
  around: Surroundings,
  orAny: boolean,
): Address | Fault {
  const refused = port === undefined ? null : refusal(port);
  if (refused !== null) return orAny ? chooseOwn(seed, undefined, around, false) : refused;
  const chosen = port ?? chooseFree(seed, around);
  if (isFault(chosen)) return chosen;
  const ownPort = typeof chosen === "number" ? chosen : chosen.port;

  const start = hash(seed) % OWN_HOSTS;
  for (let step = 0; step < OWN_HOSTS; step++) {
    const index = (start + step) % OWN_HOSTS;
    const host = `127.62.${Math.floor(index / 254)}.${(index % 254) + 1}`;
    if (around.table.hostTaken(host)) continue;
    const held = taken({ host, port: ownPort });
    if (held !== null && orAny) return chooseOwn(seed, undefined, around, false);
    return held ?? unconfigured(host) ?? { host, port: ownPort };
  }
  return fault(
    "LEASES_EXHAUSTED",
    "every loopback address of 127.62.0.0/16 is leased",
    "give up those of folders that are gone: cove lease --release --stale; see all: cove lease",
  );
}

/** Whether a lease still answers its holder's request, so that it can be kept. */
export function stillFits(
  lease: Lease,
  request: { port?: number; ownAddress?: boolean },
  { ranges, door }: Surroundings,
): boolean {
  const own = lease.host !== LOOPBACK;
  if (own !== (request.ownAddress ?? false)) return false;
  if (request.port !== undefined) return lease.port === request.port && (own || lease.port !== door);
  return !lease.fixed && lease.port !== door && isWithin(lease.port, ranges);
}

function probe(seed: string, range: PortRange, around: Surroundings): number | null {
  const [first, last] = range;
  const start = first + (hash(seed) % (last - first + 1));
  const end = Math.min(start + NEARBY - 1, last);
  const near = firstFree(start, end, around);
  if (near !== null || isFull(range, around)) return near;
  return firstFree(end + 1, last, around) ?? firstFree(first, start - 1, around);
}

function firstFree(from: number, to: number, { table, door, used }: Surroundings): number | null {
  if (from > to) return null;
  const leased = table.portsBetween(from, to);
  for (let port = from; port <= to; port++) {
    if (leased.has(port) || port === door || BROWSER_BLOCKED_PORTS.has(port) || used().has(port)) continue;
    return port;
  }
  return null;
}

/** Counting is ten times faster than looking at each port. False may also mean: not sure. */
function isFull([first, last]: PortRange, { table, door }: Surroundings): boolean {
  const size = last - first + 1 - (door >= first && door <= last ? 1 : 0);
  return table.countBetween(first, last, door) >= size;
}

/** The longest-unused port of a project that is gone. Only a full range is worth the look at everyone's folders. */
function recycle([first, last]: PortRange, { table, door, used, goneRoots }: Surroundings): number | null {
  const gone = goneRoots();
  if (gone.length === 0) return null;
  const old = table.oldestOf(gone, first, last).find(({ port }) => port !== door && !used().has(port));
  if (old === undefined) return null;
  table.remove(old);
  return old.port;
}

function refusal(port: number): Fault | null {
  if (!isPort(port) || port === 0) {
    return fault(
      "ADDRESS_INVALID",
      `${port} is not a port that can be listened on`,
      "Give a whole number from 1 to 65535",
    );
  }
  const lowest = machine.unprivilegedFrom();
  if (port >= lowest) return null;
  return fault(
    "PORT_PRIVILEGED",
    `port ${port} needs privileges: this user may listen only on ports from ${lowest} up`,
    `Ask for a port from ${lowest} up; the service has its name at the door with any port`,
    { port, lowest },
  );
}

function doorsOwn(port: number): Fault {
  return fault(
    "PORT_TAKEN",
    `port ${port} is where Cove's door listens`,
    "Choose another port, or set another one for the door: COVE_PORT",
    {
      port,
    },
  );
}

function heldBy(lease: Lease): Fault {
  const where = lease.branch === null ? lease.root : `${lease.root} (branch ${lease.branch})`;
  const { host, port, project, root, branch, holder } = lease;
  return fault(
    "LEASE_HELD",
    `${formatAddress(lease)} is leased to ${holder} of ${where}`,
    `Ask for another port, or give that lease up with: cove lease --release ${port}`,
    { host, port, project, root, branch, holder },
  );
}

/** PORT_TAKEN when something listens already that conflicts with a listener on `wanted`, or would be mistaken for it. */
function taken(wanted: Address): Fault | null {
  const inTheWay = machine.listeners(wanted.port).find(({ address: { host } }) => {
    // `localhost` may lead to ::1 first, so a listener there would be mistaken for the service.
    return isUnspecified(host) || unmapped(host) === wanted.host || (host === "::1" && wanted.host === LOOPBACK);
  });
  if (inTheWay === undefined) return null;
  const holder = holderOf(inTheWay);
  return fault(
    "PORT_TAKEN",
    `port ${wanted.port} is held by ${describeHolder(holder)}, listening on ${formatAddress(inTheWay.address)}`,
    "Stop that process, or take the fixed port out of the config and let Cove choose one",
    { ...wanted, ...holder },
  );
}

/** Linux and Windows answer on all of 127/8 by themselves; macOS only on addresses that lo0 was given. */
function unconfigured(host: string): Fault | null {
  if (process.platform === "linux" || process.platform === "win32") return null;
  const known = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === host));
  if (known) return null;
  return fault(
    "UNSUPPORTED",
    `this system doesn't have the loopback address ${host} yet`,
    `Run: sudo ifconfig lo0 alias ${host} up`,
  );
}

function hash(seed: string): number {
  return createHash("sha256").update(seed).digest().readUInt32BE(0);
}
