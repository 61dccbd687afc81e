import { parseAddress } from "../../../address/parse.ts";
import { parsePort } from "../../../address/ports.ts";
import { defaultPortOf } from "../../../address/schemes.ts";
import { type Fault, fault, isFault } from "../../../fault/fault.ts";

/** What the user asks about. */
export type Target =
  /** Cove's own address, and the project of the working folder. */
  | { readonly kind: "own" }
  | { readonly kind: "pid"; readonly pid: number }
  /** A port on whatever address: `3000`, `:3000`. */
  | { readonly kind: "port"; readonly port: number }
  /** A host, perhaps with a port; `host` is an IP address or a name, in canonical form. */
  | {
      readonly kind: "host";
      readonly host: string;
      readonly isName: boolean;
      readonly port: number | null;
      readonly scheme: string | null;
      readonly path: string | null;
    }
  /** Several ports, both ends included, at a host or anywhere. */
  | {
      readonly kind: "range";
      readonly host: string | null;
      readonly isName: boolean;
      readonly first: number;
      readonly last: number;
    }
  /** A block of addresses: `192.168.0.0/16`. */
  | { readonly kind: "network"; readonly host: string; readonly bits: number }
  /** A word that may be a service or an edge of a stack: `web`, `shop/web`, `api → db`. */
  | { readonly kind: "word"; readonly word: string };

/** Reads what stands behind `cove explain`. Faults: USAGE, ADDRESS_INVALID. */
export function parseTarget(words: readonly string[], asPid: boolean): Target | Fault {
  const text = words.join(" ").trim();
  if (text === "") return asPid ? wrongPid("nothing") : { kind: "own" };
  const pid = asPid ? text : /^pid[\s:=]+(.*)$/i.exec(text)?.[1];
  if (pid !== undefined) return /^[1-9]\d{0,9}$/.test(pid) ? { kind: "pid", pid: Number(pid) } : wrongPid(pid);
  const edge = /^(\S+?)\s*(?:→|->)\s*(\S+)$/.exec(text);
  if (edge !== null) return { kind: "word", word: `${edge[1]}→${edge[2]}` };
  if (words.length > 1) {
    return fault("USAGE", `one thing at a time, not ${words.length}`, "for example: cove explain 127.0.0.1:62893");
  }
  const port = parsePort(text.replace(/^:/, ""));
  if (port !== null) return { kind: "port", port };
  const block = parseBlock(text);
  if (block !== null) return block;
  // `shop/web`: a slash without a scheme or a port before it is no URL.
  if (/^[a-z0-9][a-z0-9.-]*\/[a-z0-9][a-z0-9.-]*$/i.test(text)) return { kind: "word", word: text };
  if (/^[a-z0-9][a-z0-9_-]*$/i.test(text) && !/^\d/.test(text) && text !== "localhost")
    return { kind: "word", word: text };
  const parsed = parseAddress(text, { defaultPort: 0 });
  if (isFault(parsed)) return parsed;
  const scheme = parsed.scheme ?? null;
  // Without a port and a scheme that implies one, only the host is asked about.
  const named = parsed.port !== 0 || (scheme !== null && defaultPortOf(scheme) !== null) || /:0+$/.test(text);
  return {
    kind: "host",
    host: parsed.host,
    isName: parsed.name !== undefined,
    port: named ? parsed.port : null,
    scheme,
    path: parsed.path ?? null,
  };
}

const RANGE = /^(?:(.+):|:)?(\d+)(?:-|–|\.\.)(\d+)$/;

/** `3000-3010`, `127.0.0.1:3000-3010`, `10.0.0.0/8`; null for what is neither. */
function parseBlock(text: string): Target | Fault | null {
  const network = /^\[?([0-9a-fA-F.:]+)\]?\/(\d{1,3})$/.exec(text);
  const base =
    network?.[1] === undefined
      ? null
      : parseAddress(network[1].includes(":") ? `[${network[1]}]` : network[1], { defaultPort: 0 });
  if (network !== null && base !== null && !isFault(base) && base.name === undefined && /[.:]/.test(network[1] ?? "")) {
    const bits = Number(network[2]);
    const most = base.host.includes(":") ? 128 : 32;
    if (bits <= most) return { kind: "network", host: base.host, bits };
    return fault(
      "ADDRESS_INVALID",
      `"${text}" has a prefix of ${bits} bits`,
      `it has 0 to ${most}, such as ${base.host}/${most - 8}`,
    );
  }
  const range = RANGE.exec(text);
  if (range === null) return null;
  const [, where, from = "", to = ""] = range;
  const [first, last] = [parsePort(from), parsePort(to)];
  const example = "for example: cove explain 3000-3010";
  if (first === null || last === null) {
    return fault(
      "ADDRESS_INVALID",
      `"${text}" has a port beyond 65535`,
      `ports are whole numbers from 0 to 65535; ${example}`,
    );
  }
  if (first > last) {
    return fault("ADDRESS_INVALID", `"${text}" ends before it begins`, `did you mean ${last}-${first}? ${example}`);
  }
  if (where === undefined) return { kind: "range", host: null, isName: false, first, last };
  const host = parseAddress(`${where}:${first}`);
  if (isFault(host)) return host;
  return { kind: "range", host: host.host, isName: host.name !== undefined, first, last };
}

function wrongPid(text: string): Fault {
  return fault("USAGE", `a pid is a whole number from 1, not ${text}`, "for example: cove explain pid 812");
}
