import type { Address } from "../../address/address.ts";
import { isLoopback, isUnspecified, unmapped } from "../../address/classify.ts";
import { formatAddress } from "../../address/parse.ts";
import { machine } from "../../machine/machine.ts";
import type { Listener } from "../../machine/systems/system.ts";
import type { Family } from "../process/process-family.ts";

/** A port that the processes of one service listen on, whichever of them and at however many addresses. */
export interface Place {
  readonly port: number;
  /** Where this machine reaches it; null: on an address of the network alone. */
  readonly reach: Address | null;
  readonly listeners: readonly Listener[];
}

/** What a service's processes listen on at this moment, by port. TCP alone: a UDP socket takes no requests. */
export function placesOf(family: Family): Place[] {
  // Also those that have left the tree since they were seen in it.
  family.look();
  const members = new Set(family.left());
  const found = machine
    .listeners()
    .filter(({ pid, pids }) => [pid, ...pids].some((one) => one !== null && members.has(one)));
  const ports = Map.groupBy(found, ({ address }) => address.port);
  return [...ports]
    .map(([port, listeners]) => ({ port, listeners, reach: reachOf(listeners) }))
    .sort((a, b) => a.port - b.port);
}

/** Whether a listener of a place answers at this very address. */
export function answersAt({ listeners }: Place, { host, port }: Address): boolean {
  const wanted = unmapped(host);
  return listeners.some((listener) => {
    if (listener.address.port !== port) return false;
    const at = unmapped(listener.address.host);
    if (at === wanted) return true;
    if (!isUnspecified(at)) return false;
    return at.includes(":") ? wanted.includes(":") || listener.v6only !== true : !wanted.includes(":");
  });
}

/** `127.0.0.1:9229 (node server.js, pid 812)`, for people. */
export function describePlace({ port, reach, listeners }: Place): string {
  const at = reach ?? { host: listeners[0]?.address.host ?? "", port };
  const pid = listeners.find((one) => one.pid !== null)?.pid ?? null;
  const command = pid === null ? null : (machine.processDetails(pid)?.command ?? null);
  const program = command === null ? "" : `${shortened(command)}, `;
  return pid === null ? formatAddress(at) : `${formatAddress(at)} (${program}pid ${pid})`;
}

/** IPv4's loopback first, as everything finds that; then IPv6's; then another address of loopback. */
function reachOf(listeners: readonly Listener[]): Address | null {
  const port = listeners[0]?.address.port ?? 0;
  const place = { port, reach: null, listeners };
  for (const host of ["127.0.0.1", "::1"]) if (answersAt(place, { host, port })) return { host, port };
  const other = listeners.find(({ address }) => isLoopback(address.host));
  return other === undefined ? null : { host: unmapped(other.address.host), port };
}

/** As much of a command line as a message has room for; the program without its folder. */
function shortened(command: string): string {
  const [program = "", ...args] = command.replace(/(:\/\/[^:/@\s]*:)[^@\s]*@/g, "$1•••@").split(" ");
  const text = [program.replace(/^.*[/\\](?=[^/\\])/, ""), ...args].join(" ").trim();
  return text.length > 48 ? `${text.slice(0, 47)}…` : text;
}
