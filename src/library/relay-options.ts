import type { Address } from "../address/address.ts";
import { classify } from "../address/classify.ts";
import type { Condition } from "../conditions/conditions.ts";
import { readGiven } from "../conditions/given.ts";
import { shown } from "../conditions/kinds/parse.ts";
import type { Upstream } from "../door/upstream/upstream.ts";
import { type Fault, fault, isFault } from "../fault/fault.ts";
import { didYouMean } from "../fault/spelling.ts";

/** What a relay is opened with, checked. */
interface RelaySetup {
  readonly listen: Address;
  readonly upstream: Upstream;
  readonly conditions: readonly Condition[];
  readonly seed: number | undefined;
}

const KEYS: readonly string[] = ["to", "conditions", "seed", "host", "port"];
const SEED_MOST = 0xffff_ffff;
const TO = "give a port of this machine, { host, port } or { path }: relay({ to: 5432 })";

/**
 * Checks the options of `relay`, whatever the value is; `more` are the keys that the caller reads itself. Faults: ADDRESS_INVALID
 * for `to`, `host` and `port`, CONDITION_INVALID, USAGE for a seed and for an option that there isn't.
 */
export function readRelayOptions(options: unknown, more: readonly string[] = []): RelaySetup | Fault {
  if (!isObject(options)) return fault("USAGE", `a relay's options must be an object, not ${shown(options)}`, TO);
  const keys = [...KEYS, ...more];
  const unknown = Object.keys(options).find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    return fault("USAGE", `a relay has no option ${unknown}${didYouMean(unknown, keys)}`, `it has: ${keys.join(", ")}`);
  }
  const { to, host = "127.0.0.1", port = 0, seed } = options;
  const upstream = readUpstream(to);
  if (isFault(upstream)) return upstream;
  const listen = readListen(host, port);
  if (isFault(listen)) return listen;
  if (seed !== undefined && !isWhole(seed, 0, SEED_MOST)) {
    return fault(
      "USAGE",
      `seed must be a whole number from 0 to ${SEED_MOST}, not ${shown(seed)}`,
      "leave it out for a new one",
    );
  }
  const given = readGiven(options.conditions ?? []);
  return isFault(given) ? given : { listen, upstream, conditions: given.conditions, seed };
}

function readUpstream(to: unknown): Upstream | Fault {
  if (to === undefined) return fault("ADDRESS_INVALID", "to is missing: where the service answers", TO);
  if (typeof to === "number") return readUpstream({ host: "127.0.0.1", port: to });
  if (!isObject(to)) return fault("ADDRESS_INVALID", `to must be a port or an address, not ${shown(to)}`, TO);
  const { host, port, path } = to;
  if (path !== undefined) {
    if (host !== undefined || port !== undefined)
      return fault("ADDRESS_INVALID", "to has either a path or host and port", TO);
    return isText(path)
      ? { path }
      : fault("ADDRESS_INVALID", `to.path must be a socket's path, not ${shown(path)}`, TO);
  }
  if (!isText(host)) return fault("ADDRESS_INVALID", `to.host must be a host, not ${shown(host)}`, TO);
  if (!isWhole(port, 1, 65_535)) {
    return fault("ADDRESS_INVALID", `to must name a port from 1 to 65535, not ${shown(port)}`, TO);
  }
  return { host, port };
}

/** A relay opens a service to all who reach it: only this machine may. */
function readListen(host: unknown, port: unknown): Address | Fault {
  if (!isText(host) || !(classify(host) === "loopback" || host.toLowerCase() === "localhost")) {
    return fault(
      "ADDRESS_INVALID",
      `host must be a loopback address such as 127.0.0.1 or ::1, not ${shown(host)}`,
      "leave host out; what comes from other machines has to come through a proxy of your own",
    );
  }
  if (isWhole(port, 0, 65_535)) return { host, port };
  return fault(
    "ADDRESS_INVALID",
    `port must be a whole number from 0 to 65535, not ${shown(port)}`,
    "leave it out for a free one",
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
}
