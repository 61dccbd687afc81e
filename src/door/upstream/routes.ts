import type { CapturedEdge } from "../../capture/exchange.ts";
import type { Fault } from "../../fault/fault.ts";
import type { ServiceGuard } from "../../guard/service-guard.ts";
import type { Upstream } from "./upstream.ts";

/** A service as the door sees it. The door asks anew for each request, so an implementation may change at any time. */
export interface Route {
  /** `shop/web`. */
  readonly id: string;
  readonly upstream: Upstream;
  /** How it is asked: by HTTP/1.1 (the default; gRPC by HTTP/2 all the same), or always by HTTP/2 without TLS. */
  readonly protocol?: "http/1" | "h2c" | undefined;
  /** What it gets as Host: of a program that refuses every name but its own. Absent: the name by which it was asked. */
  readonly hostField?: string | undefined;
  readonly state: "ready" | "starting" | "down";
  /** Resolves once it is ready (true) or has given up (false). */
  readonly whenReady: () => Promise<boolean>;
  /** The last lines of its log, for the page that says why it doesn't answer. */
  readonly logTail: () => readonly string[];
  readonly cause: () => Fault | null;
  /** When it became ready, epoch ms; null while it isn't. Absent: nobody knows. */
  readonly readyAt?: () => number | null;
  /** Something runs it and starts it again: a refused connection may only mean that this is under way. */
  readonly restarts?: boolean;
  /** What someone put on the way to it, in words: conditions, for the page that says why no answer came. */
  readonly shape?: () => { readonly edge: string; readonly text: string } | null;
  /** Plain requests are sent to https. Absent: they are answered. */
  readonly httpsOnly?: boolean;
  /** Writes a line into the service's log: what was wrong with a response of it. */
  readonly report?: (text: string) => void;
  /** Who may ask it; absent: whoever may connect to the door. */
  readonly guard?: ServiceGuard;
  /** The edge that requests through the door are written down for; absent: they are not. */
  readonly capture?: CapturedEdge | undefined;
}

/** Names at the door, exact or `*.name`. Case, a port and a final dot don't matter. */
export interface Routes {
  /** The route of a Host: the exact name, else the wildcard with the longest suffix. */
  readonly find: (host: string) => Route | undefined;
  readonly set: (name: string, route: Route) => void;
  readonly delete: (name: string) => void;
  /** Sorted. */
  readonly names: () => string[];
}

export function createRoutes(): Routes {
  const exact = new Map<string, Route>();
  /** By what follows the asterisk: `.shop.localhost`. */
  const wild = new Map<string, Route>();

  function find(host: string): Route | undefined {
    // The door hands over plain names already; one look-up is all that they cost.
    const known = exact.get(host);
    if (known !== undefined) return known;
    const name = plainName(host);
    const found = exact.get(name);
    if (found !== undefined || wild.size === 0) return found;
    for (let dot = name.indexOf(".", 1); dot !== -1; dot = name.indexOf(".", dot + 1)) {
      const route = wild.get(name.slice(dot));
      if (route !== undefined) return route;
    }
    return undefined;
  }

  return {
    find,
    set: (name, route) => {
      const plain = plainName(name);
      if (plain.startsWith("*.")) wild.set(plain.slice(1), route);
      else exact.set(plain, route);
    },
    delete: (name) => {
      const plain = plainName(name);
      if (plain.startsWith("*.")) wild.delete(plain.slice(1));
      else exact.delete(plain);
    },
    names: () => [...exact.keys(), ...[...wild.keys()].map((suffix) => `*${suffix}`)].sort(),
  };
}

/** Lower case, without a port and a final dot. */
function plainName(host: string): string {
  const name = host.toLowerCase().replace(/:[0-9]*$/, "");
  return name.endsWith(".") ? name.slice(0, -1) : name;
}
