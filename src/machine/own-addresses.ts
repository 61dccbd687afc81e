import { readFileSync } from "node:fs";
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import { isLoopback, isUnspecified, unmapped } from "../address/classify.ts";
import { formatIPv6, parseIPv6 } from "../address/ipv6.ts";

/** An address that this machine has. */
export interface OwnAddress {
  /** Canonical, without a zone. */
  readonly host: string;
  /** `eth0`, `docker0`; null where the system tells the address alone. */
  readonly interface: string | null;
  /** `192.168.1.5/24`; null where only the address is known. */
  readonly network: string | null;
}

/** Whose an IP address is: this machine's, by which interface, or somebody else's. */
export type Whose =
  | { readonly whose: "own"; readonly interface: string | null }
  /** `zone` is an interface that is named but isn't here. */
  | { readonly whose: "other"; readonly missingZone: string | null };

/** Every address that this machine has, loopback included: also those of interfaces that nothing is plugged into. */
export function ownAddresses(
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces(),
  routes: string = readRoutes("/proc/net/fib_trie"),
  inet6: string = readRoutes("/proc/net/if_inet6"),
): OwnAddress[] {
  const found = new Map<string, OwnAddress>();
  for (const [name, addresses = []] of Object.entries(interfaces)) {
    for (const { address, cidr } of addresses) {
      const host = withoutZone(address);
      found.set(`${host} ${name}`, {
        host,
        interface: name,
        network: cidr === null ? null : cidr.replace(/%[^/]*/, ""),
      });
    }
  }
  // Node leaves out interfaces without a carrier, such as a bridge without containers.
  const known = new Set([...found.values()].map(({ host }) => host));
  for (const host of localIn(routes)) {
    if (!known.has(host)) found.set(host, { host, interface: null, network: null });
  }
  for (const { host, interface: name, network } of inet6In(inet6)) {
    if (!known.has(host)) found.set(`${host} ${name}`, { host, interface: name, network });
  }
  return [...found.values()];
}

/** Says whose an IP address is. */
export function whoseAddress(ip: string, own: readonly OwnAddress[]): Whose {
  if (isLoopback(ip) || isUnspecified(ip)) return { whose: "own", interface: null };
  const host = unmapped(withoutZone(ip));
  const zone = /%(.+)$/.exec(ip)?.[1] ?? null;
  const same = own.filter((one) => one.host === host && (zone === null || one.interface === zone));
  const [first] = same;
  if (first !== undefined) return { whose: "own", interface: first.interface };
  const here = zone === null || own.some((one) => one.interface === zone);
  return { whose: "other", missingZone: here ? null : zone };
}

/** The local addresses in the text of /proc/net/fib_trie: a leaf, then below it what it is. */
function localIn(routes: string): string[] {
  const found = new Set<string>();
  let leaf: string | null = null;
  for (const line of routes.split("\n")) {
    const address = /^\s*\|-- (\d+\.\d+\.\d+\.\d+)$/.exec(line)?.[1];
    if (address !== undefined) leaf = address;
    else if (leaf !== null && /^\s*\/32 host LOCAL$/.test(line)) found.add(leaf);
  }
  return [...found];
}

/** Addresses in the text of /proc/net/if_inet6: 32 hex digits, index, prefix length, scope, flags, interface. */
function inet6In(text: string): OwnAddress[] {
  return text.split("\n").flatMap((line) => {
    const [digits = "", , length = "", , , name = null] = line.trim().split(/\s+/);
    const groups = /^[0-9a-f]{32}$/.test(digits) ? parseIPv6(digits.replace(/(.{4})(?=.)/g, "$1:")) : null;
    if (groups === null) return [];
    const host = formatIPv6(groups);
    return [{ host, interface: name, network: `${host}/${Number.parseInt(length, 16)}` }];
  });
}

function withoutZone(host: string): string {
  return host.replace(/%.*$/, "");
}

function readRoutes(file: string): string {
  if (process.platform !== "linux") return "";
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
