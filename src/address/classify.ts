import { parseIPv4 } from "./ipv4.ts";
import { mappedIPv4, parseIPv6 } from "./ipv6.ts";

/**
 * What an IP address is for:
 * - `unspecified`: 0.0.0.0, `::` (RFC 1122 §3.2.1.3, RFC 4291 §2.5.2); a listener there answers on every address
 * - `loopback`: 127.0.0.0/8, `::1` (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3)
 * - `private`: 10/8, 172.16/12, 192.168/16 (RFC 1918), fc00::/7 (RFC 4193)
 * - `shared`: 100.64/10, carrier-grade NAT and many VPNs (RFC 6598)
 * - `link-local`: 169.254/16 (RFC 3927), fe80::/10 (RFC 4291 §2.5.6)
 * - `multicast`: 224/4 (RFC 5771), ff00::/8 (RFC 4291 §2.7)
 * - `broadcast`: 255.255.255.255 (RFC 919 §7)
 * - `documentation`: 192.0.2/24, 198.51.100/24, 203.0.113/24 (RFC 5737), 2001:db8::/32 (RFC 3849), 3fff::/20 (RFC 9637)
 * - `reserved`: 0/8 (RFC 1122), 240/4 (RFC 1112 §4), 192.0.0/24 (RFC 6890), 198.18/15 (RFC 2544)
 * - `global`: everything else
 * - `name`: not an IP address at all
 */
export type AddressClass =
  | "unspecified"
  | "loopback"
  | "private"
  | "shared"
  | "link-local"
  | "multicast"
  | "broadcast"
  | "documentation"
  | "reserved"
  | "global"
  | "name";

/** Classifies a host; IPv4-mapped IPv6 (`::ffff:127.0.0.1`, RFC 4291 §2.5.5.2) counts as the IPv4 address inside. */
export function classify(host: string): AddressClass {
  const bare = unmapped(host);
  const v4 = parseIPv4(bare);
  if (v4 !== null) return classifyIPv4(v4);
  const v6 = parseIPv6(withoutZone(bare));
  return v6 === null ? "name" : classifyIPv6(v6);
}

/** The whole of 127/8, `::1`, `::ffff:127.x.y.z`, and the names `localhost` and `*.localhost` (RFC 6761 §6.3). */
export function isLoopback(host: string): boolean {
  return classify(host) === "loopback" || /(^|\.)localhost\.?$/i.test(host);
}

/** `0.0.0.0`, `::`, `::ffff:0.0.0.0`: as a listener, every address of this machine. */
export function isUnspecified(host: string): boolean {
  return classify(host) === "unspecified";
}

/** The IPv4 address inside `::ffff:a.b.c.d` in either spelling; any other host as it is. */
export function unmapped(host: string): string {
  const groups = host.includes(":") ? parseIPv6(withoutZone(host)) : null;
  return (groups === null ? null : mappedIPv4(groups)) ?? host;
}

function withoutZone(host: string): string {
  const percent = host.indexOf("%");
  return percent === -1 ? host : host.slice(0, percent);
}

function classifyIPv4([a, b, c, d]: readonly [number, number, number, number]): AddressClass {
  if (a === 0) return b === 0 && c === 0 && d === 0 ? "unspecified" : "reserved";
  if (a === 127) return "loopback";
  if (a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168)) return "private";
  if (a === 100 && b >= 64 && b < 128) return "shared";
  if (a === 169 && b === 254) return "link-local";
  if (a >= 224 && a < 240) return "multicast";
  if (a === 255 && b === 255 && c === 255 && d === 255) return "broadcast";
  if (
    (a === 192 && b === 0 && c === 2) ||
    (a === 198 && b === 51 && c === 100) ||
    (a === 203 && b === 0 && c === 113)
  ) {
    return "documentation";
  }
  if (a >= 240 || (a === 192 && b === 0 && c === 0) || (a === 198 && (b === 18 || b === 19))) return "reserved";
  return "global";
}

function classifyIPv6(groups: readonly number[]): AddressClass {
  const [first = 0, second = 0] = groups;
  if (groups.slice(0, 7).every((group) => group === 0)) {
    if (groups[7] === 0) return "unspecified";
    if (groups[7] === 1) return "loopback";
  }
  if (first >= 0xff00) return "multicast";
  if ((first & 0xffc0) === 0xfe80) return "link-local";
  if ((first & 0xfe00) === 0xfc00) return "private";
  if ((first === 0x2001 && second === 0x0db8) || (first === 0x3fff && second < 0x1000)) return "documentation";
  return "global";
}
