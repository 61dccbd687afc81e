import type { Address } from "../../address/address.ts";
import { AF_INET, AF_INET6, loopback6, type SocketKind, socketAddress } from "./redirect.ts";

/** Connections of one service to an address of loopback, and where they are led. */
export interface Route {
  /** Null: any address of loopback but Cove's own ones (127.62.x.y). 127.0.0.1 means `::1`, too. */
  readonly host: string | null;
  readonly port: number;
  /** Null: there is no way yet, and the runner is told that one is wanted. */
  readonly to: Address | null;
  /** The service that is meant. */
  readonly service: string;
  /** Only while nothing listens at the address itself. Absent: false. */
  readonly unlessTaken?: boolean;
}

/** A route as the thread looks it up. */
export interface KnownRoute {
  readonly host: number | null;
  readonly service: string;
  readonly unlessTaken: boolean;
  /**
   * `struct sockaddr` of where it leads, by the socket's family, where that has one; null: there is no way yet. An IPv4
   * address is an address within IPv6, too.
   */
  readonly to: Readonly<Record<SocketKind["family"], Buffer | null>> | null;
}

/** One service's routes by port; those that were given first win. */
export type RouteTable = ReadonlyMap<number, readonly KnownRoute[]>;

export function routeTable(routes: readonly Route[]): RouteTable {
  const table = new Map<number, KnownRoute[]>();
  for (const { host, port, to, service, unlessTaken = false } of routes) {
    const known: KnownRoute = {
      ...{ host: host === null ? null : hostNumber(host), service, unlessTaken },
      to: to && {
        [AF_INET]: to.host === "::1" ? null : socketAddress(AF_INET, hostNumber(to.host), to.port),
        [AF_INET6]: to.host === "::1" ? loopback6(to.port) : socketAddress(AF_INET6, hostNumber(to.host), to.port),
      },
    };
    table.set(port, [...(table.get(port) ?? []), known]);
  }
  return table;
}

/** `taken`: whether something listens at the address itself; asked only where that matters. */
export function routeTo(table: RouteTable, host: number, port: number, taken: () => boolean): KnownRoute | null {
  const fits = table.get(port)?.filter((route) => (route.host === null ? !isCoves(host) : route.host === host)) ?? [];
  return fits.find(({ unlessTaken }) => !unlessTaken || !taken()) ?? null;
}

/** Of 127.62.0.0/16, which leases come from: who says such an address means it. */
const isCoves = (host: number): boolean => host >>> 16 === 0x7f3e;

/** `::1` is the same place as 127.0.0.1 here. */
function hostNumber(host: string): number {
  if (host.includes(":") && !host.includes(".")) return 0x7f00_0001;
  const bytes = host.slice(host.lastIndexOf(":") + 1).split(".");
  return bytes.reduce((number, byte) => number * 256 + Number(byte), 0);
}
