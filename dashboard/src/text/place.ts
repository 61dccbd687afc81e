import type { Address } from "../../../src/address/address.ts";

/** `127.0.0.1:61012`, `[::1]:61012`. */
export function place({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A URL as short as it can be read: `web.shop.localhost:62893`. Other schemes than http keep theirs. */
export function shortUrl(url: string): string {
  return url.replace(/^https?:\/\//, "").replace(/\/$/, "");
}

/** A folder's path by its last parts, as long as it has more than `parts`: `…/work/shop`. */
export function shortPath(path: string, parts = 3): string {
  const names = path.split(/[\\/]/).filter((name) => name !== "");
  return names.length <= parts ? path : `…/${names.slice(-parts).join("/")}`;
}
