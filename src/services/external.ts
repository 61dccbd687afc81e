import type { Address } from "../address/address.ts";
import { isUnspecified } from "../address/classify.ts";
import { formatAddress, parseAddress } from "../address/parse.ts";
import { type Fault, isFault } from "../fault/fault.ts";
import type { ExternalOptions } from "./external-options.ts";
import type { Protocol, ServiceKind } from "./kind/kind.ts";

export type { ExternalOptions } from "./external-options.ts";

/** A service that runs by itself, elsewhere or here: it gets a name and edges, but no process. */
export const external: ServiceKind<ExternalOptions> = {
  name: "external",
  short: "at",
  protocol: protocolOf,
  label: (options) => {
    const address = addressOf(options);
    return `at ${isFault(address) ? options.at : formatAddress(address)}`;
  },
  ready: () => ({ type: "tcp" }),
  address: addressOf,
  edgeEnv: async ({ options }, at, service) => edgeVariables(options, at, service),
  url: async ({ options }, at) => urlAt(options, at),
  launch: async () => null,
};

function addressOf({ at }: ExternalOptions): Address | Fault {
  const parsed = parseAddress(String(at));
  if (isFault(parsed)) return parsed;
  // A port alone, or `0.0.0.0:3000`, which names a listener: reached by loopback of either family.
  const anywhere = /^:?\d+$/.test(String(at).trim()) || isUnspecified(parsed.host);
  return { host: anywhere ? "localhost" : parsed.host, port: parsed.port };
}

function protocolOf({ at, protocol }: ExternalOptions): Protocol {
  if (protocol !== undefined) return protocol;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(String(at))?.[1]?.toLowerCase();
  if (scheme === undefined || scheme === "http" || scheme === "ws") return "http";
  if (scheme === "postgres" || scheme === "postgresql") return "postgres";
  return scheme === "redis" ? "redis" : "tcp";
}

/** The given URL with another address in place of the service's: user, password, path and query stay. */
function urlAt(options: ExternalOptions, address: Address): string {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)(.*)$/i.exec(String(options.at).trim());
  if (match === null) return `${protocolOf(options)}://${formatAddress(address)}`;
  const [, scheme = "", authority = "", path = ""] = match;
  return `${scheme}${authority.slice(0, authority.lastIndexOf("@") + 1)}${formatAddress(address)}${path}`;
}

function edgeVariables(options: ExternalOptions, address: Address, service: string): Record<string, string> {
  const url = urlAt(options, address);
  const own = { [`${service}_URL`]: url };
  // A URL is useful only with user and database; those are known only where a URL was given.
  if (!String(options.at).includes("://")) return own;
  const protocol = protocolOf(options);
  if (protocol === "postgres") return { ...own, DATABASE_URL: url };
  return protocol === "redis" ? { ...own, REDIS_URL: url } : own;
}
