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
  readonly name: string;
  readonly port: number | null;
}

const NOWHERE: HostParts = { name: "", port: null };

/** The last Host that was read: nearly always the next one's too. */
let lastHost = "";
let lastParts = NOWHERE;

/** What Host says, in parts. */
export function hostOf(said: RequestFields, minor: 0 | 1): HostParts {
  const { host } = said;
  if (host === lastHost && host !== "") return lastParts;
  const parts = partsOf(host, minor);
  if ("refused" in parts) {
    said.fault ??= parts;
    return NOWHERE;
  }
  if (host !== null) {
    lastHost = host;
    lastParts = parts;
  }
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
  return { name, port };
}
