import { parseIPv4 } from "./ipv4.ts";
import { parseIPv6 } from "./ipv6.ts";

/** A block of addresses with a purpose of its own. */
export interface SpecialRange {
  /** `127.0.0.0/8`. */
  readonly prefix: string;
  /** The registry's name for it. */
  readonly name: string;
  /** Where it is defined: `RFC 1122 §3.2.1.3`. */
  readonly rfc: string;
  /** One sentence for a newcomer. */
  readonly meaning: string;
}

const LOOPBACK = "Loopback: packets to it never leave this machine.";
const ANY = "No address of its own. A server that listens here answers on every address of this machine.";
const PRIVATE = "Private: a home or office network. Other machines of that network reach it, the internet does not.";
const DOCUMENTATION = "For examples in books and manuals only; nothing answers there.";
const PROTOCOL = "Set aside for a protocol of the IETF, not for services.";
const AS112 = "Nameservers that take in the world's stray reverse look-ups of private addresses.";
const RESERVED = "Reserved: not for use today.";

/** Prefix, name, defining document, meaning. */
type Row = readonly [string, string, string, string];

/**
 * IANA's special-purpose registries of IPv4 and IPv6 addresses (RFC 6890, RFC 8190, as of 2025), and the blocks with
 * registries elsewhere: multicast, deprecated site-local and IPv4-compatible addresses.
 */
const ROWS: readonly Row[] = [
  [
    "0.0.0.0/8",
    "This network",
    "RFC 791 §3.2",
    "Means “this network” while a machine has no address yet; not for services.",
  ],
  ["0.0.0.0/32", "This host on this network (unspecified)", "RFC 1122 §3.2.1.3", ANY],
  ["10.0.0.0/8", "Private-Use", "RFC 1918", PRIVATE],
  [
    "100.64.0.0/10",
    "Shared Address Space",
    "RFC 6598",
    "Shared by a provider's customers (carrier-grade NAT), and what many VPNs such as Tailscale give out. Others on that network may reach it.",
  ],
  [
    "127.0.0.0/8",
    "Loopback",
    "RFC 1122 §3.2.1.3",
    `${LOOPBACK} Every address that begins with 127 is one; 127.0.0.1 is the usual choice.`,
  ],
  [
    "169.254.0.0/16",
    "Link Local",
    "RFC 3927",
    "Given by a machine to itself where no router hands out addresses; reachable by its direct neighbours. 169.254.169.254 is where clouds keep a machine's metadata.",
  ],
  ["172.16.0.0/12", "Private-Use", "RFC 1918", `${PRIVATE} Docker's own networks usually lie here.`],
  ["192.0.0.0/24", "IETF Protocol Assignments", "RFC 6890 §2.1", PROTOCOL],
  ["192.0.0.0/29", "IPv4 Service Continuity Prefix", "RFC 7335", PROTOCOL],
  ["192.0.0.8/32", "IPv4 dummy address", "RFC 7600", PROTOCOL],
  ["192.0.0.9/32", "Port Control Protocol Anycast", "RFC 7723", PROTOCOL],
  ["192.0.0.10/32", "Traversal Using Relays around NAT Anycast", "RFC 8155", PROTOCOL],
  ["192.0.0.170/31", "NAT64/DNS64 Discovery", "RFC 8880, RFC 7050 §2.2", PROTOCOL],
  ["192.0.2.0/24", "Documentation (TEST-NET-1)", "RFC 5737", DOCUMENTATION],
  ["192.31.196.0/24", "AS112-v4", "RFC 7535", AS112],
  ["192.52.193.0/24", "AMT", "RFC 7450", "Relays of multicast into networks that have none."],
  [
    "192.88.99.0/24",
    "Deprecated (6to4 Relay Anycast)",
    "RFC 7526",
    "Once the way to the nearest 6to4 relay; given up.",
  ],
  ["192.88.99.2/32", "6a44-relay anycast address", "RFC 6751", PROTOCOL],
  ["192.168.0.0/16", "Private-Use", "RFC 1918", PRIVATE],
  ["192.175.48.0/24", "Direct Delegation AS112 Service", "RFC 7534", AS112],
  ["198.18.0.0/15", "Benchmarking", "RFC 2544", "For measuring routers in a laboratory."],
  ["198.51.100.0/24", "Documentation (TEST-NET-2)", "RFC 5737", DOCUMENTATION],
  ["203.0.113.0/24", "Documentation (TEST-NET-3)", "RFC 5737", DOCUMENTATION],
  [
    "224.0.0.0/4",
    "Multicast",
    "RFC 5771",
    "Multicast: one packet goes to every member of a group. No TCP service can listen there.",
  ],
  ["240.0.0.0/4", "Reserved", "RFC 1112 §4", RESERVED],
  [
    "255.255.255.255/32",
    "Limited Broadcast",
    "RFC 919 §7",
    "Broadcast: every machine of the local network at once. No TCP service can listen there.",
  ],
  ["::/128", "Unspecified Address", "RFC 4291 §2.5.2", `${ANY} Usually that includes its IPv4 addresses.`],
  [
    "::1/128",
    "Loopback Address",
    "RFC 4291 §2.5.3",
    `${LOOPBACK} It is IPv6's 127.0.0.1, and a different address: a server on one is not on the other.`,
  ],
  [
    "::/96",
    "IPv4-compatible (deprecated)",
    "RFC 4291 §2.5.5.1",
    "An old way to write an IPv4 address in IPv6; given up.",
  ],
  [
    "::ffff:0:0/96",
    "IPv4-mapped Address",
    "RFC 4291 §2.5.5.2",
    "An IPv4 address in IPv6's clothes: what a server on [::] sees of an IPv4 client.",
  ],
  [
    "64:ff9b::/96",
    "IPv4-IPv6 Translation (NAT64)",
    "RFC 6052",
    "An IPv4 address as seen from a network that has only IPv6.",
  ],
  [
    "64:ff9b:1::/48",
    "IPv4-IPv6 Translation, local use",
    "RFC 8215",
    "An IPv4 address as seen from a network that has only IPv6, by a translator of that network's own.",
  ],
  ["100::/64", "Discard-Only Address Block", "RFC 6666", "Whatever is sent there is thrown away."],
  ["100:0:0:1::/64", "Dummy IPv6 Prefix", "RFC 9780", PROTOCOL],
  ["2001::/23", "IETF Protocol Assignments", "RFC 2928", PROTOCOL],
  ["2001::/32", "Teredo", "RFC 4380, RFC 8190", "IPv6 through an IPv4 network's NAT, an old way."],
  ["2001:1::1/128", "Port Control Protocol Anycast", "RFC 7723", PROTOCOL],
  ["2001:1::2/128", "Traversal Using Relays around NAT Anycast", "RFC 8155", PROTOCOL],
  ["2001:1::3/128", "DNS-SD Service Registration Protocol Anycast", "RFC 9665", PROTOCOL],
  ["2001:2::/48", "Benchmarking", "RFC 5180", "For measuring routers in a laboratory."],
  ["2001:3::/32", "AMT", "RFC 7450", "Relays of multicast into networks that have none."],
  ["2001:4:112::/48", "AS112-v6", "RFC 7535", AS112],
  ["2001:10::/28", "Deprecated (previously ORCHID)", "RFC 4843", RESERVED],
  ["2001:20::/28", "ORCHIDv2", "RFC 7343", "Names of hosts that look like addresses; nothing is routed there."],
  ["2001:30::/28", "Drone Remote ID Protocol Entity Tags", "RFC 9374", "Names of drones that look like addresses."],
  ["2001:db8::/32", "Documentation", "RFC 3849", DOCUMENTATION],
  ["2002::/16", "6to4", "RFC 3056", "IPv6 over an IPv4 address that stands inside it, an old way."],
  ["2620:4f:8000::/48", "Direct Delegation AS112 Service", "RFC 7534", AS112],
  ["3fff::/20", "Documentation", "RFC 9637", DOCUMENTATION],
  ["5f00::/16", "Segment Routing (SRv6) SIDs", "RFC 9602", "Steps of a route inside a provider's network."],
  ["fc00::/7", "Unique-Local", "RFC 4193", `${PRIVATE} IPv6's 192.168.`],
  [
    "fe80::/10",
    "Link-Local Unicast",
    "RFC 4291 §2.5.6",
    "Every interface has one of its own; reachable by direct neighbours, with the interface's name behind a %.",
  ],
  ["fec0::/10", "Site-Local (deprecated)", "RFC 3879", "Once what fc00::/7 is now; given up."],
  [
    "ff00::/8",
    "Multicast",
    "RFC 4291 §2.7",
    "Multicast: one packet goes to every member of a group. No TCP service can listen there.",
  ],
];

/** Every row that a host lies in, the narrowest first; empty for ordinary global addresses and for names. */
export function specialRanges(host: string): SpecialRange[] {
  const bits = bitsOf(host);
  if (bits === null) return [];
  return ROWS.filter(([prefix]) => {
    const slash = prefix.indexOf("/");
    const length = Number(prefix.slice(slash + 1));
    const base = bitsOf(prefix.slice(0, slash));
    return base !== null && base.length === bits.length && base.slice(0, length) === bits.slice(0, length);
  })
    .map(([prefix, name, rfc, meaning]) => ({ prefix, name, rfc, meaning }))
    .sort((a, b) => lengthOf(b) - lengthOf(a));
}

/** A host as ones and zeros: 32 digits for IPv4, 128 for IPv6; null for a name. */
function bitsOf(host: string): string | null {
  const quad = parseIPv4(host);
  if (quad !== null) return quad.map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const percent = host.indexOf("%");
  const groups = parseIPv6(percent === -1 ? host : host.slice(0, percent));
  return groups === null ? null : groups.map((group) => group.toString(2).padStart(16, "0")).join("");
}

function lengthOf({ prefix }: SpecialRange): number {
  return Number(prefix.slice(prefix.indexOf("/") + 1));
}
