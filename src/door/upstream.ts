/** Where a service answers: a TCP address, or a Unix socket (on Windows a named pipe). */
export type Upstream = { readonly host: string; readonly port: number } | { readonly path: string };

/** The same text for the same upstream: a pool's key. */
export function upstreamKey(upstream: Upstream): string {
  return "path" in upstream ? upstream.path : `${upstream.host} ${upstream.port}`;
}
