import { usualDevTool } from "./dev-tools.ts";
import { type IanaService, ianaServices } from "./iana-services.ts";
import { BROWSER_BLOCKED_PORTS, DOOR_PORT, LEASE_RANGE, portRange } from "./ports.ts";

/** What this system says of ports in general. */
export interface PortSurroundings {
  /** Ports that the system gives to outgoing connections, both ends included; null where it doesn't say. */
  readonly ephemeral: readonly [number, number] | null;
  /** The lowest port that this user may listen on. */
  readonly unprivilegedFrom: number;
}

/** What a port is, in words. */
export interface PortMeaning {
  readonly port: number;
  /** RFC 6335 §6. */
  readonly range: "well-known" | "registered" | "dynamic";
  /** The range's first and last port. */
  readonly rangeEnds: readonly [number, number];
  readonly services: readonly IanaService[];
  readonly usually: string | null;
  /** True when the system may give it to an outgoing connection before a server asks for it; null where it doesn't say. */
  readonly ephemeral: boolean | null;
  /** True when this user needs privileges to listen there. */
  readonly privileged: boolean;
  /** True when browsers refuse to connect to it (the Fetch standard's bad ports). */
  readonly blockedByBrowsers: boolean;
  /** True in the range that Cove leases from by default. */
  readonly leased: boolean;
  /** Sentences for a newcomer, the most telling first. */
  readonly text: readonly string[];
}

const ENDS = { "well-known": [0, 1023], registered: [1024, 49151], dynamic: [49152, 65535] } as const;

const RANGE_TEXT = {
  "well-known": "well-known: for the internet's standard services",
  registered: "registered: IANA keeps a list of who uses which",
  dynamic: "dynamic: nobody can register it, so that it is free for whatever runs just now",
} as const;

/** Says what a port number is, by RFC 6335, IANA's registry, custom, and this system. */
export function explainPort(port: number, { ephemeral, unprivilegedFrom }: PortSurroundings): PortMeaning {
  const range = portRange(port);
  const given = ephemeral === null ? null : port >= ephemeral[0] && port <= ephemeral[1];
  const facts = {
    port,
    range,
    rangeEnds: ENDS[range],
    services: ianaServices(port),
    usually: usualDevTool(port),
    ephemeral: given,
    privileged: port !== 0 && port < unprivilegedFrom,
    blockedByBrowsers: BROWSER_BLOCKED_PORTS.has(port),
    leased: port >= LEASE_RANGE[0] && port <= LEASE_RANGE[1],
  };
  return { ...facts, text: sentences(facts, ephemeral) };
}

function sentences(facts: Omit<PortMeaning, "text">, ephemeral: PortSurroundings["ephemeral"]): string[] {
  const { port, range, rangeEnds, services, usually } = facts;
  if (port === 0) return ["Nothing listens on port 0: a server that asks for it is given a free one by the system."];
  const text = [`${rangeEnds[0]}–${rangeEnds[1]} is ${RANGE_TEXT[range]} (RFC 6335).`];
  for (const { name, about, tcp, udp } of services) {
    const protocols = tcp && udp ? "" : tcp ? " (TCP)" : " (UDP)";
    text.push(`IANA: ${name}${protocols}, ${about}.`);
  }
  if (usually !== null) text.push(`Developers usually find here: ${usually}.`);
  if (port === DOOR_PORT)
    text.push("Above the ports that Linux gives to outgoing connections, so that none ever takes it.");
  else if (facts.ephemeral && ephemeral !== null)
    text.push(
      `This system gives ${ephemeral[0]}–${ephemeral[1]} to outgoing connections: one may hold it when a server asks.`,
    );
  else if (facts.leased) text.push("Cove gives ports of 61000–65535 to services, the same ones in every run.");
  if (facts.privileged) text.push("To listen here this user needs privileges (root, or an administrator's leave).");
  if (facts.blockedByBrowsers)
    text.push("Browsers refuse to open it (the Fetch standard's bad ports): no web page can be served here.");
  return text;
}
