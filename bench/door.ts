import { type Load, load, wrk } from "./load.ts";
import { caddy } from "./peers/caddy.ts";
import { cove } from "./peers/cove.ts";
import { direct } from "./peers/direct.ts";
import { haproxy } from "./peers/haproxy.ts";
import { nginx, startUpstream } from "./peers/nginx.ts";
import type { Peer } from "./peers/peer.ts";
import { portless } from "./peers/portless.ts";
import { aligned, inRounds, median, type Section, withPeers } from "./section.ts";

const UPSTREAM = 29_100;
const CASES = [
  { title: "200-byte responses, 32 keep-alive connections", path: "/small", connections: 32 },
  { title: "1 MiB responses, 8 keep-alive connections", path: "/large", connections: 8 },
] as const;

/** HTTP/1.1 by name, beside other reverse proxies. */
export const door: Section = {
  title: "The door beside its peers",
  about:
    "wrk (one thread) asks through each proxy for what one nginx answers. All three share the same cores, so on two of " +
    "them a fast proxy waits for wrk and nginx too: the ratios count, not the rates, and they flatter the slower one. " +
    "`direct` is wrk and nginx without a proxy: the ceiling. `CPU` is what the proxy itself needs for a request, which no neighbour on the cores changes much.",
  run: async ({ rounds, seconds }) => {
    if (wrk === null) return ["skipped: wrk is missing; for example: apt-get install wrk"];
    const stopUpstream = await startUpstream(UPSTREAM);
    if (stopUpstream === null) {
      return ["skipped: nginx, the service behind every proxy, is missing; for example: apt-get install nginx-light"];
    }
    try {
      return await withPeers(
        [cove, nginx, haproxy, caddy, portless, direct(UPSTREAM)],
        UPSTREAM,
        async (peers, lines) => {
          const all = [...lines];
          for (const { title, path, connections } of CASES) {
            for (const peer of peers) await load(peer.port, path, 1, connections);
            const results = await inRounds(peers, rounds, (peer) => load(peer.port, path, seconds, connections));
            all.push("", title, ...table(results));
          }
          return all;
        },
      );
    } finally {
      await stopUpstream();
    }
  },
};

function table(results: ReadonlyMap<Peer, readonly Load[]>): string[] {
  const middle = (peer: Peer, of: (one: Load) => number) => median((results.get(peer) ?? []).map(of));
  const rate = (peer: Peer) => middle(peer, (one) => one.rate);
  const rows = [...results].map(([peer, loads]) => {
    const failed = loads.reduce((sum, { errors }) => sum + errors, 0);
    return [
      failed > 0 ? `${peer.name}, ${failed} errors` : peer.name,
      Math.round(rate(peer)).toLocaleString("en"),
      peer === cove ? "" : `${(rate(cove) / rate(peer)).toFixed(2)} ×`,
      middle(peer, (one) => one.p50).toFixed(2),
      middle(peer, (one) => one.p99).toFixed(2),
      cpuText(middle(peer, cpuOf)),
      peer === cove ? "" : cpuRatio(middle(peer, cpuOf), middle(cove, cpuOf)),
    ];
  });
  return aligned([["", "requests/s", "cove is", "p50 ms", "p99 ms", "CPU µs", "of cove's"], ...rows]);
}

const cpuOf = (one: Load) => one.cpu ?? Number.NaN;
const cpuText = (cpu: number) => (Number.isNaN(cpu) ? "" : cpu.toFixed(1));
const cpuRatio = (cpu: number, of: number) => (Number.isNaN(cpu / of) ? "" : `${(cpu / of).toFixed(2)} ×`);
