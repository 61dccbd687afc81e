import { type HeadFault, headFault } from "./fields.ts";
import type { RequestFields } from "./request-fields.ts";

const HOST_FORM = /^(\[[0-9a-f:.]+\]|[0-9a-z\-._~]+)(?::([0-9]{1,5}))?$/;
const ABSOLUTE = /^(https?):\/\/([^/?#]+)([/?].*)?$/i;

/** A target that isn't a path: `*`, or a URL whose authority counts, whatever Host says (RFC 9112 §3.2.2). */
export function otherTarget(target: string, method: string, said: RequestFields): string {
  if (target === "*") {
    if (method !== "OPTIONS") said.fault ??= headFault(400, "the target * with a method other than OPTIONS");
    return target;
  }
  const absolute = ABSOLUTE.exec(target);
  if (absolute === null) {
    said.fault ??= headFault(400, "a target that is neither a path nor a URL");
    return target;
  }
  said.host = absolute[2] ?? "";
  const path = absolute[3] ?? "";
  if (path === "") return method === "OPTIONS" ? "*" : "/";
  return path.startsWith("?") ? `/${path}` : path;
}

interface HostParts {
  /** All of it: the same string for the same Host, which compares faster than an equal one. */
  readonly field: string;
  readonly name: string;
  readonly port: number | null;
}

const NOWHERE: HostParts = { field: "", name: "", port: null };

/** The last Host that was read: nearly always the next one's too. */
let lastParts = NOWHERE;
/** Those that were read before, by what they say. */
const known = new Map<string, HostParts>();
const KNOWN_MOST = 1_024;

/** What Host says, in parts. */
export function hostOf(said: RequestFields, minor: 0 | 1): HostParts {
  const { host } = said;
  const { field } = lastParts;
  // A value is a slice of its head: comparing it by `===` takes three times as long.
  if (host !== null && host !== "" && host.length === field.length && host.startsWith(field)) return lastParts;
  lastParts = (host === null ? undefined : known.get(host)) ?? readHost(host, minor, said);
  return lastParts;
}

function readHost(host: string | null, minor: 0 | 1, said: RequestFields): HostParts {
  const parts = partsOf(host, minor);
  if ("refused" in parts) {
    said.fault ??= parts;
    return NOWHERE;
  }
  // Whoever asks for ever new names gets no more memory than this.
  if (known.size >= KNOWN_MOST) known.clear();
  if (parts.field !== "") known.set(parts.field, parts);
  return parts;
}

function partsOf(host: string | null, minor: 0 | 1): HostParts | HeadFault {
  if (host === null && minor === 1) return headFault(400, "no Host");
  const lowered = (host ?? "").toLowerCase();
  const parts = HOST_FORM.exec(lowered);
  if (parts === null && lowered !== "") return headFault(400, "a Host that is no host name or address");
  if (lowered === "" && minor === 1) return headFault(400, "an empty Host");
  const port = parts?.[2] === undefined ? null : Number(parts[2]);
  if (port !== null && port > 65535) return headFault(400, "a port over 65535 in Host");
  let name = parts?.[1] ?? "";
  // One final dot makes a name absolute (RFC 1034 §3.1); an empty label is no name.
  if (name.endsWith(".")) name = name.slice(0, -1);
  if (name.endsWith(".") || name.startsWith(".") || name.includes("..")) {
    return headFault(400, "a Host that is no host name or address");
  }
  // Of its own: a slice would keep the whole head in memory.
  return { field: Buffer.from(host ?? "", "latin1").toString("latin1"), name, port };
}
