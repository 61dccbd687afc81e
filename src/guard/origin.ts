import type { Address } from "../address/address.ts";
import { formatAddress } from "../address/parse.ts";

/** The parts of a page's origin (RFC 6454 §6.2). */
export interface WebOrigin {
  readonly scheme: string;
  /** Lower case; IPv6 in brackets. */
  readonly host: string;
  readonly port: number;
}

const ORIGIN = /^([a-z][a-z0-9+.-]*):\/\/(\[[0-9a-f:.]+\]|[^\s/?#@:*[\]]+)(?::([0-9]{1,5}))?$/;
const LOOPBACK = /^(?:localhost|.+\.localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;

/** Null for what is no single origin: `null`, a list, anything malformed. */
export function parseOrigin(text: string): WebOrigin | null {
  const match = ORIGIN.exec(text.toLowerCase());
  if (match === null) return null;
  const [, scheme = "", host = "", port] = match;
  return { scheme, host, port: port === undefined ? (scheme === "https" ? 443 : 80) : Number(port) };
}

/** A page that a program of this machine serves. 0.0.0.0 isn't one: only an attack opens a page there. */
export function isLocalOrigin({ host }: WebOrigin): boolean {
  return LOOPBACK.test(host);
}

/** Where the pages of one stack live. */
export interface OwnPages {
  readonly doorPort: number;
  /** Names at the door, `*.name` too. */
  readonly names: readonly string[];
  /** Where its services and edges listen themselves. */
  readonly addresses: readonly Address[];
}

/** Whether a page belongs to the stack: any name of it at the door's port, or an address of its own. */
export function isOwnPage({ scheme, host, port }: WebOrigin, own: OwnPages): boolean {
  if (scheme !== "http" && scheme !== "https") return false;
  if (port === own.doorPort && own.names.some((name) => isNamed(host, name))) return true;
  return own.addresses.some((address) => {
    if (address.port !== port) return false;
    // `localhost` leads to 127.0.0.1 and ::1 alike.
    if (host === "localhost") return /^(127\.0\.0\.1|::1|localhost)$/.test(address.host);
    return formatAddress(address) === `${host}:${port}`;
  });
}

function isNamed(host: string, name: string): boolean {
  return name.startsWith("*.") ? host.endsWith(name.slice(1)) && host.length >= name.length : host === name;
}

/** An origin as the config may name it: `https://app.example`, `https://*.example.com`, `*`, `null`. */
export function isOriginPattern(text: string): boolean {
  if (text === "*" || text === "null") return true;
  return parseOrigin(text.replace("://*.", "://any.")) !== null;
}

/** Whether one of the patterns means this origin; ports that a scheme implies may be left out on either side. */
export function matchesOrigin(text: string, patterns: readonly string[]): boolean {
  if (patterns.includes("*")) return true;
  if (text === "null") return patterns.includes("null");
  const origin = parseOrigin(text);
  return origin !== null && patterns.some((pattern) => means(pattern, origin));
}

function means(pattern: string, origin: WebOrigin): boolean {
  const wanted = parseOrigin(pattern.replace("://*.", "://any."));
  if (wanted === null || wanted.scheme !== origin.scheme || wanted.port !== origin.port) return false;
  if (!pattern.includes("://*.")) return wanted.host === origin.host;
  const suffix = wanted.host.slice("any".length);
  return origin.host.endsWith(suffix) && origin.host.length > suffix.length;
}
