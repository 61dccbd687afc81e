import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Address } from "../address/address.ts";
import { isLoopback } from "../address/classify.ts";
import { formatAddress } from "../address/parse.ts";
import { isPort } from "../address/ports.ts";
import { type ApiError, cannotListen, notAllowed } from "./problem.ts";

/**
 * Where a proxy is to listen: `127.0.0.1:80`, `localhost:0`, `[::1]:80`, `:80`. No host means loopback, and with `expose` every
 * address. Problems: not an address; not on loopback.
 */
export async function readListen(text: string, expose: boolean): Promise<Address | ApiError> {
  const [, bracketed, plain = "", written] = /^(?:\[([^\]]*)\]|([^:]*))(?::([^:]*))?$/.exec(text) ?? [];
  if (text !== "" && written === undefined) return cannotListen(`listen tcp: address ${text}: missing port in address`);
  const port = Number(written ?? 0);
  if (!isPort(port)) return cannotListen(`listen tcp: address ${written}: invalid port`);
  const host = await readHost(bracketed ?? plain, expose);
  if (host === null) return cannotListen(`listen tcp: lookup ${bracketed ?? plain}: no such host`);
  if (!expose && !isLoopback(host)) {
    const instead = formatAddress({ host: "127.0.0.1", port });
    return notAllowed(
      `${text} can be reached from other machines, and Cove's proxies listen on loopback only: take ${instead}, or start cove toxiproxy with --expose`,
    );
  }
  return { host, port };
}

async function readHost(host: string, expose: boolean): Promise<string | null> {
  if (host === "") return expose ? "::" : "127.0.0.1";
  if (isIP(host) !== 0) return host;
  const found = await lookup(host, { order: "ipv4first" }).catch(() => null);
  return found?.address ?? null;
}

/** Where a proxy leads: `localhost:6379`. Null: nowhere, which shows when something connects, as Toxiproxy has it. */
export function readUpstream(text: string): Address | null {
  const [, bracketed, plain = "", written] = /^(?:\[([^\]]+)\]|([^:]*)):(\d+)$/.exec(text) ?? [];
  const port = Number(written);
  if (written === undefined || port === 0 || !isPort(port)) return null;
  return { host: bracketed ?? (plain === "" ? "localhost" : plain), port };
}
