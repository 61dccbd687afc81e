import { isAbsolute, join } from "node:path";
import type { HttpsFacts, HttpsOptions } from "../config/https.ts";

/** What the config says, with paths from its folder; null where it says nothing. */
export function httpsOf(said: HttpsOptions | undefined, dir: string): HttpsFacts | null {
  if (said === undefined) return null;
  const { redirect = false, certificates = [] } = said === "redirect" ? { redirect: true } : said;
  const absolute = (path: string) => (isAbsolute(path) ? path : join(dir, path));
  return {
    redirect,
    certificates: certificates.map(({ cert, key }) => ({ cert: absolute(cert), key: absolute(key) })),
  };
}
