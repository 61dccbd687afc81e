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

function wrongPid(text: string): Fault {
  return fault("USAGE", `a pid is a whole number from 1, not ${text}`, "for example: cove explain pid 812");
}
