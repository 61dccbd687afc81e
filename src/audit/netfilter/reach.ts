import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { classify, isUnspecified, unmapped } from "../../address/classify.ts";
import { type Network, networkOf, numberOf } from "../../address/network.ts";
import { type Fate, fatesOf } from "./evaluate.ts";
import { elementOf } from "./match.ts";
import type { Packet } from "./packet.ts";
import { field, type Ruleset } from "./ruleset.ts";

/** Where somebody listens, or a container's port is published. */
export interface Place {
  readonly protocol: "tcp" | "udp";
  readonly host: string;
  readonly port: number;
  /** False: an IPv6 listener that takes IPv4 connections too. Null: not known. */
  readonly v6only: boolean | null;
}

/** Whom the firewall lets get to a place. */
export interface Reach {
  /** `some`: only from certain networks, interfaces or IP versions. `unknown`: the rules can't be read or evaluated. */
  readonly letIn: "everyone" | "some" | "nobody" | "unknown";
  /** With `some`, who; with `unknown`, why; else null. */
  readonly who: string | null;
  /** The tables that keep others out: `inet filter`. */
  readonly tables: readonly string[];
}

/** An interface that packets come in by. */
export interface NetworkInterface {
  readonly name: string;
  readonly index: number;
  /** `192.168.1.5/24`. */
  readonly addresses: readonly string[];
}

/** A sender that stands for others like it. */
interface Sender {
  readonly address: string;
  /** `10.0.0.0/8`, `the network of eth0`. */
  readonly called: string;
}

/** Senders beyond these count as one of them; a long block list has thousands. */
const MOST_SENDERS = 40;
/** Machines on the internet that no rule names. */
const ANYBODY: readonly Sender[] = [
  { address: "93.184.215.14", called: "the internet" },
  { address: "2606:2800:21f:cb07::14", called: "the internet" },
];

/** This machine's interfaces that others are behind. */
export function outsideInterfaces(): NetworkInterface[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) => {
    const outer = addresses.filter(({ internal, cidr }) => !internal && cidr !== null);
    if (outer.length === 0) return [];
    return [{ name, index: indexOf(name), addresses: outer.map(({ cidr }) => (cidr ?? "").replace(/%[^/]*/, "")) }];
  });
}

function indexOf(name: string): number {
  try {
    return Number(readFileSync(`/sys/class/net/${name}/ifindex`, "latin1")) || 0;
  } catch {
    return 0;
  }
}

/** Sends a first packet of every kind of sender by every interface through the rules. */
export function reachOf(place: Place, ruleset: Ruleset, interfaces: readonly NetworkInterface[]): Reach {
  const senders = sendersIn(ruleset);
  const doors = forwardedTo(place, ruleset);
  const tries = interfaces.flatMap((one) =>
    targetsOf(place, one).flatMap((target) =>
      [...neighboursOf(one, target), ...senders].flatMap((sender) => {
        if (numberOf(sender.address)?.family !== numberOf(target)?.family) return [];
        const fates = doors.flatMap((port) =>
          arrivals(place, packetOf(place, one, sender.address, target, port), ruleset),
        );
        return [{ sender, through: one.name, target, fates }];
      }),
    ),
  );
  return summary(tries);
}

interface Try {
  readonly sender: Sender;
  readonly through: string;
  readonly target: string;
  readonly fates: readonly Fate[];
}

/** A packet to another port counts only where a rule turns it to this one. */
function arrivals({ port }: Place, packet: Packet, ruleset: Ruleset): Fate[] {
  const fates = fatesOf(packet, ruleset);
  return packet.port === port
    ? fates
    : fates.filter((fate) => fate.passed && fate.packet.translated && fate.packet.port === port);
}

function summary(tries: readonly Try[]): Reach {
  const outcome = ({ fates }: Try) => {
    const sure = fates.filter(({ unsure }) => unsure === null);
    if (sure.some(({ passed }) => passed)) return "in" as const;
    const passing = fates.filter(({ passed }) => passed).length;
    return passing === 0 ? ("out" as const) : passing === fates.length ? ("in" as const) : ("unsure" as const);
  };
  const all = tries.map((one) => ({ ...one, outcome: outcome(one) }));
  const tables = [
    ...new Set(
      tries.flatMap(({ fates }) => fates.flatMap(({ passed, table }) => (passed || table === null ? [] : [table]))),
    ),
  ];
  const inside = all.filter((one) => one.outcome === "in");
  if (inside.length === all.length && all.length > 0) return { letIn: "everyone", who: null, tables: [] };
  const [unsure] = all.filter((one) => one.outcome === "unsure");
  if (unsure !== undefined) {
    return { letIn: "unknown", who: unsure.fates.find((fate) => fate.unsure !== null)?.unsure ?? null, tables };
  }
  if (inside.length === 0) return { letIn: "nobody", who: null, tables };
  return { letIn: "some", who: whoGetsIn(all), tables };
}

/** In as few words as are true: interfaces, an IP version, else the senders. */
function whoGetsIn(all: readonly (Try & { readonly outcome: "in" | "out" | "unsure" })[]): string {
  const only = (of: (one: Try) => string): string[] | null => {
    const inside = new Set(all.filter((one) => one.outcome === "in").map(of));
    const outside = new Set(all.filter((one) => one.outcome !== "in").map(of));
    return [...inside].some((one) => outside.has(one)) ? null : [...inside];
  };
  const family = only(({ target }) => (target.includes(":") ? "IPv6" : "IPv4"));
  if (family !== null) return `everyone, over ${family.join(" and ")} only`;
  const through = only((one) => one.through);
  if (through !== null) return `what comes in by ${through.join(", ")}`;
  const inside = new Set(all.filter((one) => one.outcome === "in").map(({ sender }) => sender.called));
  const outside = new Set(all.filter((one) => one.outcome !== "in").map(({ sender }) => sender.called));
  if (inside.has("the internet") && !outside.has("the internet")) {
    return `everyone but ${listed([...outside].filter((one) => !inside.has(one)))}`;
  }
  return listed([...inside]);
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(", ");
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}

function packetOf(
  place: Place,
  { name, index }: NetworkInterface,
  source: string,
  target: string,
  port: number,
): Packet {
  return {
    family: target.includes(":") ? "ip6" : "ip",
    ...{ protocol: place.protocol, iif: name, index, source, target, port },
    ...{ originalTarget: target, originalPort: port, local: true, mark: 0, tracked: true, translated: false },
  };
}

/** The addresses that others use to get to a place by an interface. */
function targetsOf({ host, v6only }: Place, { addresses }: NetworkInterface): string[] {
  const bare = unmapped(host.replace(/%.*$/, ""));
  if (!isUnspecified(bare)) return [bare];
  const own = addresses.map((one) => one.replace(/\/.*$/, ""));
  if (!bare.includes(":")) return own.filter((one) => !one.includes(":"));
  return v6only === true ? own.filter((one) => one.includes(":")) : own;
}

/** A machine of each network that the interface is in. */
function neighboursOf({ name, addresses }: NetworkInterface, target: string): Sender[] {
  return addresses.flatMap((one) => {
    const [host = "", bits = "0"] = one.split("/");
    if (host.includes(":") !== target.includes(":")) return [];
    const network = networkOf(host, Number(bits));
    const address = inside(network, [host]);
    return address === null ? [] : [{ address, called: `the network of ${name} (${network.first}/${bits})` }];
  });
}

/** An address of a network that isn't one of these, away from its ends. */
function inside({ from, to, family }: Network, taken: readonly string[]): string | null {
  const width = family === "IPv4" ? 32 : 128;
  for (const value of [from + 2n, from + 1n, to - 1n, from]) {
    if (value < from || value > to) continue;
    const address = networkOf(hostOf(value, family), width).first;
    if (!taken.includes(address)) return address;
  }
  return null;
}

function hostOf(value: bigint, family: Network["family"]): string {
  const [count, bits] = family === "IPv4" ? [4, 8n] : [8, 16n];
  const parts = Array.from(
    { length: count },
    (_, at) => (value >> (bits * BigInt(count - 1 - at))) & ((1n << bits) - 1n),
  );
  return family === "IPv4" ? parts.join(".") : parts.map((part) => part.toString(16)).join(":");
}

/** One sender for each network that rules speak of, and one that they don't. */
function sendersIn(ruleset: Ruleset): Sender[] {
  const found = new Map<string, Sender>();
  const add = (host: string, bits: number) => {
    if (found.size >= MOST_SENDERS) return;
    const kind = classify(host);
    if (kind === "loopback" || kind === "multicast" || kind === "broadcast" || kind === "unspecified" || bits === 0)
      return;
    const network = networkOf(host, bits);
    const alone = bits === (network.family === "IPv4" ? 32 : 128);
    const address = alone ? host : inside(network, []);
    if (address !== null) found.set(address, { address, called: alone ? host : `${network.first}/${bits}` });
  };
  const visit = (value: unknown): void => {
    if (typeof value === "string") {
      const number = numberOf(value);
      if (number !== null) add(value, number.family === "IPv4" ? 32 : 128);
    } else if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === "object" && value !== null) {
      const prefix = field(value, "prefix");
      const [addr, len] = [field(prefix, "addr"), field(prefix, "len")];
      if (typeof addr === "string" && typeof len === "number") {
        if (numberOf(addr) !== null) add(addr, len);
      } else Object.values(value).forEach(visit);
    }
  };
  visit(ruleset.chains.map(({ rules }) => rules));
  for (const elements of ruleset.sets.values()) visit(elements.slice(0, MOST_SENDERS).map(elementOf));
  for (const one of ANYBODY)
    if (![...found.values()].some(({ address }) => address === one.address)) found.set(one.address, one);
  return [...found.values()];
}

/** The place's port, and those that rules turn to it. */
function forwardedTo({ port }: Place, { chains }: Ruleset): number[] {
  const doors = new Set([port]);
  for (const rule of chains.flatMap((chain) =>
    chain.base?.type === "nat" || chain.base === null ? chain.rules : [],
  )) {
    const turned = rule.some((one) =>
      [field(one, "redirect"), field(one, "dnat")].some((to) => field(to, "port") === port),
    );
    if (!turned) continue;
    for (const one of rule) {
      const left = field(field(field(one, "match"), "left"), "payload");
      const right = field(field(one, "match"), "right");
      if (field(left, "field") !== "dport") continue;
      for (const value of [right, field(right, "set") ?? []].flat()) if (typeof value === "number") doors.add(value);
    }
  }
  return [...doors];
}
