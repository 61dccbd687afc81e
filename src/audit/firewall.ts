import { runTool } from "../machine/systems/run-tool.ts";
import { type NetworkInterface, outsideInterfaces, type Place, type Reach, reachOf } from "./netfilter/reach.ts";
import { type ReadRules, readRules } from "./netfilter/read.ts";

/** Whether this machine drops connections from outside unless a rule lets them in. */
export interface Firewall {
  /** `nftables`, `ufw`, `pf` …; null where none was found. */
  readonly name: string | null;
  /** What becomes of an ordinary port. `unknown`: this user may not ask, or a rule can't be evaluated. */
  readonly state: "filters" | "open" | "unknown";
  /** With `unknown`: why. */
  readonly why?: string;
}

/** What stands between this machine's ports and its networks. */
export interface Wall {
  readonly firewall: Firewall;
  /** Whom it lets get to a place. */
  readonly reach: (place: Place) => Reach;
}

/** Asks the firewalls that this system may have. */
export function readFirewall(): Wall {
  if (process.platform === "darwin") {
    return asWhole(
      applicationFirewall(runTool("/usr/libexec/ApplicationFirewall/socketfilterfw", ["--getglobalstate"])),
    );
  }
  if (process.platform === "win32") {
    return asWhole(windowsFirewall(runTool("netsh", ["advfirewall", "show", "allprofiles", "state"])));
  }
  return netfilter(readRules(), outsideInterfaces());
}

/** These programs' rules aren't read one by one. */
function asWhole(firewall: Firewall): Wall {
  const why = firewall.state === "filters" ? `${firewall.name} has rules for each program` : null;
  const letIn = firewall.state === "open" ? "everyone" : "unknown";
  return { firewall, reach: () => ({ letIn, who: why, tables: [] }) };
}

/** Stands for a network where this machine is in none just now. */
const SOME_NETWORK = { name: "eth0", index: 0, addresses: ["192.168.77.7/24"] };
/** A port that rules for single ports don't mean. */
const ORDINARY_PORTS = [61_403, 47_881];

/** Linux: every rule is followed, for every port by itself. */
export function netfilter({ ruleset, name, unread }: ReadRules, interfaces: readonly NetworkInterface[]): Wall {
  if (unread !== null) {
    return {
      firewall: { name, state: "unknown", why: unread },
      reach: () => ({ letIn: "unknown", who: unread, tables: [] }),
    };
  }
  const through = interfaces.length === 0 ? [SOME_NETWORK] : interfaces;
  const known = new Map<string, Reach>();
  const reach = (place: Place) => {
    const key = `${place.protocol} ${place.host} ${place.port} ${place.v6only}`;
    const found = known.get(key) ?? reachOf(place, ruleset, through);
    known.set(key, found);
    return found;
  };
  const ordinary = ORDINARY_PORTS.map((port) => reach({ protocol: "tcp", host: "::", port, v6only: false }));
  const state = ordinary.some(({ letIn }) => letIn === "unknown")
    ? "unknown"
    : ordinary.some(({ letIn }) => letIn === "everyone")
      ? "open"
      : "filters";
  const why = ordinary.find(({ letIn }) => letIn === "unknown")?.who ?? null;
  return { firewall: { name, state, ...(why !== null && { why }) }, reach };
}

/** macOS: `Firewall is enabled. (State = 1)`. */
export function applicationFirewall(output: string): Firewall {
  const state = /State\s*=\s*(\d)/.exec(output)?.[1];
  if (state === undefined) return { name: null, state: "unknown" };
  return { name: "the application firewall", state: state === "0" ? "open" : "filters" };
}

/** Windows: a line `State ON` for each profile; one that is off leaves its networks open. */
export function windowsFirewall(output: string): Firewall {
  const states = [...output.matchAll(/^\S+\s+(ON|OFF)\s*$/gim)].map(([, state = ""]) => state.toUpperCase());
  if (states.length === 0) return { name: "Windows Firewall", state: "unknown" };
  return { name: "Windows Firewall", state: states.includes("OFF") ? "open" : "filters" };
}
