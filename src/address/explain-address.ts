import { type AddressClass, classify, isLoopback } from "./classify.ts";
import { type EmbeddedIPv4, embeddedIPv4 } from "./embedded-ipv4.ts";
import { type SpecialRange, specialRanges } from "./special-ranges.ts";

/** Who can reach a server that listens on an address, as far as the address itself says. */
type Reach = "this machine" | "the local network" | "every address" | "the internet" | "nobody" | "by name";

/** What a host is, in words. */
export interface AddressMeaning {
  readonly host: string;
  readonly family: "IPv4" | "IPv6" | "name";
  readonly class: AddressClass;
  /** Who reaches a server there; firewalls not counted. */
  readonly reach: Reach;
  /** Rows of IANA's registries that it lies in, the narrowest first. */
  readonly ranges: readonly SpecialRange[];
  /** The IPv4 address inside an IPv6 one. */
  readonly embedded: EmbeddedIPv4 | null;
  /** A sentence or two for a newcomer. */
  readonly text: string;
}

const REACH: Record<AddressClass, Reach> = {
  unspecified: "every address",
  loopback: "this machine",
  private: "the local network",
  shared: "the local network",
  "link-local": "the local network",
  multicast: "nobody",
  broadcast: "nobody",
  documentation: "nobody",
  reserved: "nobody",
  global: "the internet",
  name: "by name",
};

const EMBEDDED: Record<EmbeddedIPv4["by"], string> = {
  mapped: "It stands for the IPv4 address",
  nat64: "It leads to the IPv4 address",
  "6to4": "It was made of the IPv4 address",
  teredo: "The client behind it has the IPv4 address",
};

/** Says what an IP address or a host name is. */
export function explainAddress(host: string): AddressMeaning {
  const kind = classify(host);
  const ranges = specialRanges(host);
  const embedded = embeddedIPv4(host);
  const family = kind === "name" ? "name" : host.includes(":") ? "IPv6" : "IPv4";
  const local = isLoopback(host);
  const facts = { host, family, class: kind, ranges, embedded } as const;
  if (family === "name") return { ...facts, reach: local ? "this machine" : "by name", text: nameText(host) };
  const [narrowest] = ranges;
  const own = narrowest?.meaning ?? "A global address: some machine of the internet's.";
  const inside = embedded === null ? "" : ` ${EMBEDDED[embedded.by]} ${embedded.host}.`;
  const more = embedded?.by === "mapped" ? ` ${specialRanges(embedded.host)[0]?.meaning ?? ""}`.trimEnd() : "";
  return { ...facts, reach: REACH[kind], text: `${own}${inside}${more}` };
}

function nameText(name: string): string {
  const bare = name.replace(/\.$/, "").toLowerCase();
  if (bare === "localhost") {
    return "This machine's own name (RFC 6761 §6.3). It may mean ::1 or 127.0.0.1: which is tried first depends on the program.";
  }
  if (isLoopback(bare)) {
    return "A name under localhost: browsers and curl lead it to this machine without asking anyone (RFC 6761 §6.3).";
  }
  const special = SPECIAL_NAMES.find(([suffix]) => bare === suffix || bare.endsWith(`.${suffix}`));
  return special?.[1] ?? "A name: the system's resolver (/etc/hosts, then DNS) says which address it has.";
}

/** Names that no registry sells (RFC 6761, RFC 6762, RFC 7686, RFC 8375, RFC 9476), by their ending. */
const SPECIAL_NAMES: readonly (readonly [string, string])[] = [
  ["test", "A name for tests: nobody can register one under .test (RFC 6761 §6.2)."],
  ["example", "A name for examples: nobody can register one under .example (RFC 6761 §6.5)."],
  ["example.com", "A name for examples, kept by IANA (RFC 6761 §6.5)."],
  ["example.net", "A name for examples, kept by IANA (RFC 6761 §6.5)."],
  ["example.org", "A name for examples, kept by IANA (RFC 6761 §6.5)."],
  ["invalid", "A name that never exists (RFC 6761 §6.4)."],
  ["local", "A name that machines of the local network give themselves: multicast DNS, Bonjour, Avahi (RFC 6762)."],
  ["home.arpa", "A name inside a home network (RFC 8375)."],
  ["internal", "A name for private networks: nobody can register one under .internal (ICANN, 2024)."],
  ["onion", "A service inside the Tor network (RFC 7686)."],
  ["alt", "A name outside DNS, of some other system (RFC 9476)."],
];
