import type { Address } from "../address/address.ts";
import { isUnspecified, unmapped } from "../address/classify.ts";

/** As much of a listener as decides who gets a connection. */
export interface ListeningSocket {
  readonly address: Address;
  /** True for an IPv6 socket that takes no IPv4 connections; null where the system doesn't say. */
  readonly v6only: boolean | null;
}

/**
 * The sockets that a connection to `host` (an IP address) may land on, out of those of one port. A socket on that very
 * address goes before one on all addresses, and one of the same family before an IPv6 one that takes IPv4 as well;
 * several that are left share the port, and the system spreads connections over them.
 */
export function whoAnswers<T extends ListeningSocket>(host: string, sockets: readonly T[]): T[] {
  const wanted = unmapped(withoutZone(host));
  const exact = sockets.filter(({ address }) => unmapped(withoutZone(address.host)) === wanted);
  if (exact.length > 0) return exact;
  if (wanted.includes(":")) return sockets.filter(({ address }) => isAllOfIPv6(address.host));
  const all = sockets.filter(({ address }) => isUnspecified(address.host) && !isAllOfIPv6(address.host));
  return all.length > 0 ? all : sockets.filter((socket) => isAllOfIPv6(socket.address.host) && socket.v6only !== true);
}

function isAllOfIPv6(host: string): boolean {
  return isUnspecified(host) && unmapped(host).includes(":");
}

function withoutZone(host: string): string {
  const percent = host.indexOf("%");
  return percent === -1 ? host : host.slice(0, percent);
}
