import { formatAddress } from "../../address/parse.ts";
import type { PageFacts } from "./facts.ts";

/** Routes that no stack stands behind: `alias/grafana`. Cove neither starts them nor has their log. */
const ALIAS = /^alias\/(.+)$/;

/** The service as people call it. */
export function serviceName({ service, host }: PageFacts): string {
  if (service === undefined) return plainHost(host);
  return ALIAS.exec(service)?.[1] ?? service;
}

/** The alias's name, where the route is one. */
export function aliasName({ service }: PageFacts): string | null {
  return ALIAS.exec(service ?? "")?.[1] ?? null;
}

/** `127.0.0.1:61007`, or a Unix socket's path; null where the facts don't say. */
export function whereItIs({ upstream }: PageFacts): string | null {
  if (upstream === undefined) return null;
  return "path" in upstream ? upstream.path : formatAddress(upstream);
}

/** A Host field's name: lower case, without port and final dot. */
export function plainHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/:[0-9]*$/, "")
    .replace(/\.$/, "");
}
