import { numberOf } from "../../address/network.ts";
import { field } from "./ruleset.ts";

/** A first packet from outside, as far as rules ask about it. */
export interface Packet {
  readonly family: "ip" | "ip6";
  readonly protocol: "tcp" | "udp";
  readonly iif: string;
  readonly index: number;
  readonly source: string;
  /** After any change of the destination by a rule. */
  readonly target: string;
  readonly port: number;
  readonly originalTarget: string;
  readonly originalPort: number;
  /** The target is an address of this machine. */
  readonly local: boolean;
  readonly mark: number;
  readonly tracked: boolean;
  /** A rule changed its destination. */
  readonly translated: boolean;
}

/** Something about a packet that can't be told here. */
export const UNKNOWN = Symbol("unknown");
/** The packet has no such field: a match on it never holds. */
export const ABSENT = Symbol("absent");

export type Value = number | string | readonly Value[] | typeof UNKNOWN | typeof ABSENT;

/** A port that clients' own sockets have. */
const CLIENT_PORT = 40_000;

/** What an expression of nft's is for a packet. */
export function fieldOf(expression: unknown, packet: Packet): Value {
  if (typeof expression === "number" || typeof expression === "string") return expression;
  if (Array.isArray(expression)) return expression.map((one) => fieldOf(one, packet));
  const payload = field(expression, "payload");
  if (payload !== undefined) return payloadOf(field(payload, "protocol"), field(payload, "field"), packet);
  const meta = field(expression, "meta");
  if (meta !== undefined) return metaOf(field(meta, "key"), packet);
  const ct = field(expression, "ct");
  if (ct !== undefined) return trackOf(field(ct, "key"), field(ct, "dir"), packet);
  const fib = field(expression, "fib");
  if (fib !== undefined) return routeOf(field(fib, "result"), [field(fib, "flags")].flat(), packet);
  const parts = field(expression, "concat");
  if (Array.isArray(parts)) return parts.map((one) => fieldOf(one, packet));
  const masked = field(expression, "&");
  if (Array.isArray(masked)) return maskedBy(fieldOf(masked[0], packet), fieldOf(masked[1], packet));
  if (field(expression, "exthdr") !== undefined || field(expression, "tcp option") !== undefined) return ABSENT;
  return UNKNOWN;
}

function payloadOf(protocol: unknown, name: unknown, packet: Packet): Value {
  if (protocol === "tcp" || protocol === "udp" || protocol === "th") {
    if (protocol !== "th" && protocol !== packet.protocol) return ABSENT;
    if (name === "dport") return packet.port;
    if (name === "sport") return CLIENT_PORT;
    return name === "flags" && protocol === "tcp" ? ["syn"] : UNKNOWN;
  }
  if (protocol === "ip" || protocol === "ip6") {
    if (protocol !== packet.family) return ABSENT;
    if (name === "saddr") return packet.source;
    if (name === "daddr") return packet.target;
    if (name === "protocol" || name === "nexthdr") return packet.protocol;
    return name === "frag-off" ? 0 : UNKNOWN;
  }
  // Hardware addresses and the like: each neighbour has its own.
  return protocol === "ether" || protocol === "vlan" ? UNKNOWN : ABSENT;
}

function metaOf(key: unknown, { family, protocol, iif, index, mark }: Packet): Value {
  switch (key) {
    case "iifname":
    case "iif":
      return key === "iif" && index !== 0 ? [iif, index] : iif;
    case "l4proto":
      return protocol;
    case "protocol":
      return family;
    case "nfproto":
      return family === "ip" ? "ipv4" : "ipv6";
    case "mark":
      return mark;
    case "pkttype":
      return "host";
    case "skuid":
    case "skgid":
    case "cgroup":
    case "ibrname":
    case "obrname":
      return ABSENT;
    default:
      return UNKNOWN;
  }
}

function trackOf(key: unknown, direction: unknown, packet: Packet): Value {
  switch (key) {
    case "state":
      return packet.tracked ? "new" : "untracked";
    case "status":
      return packet.translated ? ["dnat"] : [];
    case "direction":
      return "original";
    case "mark":
      return 0;
    case "helper":
      return ABSENT;
    case "l3proto":
      return packet.family === "ip" ? "ipv4" : "ipv6";
    case "protocol":
      return packet.protocol;
    case "proto-dst":
      return direction === "original" ? packet.originalPort : UNKNOWN;
    case "daddr":
    case "ip daddr":
    case "ip6 daddr":
      return direction === "original" ? packet.originalTarget : UNKNOWN;
    case "saddr":
    case "ip saddr":
    case "ip6 saddr":
      return direction === "original" ? packet.source : UNKNOWN;
    default:
      return UNKNOWN;
  }
}

/** `fib daddr type local`, and `fib saddr . iif oif missing` against forged senders: ours send from where they are. */
function routeOf(result: unknown, flags: readonly unknown[], { local, iif }: Packet): Value {
  if (result === "type") return flags.includes("daddr") ? (local ? "local" : "unicast") : "unicast";
  if (flags.includes("saddr")) return result === "oif" || result === "oifname" ? iif : result === "check" ? 1 : UNKNOWN;
  return UNKNOWN;
}

function maskedBy(value: Value, mask: Value): Value {
  if (value === ABSENT || mask === ABSENT) return ABSENT;
  if (typeof value === "number" && typeof mask === "number") return (value & mask) >>> 0;
  // tcp flags & (fin | syn): words.
  if (Array.isArray(value) && Array.isArray(mask)) return value.filter((one) => mask.includes(one));
  if (Array.isArray(value) && typeof mask === "string") return value.filter((one) => one === mask);
  if (typeof value === "string" && numberOf(value) !== null) return UNKNOWN;
  return UNKNOWN;
}
