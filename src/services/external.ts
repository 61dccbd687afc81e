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
  ignoresEnv: true,
  protocol: protocolOf,
  label: (options) => {
    const address = addressOf(options);
    return `at ${isFault(address) ? options.at : formatAddress(address)}`;
  },
  ready: () => ({ type: "tcp" }),
  address: addressOf,
  scheme: schemeOf,
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

function schemeOf({ at }: ExternalOptions): string | undefined {
  return /^([a-z][a-z0-9+.-]*):\/\//i.exec(String(at).trim())?.[1]?.toLowerCase();
}

function protocolOf(options: ExternalOptions): Protocol {
  if (options.protocol !== undefined) return options.protocol;
  const scheme = schemeOf(options);
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
