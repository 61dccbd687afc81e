import type { Peer } from "./peer.ts";

/** No proxy at all: what the load generator and the service reach by themselves. */
export function direct(upstream: number): Peer {
  return { name: "direct (no proxy)", port: upstream, start: async () => async () => {} };
}
