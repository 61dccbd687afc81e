import { type Load, load, wrk } from "./load.ts";
import { cove, coveCapturing } from "./peers/cove.ts";
import { mitmproxy } from "./peers/mitmproxy.ts";
import { startUpstream } from "./peers/nginx.ts";
import type { Peer } from "./peers/peer.ts";
import { aligned, inRounds, median, type Section, withPeers } from "./section.ts";

const UPSTREAM = 29_110;
const CONNECTIONS = 32;

/** What it costs to write every exchange down. */
export const capture: Section = {
  title: "Capture beside its peers",
  about:
    "wrk (one thread, 32 keep-alive connections) asks for 200-byte responses through the door, with and without capture, and " +
    "through mitmdump as a reverse proxy, which writes exchanges down too. All share the same cores.",
  run: async ({ rounds, seconds }) => {
    if (wrk === null) return ["skipped: wrk is missing; for example: apt-get install wrk"];
    const stopUpstream = await startUpstream(UPSTREAM);
    if (stopUpstream === null) return ["skipped: nginx is missing; for example: apt-get install nginx-light"];
    try {
      return await withPeers([coveCapturing, cove, mitmproxy], UPSTREAM, async (peers, lines) => {
        for (const peer of peers) await load(peer.port, "/small", 1, CONNECTIONS);
        const results = await inRounds(peers, rounds, (peer) => load(peer.port, "/small", seconds, CONNECTIONS));
        return [...lines, "", ...table(results)];
      });
    } finally {
      await stopUpstream();
    }
  },
};

function table(results: ReadonlyMap<Peer, readonly Load[]>): string[] {
  const middle = (peer: Peer, of: (one: Load) => number) => median((results.get(peer) ?? []).map(of));
  const rate = (peer: Peer) => middle(peer, (one) => one.rate);
  const rows = [...results.keys()].map((peer) => [
    peer.name,
    Math.round(rate(peer)).toLocaleString("en"),
    peer === coveCapturing ? "" : `${(rate(coveCapturing) / rate(peer)).toFixed(2)} ×`,
    middle(peer, (one) => one.p50).toFixed(2),
    middle(peer, (one) => one.p99).toFixed(2),
  ]);
  return aligned([["", "requests/s", "capture is", "p50 ms", "p99 ms"], ...rows]);
}
