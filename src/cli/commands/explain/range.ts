import { isUnspecified } from "../../../address/classify.ts";
import { usualDevTool } from "../../../address/dev-tools.ts";
import { explainAddress } from "../../../address/explain-address.ts";
import { ianaServices } from "../../../address/iana-services.ts";
import { contains, networkOf } from "../../../address/network.ts";
import { formatAddress } from "../../../address/parse.ts";
import { BROWSER_BLOCKED_PORTS } from "../../../address/ports.ts";
import { machine } from "../../../machine/machine.ts";
import { ownAddresses } from "../../../machine/own-addresses.ts";
import { whoAnswers } from "../../../machine/who-answers.ts";
import { gatherRows, heldRow } from "../../../ports/gather.ts";
import { takeLook } from "../../../ports/look.ts";
import { publishedRows } from "../../../ports/published.ts";
import type { PortRow } from "../../../ports/row.ts";
import type { Context } from "../../terminal/context.ts";
import { width, wrap } from "../../terminal/table.ts";
import { coveKnowledge } from "../ports/cove-uses.ts";
import { portsTable } from "../ports/ports-text.ts";
import type { NextStep } from "./explanation.ts";
import { addressesIn, readHostsFile } from "./hosts-file.ts";
import type { Target } from "./target.ts";
import { resolveName, type Whereabouts, whereaboutsOf } from "./whereabouts.ts";

/** Several ports or addresses at once. */
export interface RangeExplanation {
  readonly about: string;
  /** What to say of it as a whole: sentences. */
  readonly text: readonly string[];
  /** Of ports: on which machine. */
  readonly where: Whereabouts | null;
  /** Addresses of this machine that lie in a network. */
  readonly own: readonly string[];
  /** Who listens there. */
  readonly listeners: readonly PortRow[];
  /** Ports that nobody listens on: first and last of each stretch. Empty for networks and other machines. */
  readonly free: readonly (readonly [number, number])[];
  readonly next: readonly NextStep[];
  readonly notes: readonly string[];
}

type PortRange = Extract<Target, { kind: "range" }>;
type Network = Extract<Target, { kind: "network" }>;

/** Ports whose usual tools are named; more would be a list of the registry. */
const NAMED = 8;

/** Looks at a stretch of ports or a network. */
export async function examineRange(target: PortRange | Network): Promise<RangeExplanation> {
  const knowledge = await coveKnowledge();
  const look = await takeLook();
  const rows = publishedRows(
    gatherRows(machine.listeners(), "tcp", look, knowledge.uses),
    look.containers,
    false,
  ).toSorted((a, b) => a.port - b.port);
  const notes = knowledge.note === null ? [] : [knowledge.note];
  return target.kind === "range" ? portsBetween(target, rows, notes) : network(target, rows, notes);
}

async function portsBetween({ host, isName, first, last }: PortRange, rows: readonly PortRow[], notes: string[]) {
  const addresses = host === null ? [] : await addressesOf(host, isName);
  const where = whereaboutsOf(host, addresses, ownAddresses());
  const here = where.machine === "this" || where.machine === "both";
  const inside = here ? rows.filter(({ port }) => port >= first && port <= last) : [];
  const listeners = host === null ? inside : answeringAt(where.own, inside);
  const free = here ? gaps(first, last, new Set(listeners.map(({ port }) => port))) : [];
  const count = last - first + 1;
  const about = `${host === null ? "ports " : `${host.includes(":") ? `[${host}]` : host}:`}${first}–${last}`;
  const text = [
    ...(where.text === null ? [] : [where.text]),
    `${count === 1 ? "1 port" : `${count} ports`}${here ? `, ${takenWords(listeners)}` : ""}.`,
    ...knownPorts(first, last),
  ];
  const [held] = listeners;
  const next = !here
    ? [{ command: `cove explain ${first}-${last}`, why: "the same ports on this machine" }]
    : held === undefined
      ? [{ command: "cove ports", why: "who listens on other ports" }]
      : [{ command: `cove explain ${formatAddress(held)}`, why: "one of them, in full" }];
  return { about, text, where, own: where.own, listeners, free, next, notes };
}

async function addressesOf(host: string, isName: boolean): Promise<readonly string[]> {
  if (!isName) return [host];
  if (/(^|\.)localhost$/.test(host)) return ["127.0.0.1", "::1"];
  const given = addressesIn(readHostsFile(), host);
  return given.length > 0 ? given : resolveName(host);
}

function answeringAt(ips: readonly string[], rows: readonly PortRow[]): PortRow[] {
  const asked = ips.map((ip) => (isUnspecified(ip) ? (ip.includes(":") ? "::1" : "127.0.0.1") : ip));
  const reached = new Set<PortRow>();
  for (const port of new Set(rows.map((row) => row.port))) {
    const held = rows.filter((row) => row.port === port).map(heldRow);
    for (const ip of asked) for (const { row } of whoAnswers(ip, held)) reached.add(row);
  }
  return rows.filter((row) => reached.has(row));
}

function takenWords(listeners: readonly PortRow[]): string {
  const taken = new Set(listeners.map(({ port }) => port)).size;
  return taken === 0 ? "nobody listens on any" : taken === 1 ? "1 has a listener" : `${taken} have a listener`;
}

function gaps(first: number, last: number, taken: ReadonlySet<number>): [number, number][] {
  const found: [number, number][] = [];
  let from = first;
  for (const port of [...taken].sort((a, b) => a - b)) {
    if (port > from) found.push([from, port - 1]);
    from = port + 1;
  }
  if (from <= last) found.push([from, last]);
  return found;
}

/** What ports are for, where there are few enough to say. */
function knownPorts(first: number, last: number): string[] {
  const known: string[] = [];
  const blocked: number[] = [];
  for (let port = first; port <= last; port++) {
    const words = usualDevTool(port) ?? ianaServices(port)[0]?.about;
    if (words !== undefined) known.push(`${port} usually: ${words}.`);
    if (BROWSER_BLOCKED_PORTS.has(port)) blocked.push(port);
  }
  return [
    ...(known.length > NAMED ? [] : known),
    ...(blocked.length === 0 || blocked.length > NAMED ? [] : [`Browsers refuse to open ${blocked.join(", ")}.`]),
  ];
}

function network({ host, bits }: Network, rows: readonly PortRow[], notes: string[]): RangeExplanation {
  const block = networkOf(host, bits);
  const own = ownAddresses().filter((one) => contains(block, one.host));
  const listeners = answeringAt([...new Set(own.map((one) => one.host))], rows);
  const size = 2n ** BigInt((block.family === "IPv6" ? 128 : 32) - bits);
  const meaning = explainAddress(block.first);
  const names = own.map((one) => `${one.host}${one.interface === null ? "" : ` on ${one.interface}`}`);
  const text = [
    `${block.first} to ${block.last}: ${size === 1n ? "1 address" : `${size.toLocaleString("en")} addresses`}.`,
    ...(meaning.ranges[0] !== undefined && contains(networkOfPrefix(meaning.ranges[0].prefix), block.last)
      ? [meaning.text, `${meaning.ranges[0].prefix} ${meaning.ranges[0].name}, ${meaning.ranges[0].rfc}`]
      : []),
    own.length === 0
      ? "This machine has no address in it: what answers there is on other machines."
      : `This machine's: ${[...new Set(names)].slice(0, NAMED).join(", ")}.`,
  ];
  const next = [{ command: "cove ports --exposed", why: "all that others than this machine can reach" }];
  return {
    about: `${block.first}/${bits}`,
    ...{ text, where: null, own: [...new Set(own.map((one) => one.host))], listeners, free: [], next, notes },
  };
}

function networkOfPrefix(prefix: string) {
  const [host = "", bits = "0"] = prefix.split("/");
  return networkOf(host, Number(bits));
}

/** A range for people. */
export function rangeLines(context: Context, found: RangeExplanation): string[] {
  const { about, text, listeners, free, next, notes } = found;
  const room = Math.max(40, Math.min(context.width, 96) - 2);
  const stretches = free.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`));
  const said = [...text, ...(free.length === 0 ? [] : [`Nobody listens on ${stretches.join(", ")}.`])];
  return [
    context.paint("bold", about),
    "",
    ...said.flatMap((line) => wrap(line, room)).map((line) => `  ${line}`),
    ...(listeners.length === 0
      ? []
      : [
          "",
          ...portsTable({ ...context, width: context.width - 2 }, listeners, Date.now()).map((line) => `  ${line}`),
        ]),
    "",
    ...next.map(({ command, why }) => `  next  ${command}${" ".repeat(Math.max(2, 40 - width(command)))}${why}`),
    ...notes.map((note) => context.paint("dim", `\n  ${note}`)),
  ];
}
