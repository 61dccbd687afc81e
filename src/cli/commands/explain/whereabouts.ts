import { lookup } from "node:dns/promises";
import { type AddressClass, classify, isUnspecified } from "../../../address/classify.ts";
import { type OwnAddress, whoseAddress } from "../../../machine/own-addresses.ts";

/** On which machine the addresses are that were asked about. */
export interface Whereabouts {
  /** `unknown`: a name that nobody could resolve. */
  readonly machine: "this" | "other" | "both" | "unknown";
  /** Those of this machine: only their listeners answer. */
  readonly own: readonly string[];
  readonly others: readonly string[];
  /** A sentence; null where there is nothing to add to what the address is. */
  readonly text: string | null;
}

/** The system's resolver may wait for DNS for a long time, ms. */
const RESOLVE_TIME = 2_000;

/** Sorts addresses by whose they are. No address: a port alone, which is asked about on this machine. */
export function whereaboutsOf(
  host: string | null,
  addresses: readonly string[],
  known: readonly OwnAddress[],
): Whereabouts {
  if (host === null) return { machine: "this", own: [], others: [], text: null };
  if (addresses.length === 0) {
    const text = `Nobody could say which address ${host} has: it may be this machine or another.`;
    return { machine: "unknown", own: [], others: [], text };
  }
  const own = addresses.filter((ip) => whoseAddress(ip, known).whose === "own");
  const others = addresses.filter((ip) => !own.includes(ip));
  const machine = others.length === 0 ? "this" : own.length === 0 ? "other" : "both";
  return { machine, own, others, text: sentence(host, own, others, known) };
}

/** Asks the system's resolver (hosts file, then DNS) for a name's addresses; empty when it knows none in time. */
export async function resolveName(name: string): Promise<string[]> {
  const late = new Promise<string[]>((resolve) => setTimeout(resolve, RESOLVE_TIME, []).unref());
  const asked = lookup(name, { all: true }).then(
    (found) => [...new Set(found.map(({ address }) => address))],
    () => [],
  );
  return Promise.race([asked, late]);
}

function sentence(
  host: string,
  own: readonly string[],
  others: readonly string[],
  known: readonly OwnAddress[],
): string | null {
  const [first] = others;
  if (first === undefined) return ownSentence(own, known);
  if (own.length > 0) return `${own.join(", ")} is this machine's, ${others.join(", ")} somebody else's.`;
  const missing = whoseAddress(first, known);
  if (missing.whose === "other" && missing.missingZone !== null) {
    return `This machine has no interface ${missing.missingZone}: nothing can be reached there.`;
  }
  const what = others.length === 1 && others[0] === host ? "" : `${host} is ${others.join(", ")}. `;
  return `${what}${OTHERS[classify(first)] ?? "Not an address of this machine: another machine has it."}`;
}

function ownSentence(own: readonly string[], known: readonly OwnAddress[]): string | null {
  const [ip] = own;
  if (ip === undefined) return null;
  if (isUnspecified(ip)) {
    return "As a target it means this machine itself on Linux and macOS, and fails on Windows: connect to 127.0.0.1 or ::1 instead.";
  }
  const found = whoseAddress(ip, known);
  if (found.whose === "other" || classify(ip) === "loopback" || classify(ip) === "name") return null;
  return found.interface === null
    ? "This machine's own address."
    : `This machine's own address, on ${found.interface}.`;
}

/** What an address is that this machine doesn't have. */
const OTHERS: Partial<Record<AddressClass, string>> = {
  private: "Not an address of this machine: a machine of some private network has it, if any.",
  shared: "Not an address of this machine: another one behind the same provider or VPN has it, if any.",
  "link-local": "Not an address of this machine: a direct neighbour has it, if any.",
  multicast: "The address of a group: no single machine has it, and TCP can't connect to it.",
  broadcast: "Every machine of the network at once: TCP can't connect to it.",
  documentation: "Nobody's: it is for examples, and nothing answers there.",
  reserved: "Not an address of this machine, and not one in use.",
  global: "Not an address of this machine: another machine on the internet has it.",
};
