import { type Fault, fault, isFault } from "../fault/fault.ts";
import type { Address } from "./address.ts";
import { endsInNumber, expandIPv4Shorthand, parseIPv4 } from "./ipv4.ts";
import { formatIPv6, parseIPv6 } from "./ipv6.ts";
import { parseName } from "./name.ts";
import { isPort, parsePort } from "./ports.ts";
import { defaultPortOf } from "./schemes.ts";

/** An address with what else its text said. `host` is canonical: RFC 5952 with its zone for IPv6, IDNA for names. */
export interface ParsedAddress extends Address {
  /** The host when it is a name; absent for IP addresses. */
  readonly name?: string;
  /** The zone of a scoped IPv6 address (RFC 4007 §11); it is part of `host` too, as sockets want it. */
  readonly zone?: string;
  /** A URL's scheme in lower case. */
  readonly scheme?: string;
  /** What followed host and port, from its `/`, `?` or `#` on. */
  readonly path?: string;
}

type Host = Pick<ParsedAddress, "host" | "name" | "zone">;

/**
 * Reads every form in which people write an address: `127.0.0.1:80`, `[::1]:80`, `fe80::1%eth0`, `name:80`, `:80`, `80`,
 * `*:80`, `postgres://user:pass@host/db`. A missing host means 127.0.0.1; a missing port is `defaultPort`, else the
 * scheme's. Faults: ADDRESS_INVALID.
 */
export function parseAddress(text: string, options: { defaultPort?: number } = {}): ParsedAddress | Fault {
  const { scheme, authority, path } = splitUrl(text.trim());
  const extras = { ...(scheme !== undefined && { scheme }), ...(path !== "" && { path }) };

  // Alone, a number is a port; as a URL's host it would be shorthand for an IPv4 address.
  const split = scheme === undefined && /^\d+$/.test(authority) ? { host: "", port: authority } : splitPort(authority);
  if (split === null) return invalid(text, "is not a host and a port", "Write host:port, such as 127.0.0.1:3000");
  if (split.host === "" && split.port === null) return invalid(text, "names no host and no port");

  const host = split.host === "" ? { host: "127.0.0.1" } : parseHost(split.host, text);
  if (isFault(host)) return host;

  const port = split.port === null ? fallbackPort(scheme, options.defaultPort) : parsePort(split.port);
  if (port === null) {
    const meant = /^\d{8,10}$/.test(authority) && scheme === undefined ? expandIPv4Shorthand(authority) : null;
    if (meant !== null) {
      return invalid(
        text,
        "is no port",
        `Ports end at 65535; as an address some programs read it as ${meant}: write that`,
      );
    }
    if (split.port === null) return invalid(text, "names no port", `Write ${formatHost(host.host)}:<port>`);
    return invalid(text, `has no usable port: ${split.port}`, "Ports are whole numbers from 0 to 65535");
  }
  return { ...host, port, ...extras };
}

/** Prints an address so that {@link parseAddress} reads the same back: `127.0.0.1:80`, `[::1]:5432`, `web.localhost:1`. */
export function formatAddress(address: Address): string {
  return `${formatHost(address.host)}:${address.port}`;
}

/** Prints a host as it stands before a port: IPv6 in brackets. */
function formatHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function splitUrl(text: string): { scheme?: string; authority: string; path: string } {
  const match = /^(?:jdbc:)?([a-z][a-z0-9+.-]*):\/\//i.exec(text);
  const rest = match === null ? text : text.slice(match[0].length);
  // Browsers read a backslash as a slash in the web's own schemes: what follows it is no host.
  const web = match === null || /^(https?|wss?|ftp)$/i.test(match[1] ?? "");
  const end = rest.search(web ? /[/?#\\]/ : /[/?#]/);
  const authority = end === -1 ? rest : rest.slice(0, end);
  return {
    ...(match?.[1] !== undefined && { scheme: match[1].toLowerCase() }),
    // Passwords may hold an unescaped @; the host comes after the last one, as browsers read it.
    authority: authority.slice(authority.lastIndexOf("@") + 1),
    path: end === -1 ? "" : rest.slice(end),
  };
}

/** Parts of `host:port` as written; null when brackets or colons don't add up. */
function splitPort(authority: string): { host: string; port: string | null } | null {
  if (authority.startsWith("[")) {
    const match = /^(\[[^\]]*\])(?::(.*))?$/.exec(authority);
    return match?.[1] === undefined ? null : { host: match[1], port: match[2] ?? null };
  }
  const colon = authority.indexOf(":");
  if (colon === -1) return { host: authority, port: null };
  // Two colons or more without brackets: an IPv6 address alone, since its last group can't be told from a port.
  if (authority.indexOf(":", colon + 1) !== -1) return { host: authority, port: null };
  return { host: authority.slice(0, colon), port: authority.slice(colon + 1) };
}

function fallbackPort(scheme: string | undefined, defaultPort: number | undefined): number | null {
  if (scheme !== undefined) return defaultPortOf(scheme) ?? defaultPort ?? null;
  return isPort(defaultPort) ? defaultPort : null;
}

function parseHost(written: string, whole: string): Host | Fault {
  const bracketed = written.startsWith("[");
  if (bracketed || written.includes(":")) return parseScopedIPv6(bracketed ? written.slice(1, -1) : written, whole);
  if (written === "*") return { host: "0.0.0.0" };
  if (parseIPv4(written) !== null) return { host: written };
  if (written.includes(",")) return invalid(whole, "names several hosts", "Give one host and port");

  if (endsInNumber(written)) {
    const meant = expandIPv4Shorthand(written);
    const hint =
      meant === null
        ? "Write four decimal numbers, such as 127.0.0.1"
        : `Some programs read it as ${meant}: write that`;
    return invalid(whole, `has no strict IPv4 address: ${written}`, hint);
  }
  const digits = foreignDigits(written);
  if (digits !== null) {
    return invalid(whole, `has digits other than 0 to 9: ${written}`, digits);
  }
  const name = parseName(written);
  return name === null ? invalid(whole, `has no usable host name: ${written}`) : { host: name, name };
}

/** The hint for a host that is a number in other digits than ASCII's, such as full-width ones; null for others. */
function foreignDigits(written: string): string | null {
  if (/^[\x00-\x7f]*$/.test(written)) return null;
  // What browsers make of it (UTS 46), and what a reader does.
  const mapped = written.normalize("NFKC").replace(/[\u3002\uff61]/g, ".");
  const plain = mapped.replace(/\p{Nd}/gu, (digit) => String(digitOf(digit)));
  if (!endsInNumber(plain)) return null;
  const meant = plain.includes(".") ? (expandIPv4Shorthand(plain) ?? plain) : plain;
  return mapped === plain ? `Browsers may read it as ${meant}: write that` : `Write ${meant}`;
}

/** Unicode keeps the ten digits of each script together, from 0 on. */
function digitOf(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return code - zero;
}

function parseScopedIPv6(text: string, whole: string): Host | Fault {
  const percent = text.indexOf("%");
  const groups = parseIPv6(percent === -1 ? text : text.slice(0, percent));
  if (groups === null)
    return invalid(whole, `has no IPv6 address: ${text}`, "Write [address]:port, such as [::1]:3000");
  if (percent === -1) return { host: formatIPv6(groups) };
  // RFC 6874 writes the zone's percent sign as %25 in URLs.
  const zone = text.slice(percent + 1).replace(/^25(?=.)/, "");
  if (!/^[A-Za-z0-9._~-]+$/.test(zone)) return invalid(whole, `has no usable zone: ${text}`);
  return { host: `${formatIPv6(groups)}%${zone}`, zone };
}

function invalid(text: string, why: string, hint?: string): Fault {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return fault("ADDRESS_INVALID", `"${hidePassword(shown)}" ${why}`, hint ?? "Write host:port, such as 127.0.0.1:3000");
}

/** Faults land in logs and terminals; a password in a URL must not. */
function hidePassword(text: string): string {
  return text.replace(/(:\/\/[^:/@\s]*:)[^\s]*@/, "$1•••@");
}
