/** Where a service answers: a TCP address, or a Unix socket (on Windows a named pipe). */
export type Upstream = { readonly host: string; readonly port: number } | { readonly path: string };

/** Routes hand out the same object for every request: its key is made once. */
const keys = new WeakMap<Upstream, string>();

/** The same text for the same upstream: a pool's key. */
export function upstreamKey(upstream: Upstream): string {
  let key = keys.get(upstream);
  if (key === undefined) {
    key = "path" in upstream ? upstream.path : `${upstream.host} ${upstream.port}`;
    keys.set(upstream, key);
  }
  return key;
}
