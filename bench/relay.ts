import { execFile } from "node:child_process";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { coveRelay } from "./peers/cove-relay.ts";
import { direct } from "./peers/direct.ts";
import { haproxyTcp } from "./peers/haproxy-tcp.ts";
import { type Peer, programPath, startProgram } from "./peers/peer.ts";
import { socat } from "./peers/socat.ts";
import { aligned, type Effort, inRounds, median, type Section, withPeers } from "./section.ts";
import { THIS_TREE } from "./trees.ts";

const exec = promisify(execFile);
const BULK = 29_110;
const ECHO = 29_120;
const OTHER_RELAY = 29_112;
/** One iperf3 run: more would make a full run take over a quarter of an hour, s. */
const MOST_SECONDS = 2;
const MESSAGE = Buffer.alloc(64, "m");
/** Round trips that one measurement is made of; the first tenth only warms up. */
const TRIPS = 4_000;

/** Bytes through an edge's relay, beside other TCP proxies. */
export const relay: Section = {
  title: "The relay beside its peers",
  about:
    "Bulk: one iperf3 stream, up from the client and down to it; iperf3's two ends use the same cores. Round trips: 64 " +
    "bytes to an echo server and back, one at a time; `added` is what the proxy puts on top of the direct way.",
  run: async (effort) => {
    const own = coveRelay(THIS_TREE);
    const others = effort.against === null ? [haproxyTcp, socat] : [coveRelay(effort.against, OTHER_RELAY), haproxyTcp];
    return [...(await bulk(effort, own, others)), "", ...(await roundTrips(effort, own, others))];
  },
};

async function bulk({ rounds, seconds }: Effort, own: Peer, others: readonly Peer[]): Promise<string[]> {
  const iperf3 = programPath("iperf3");
  if (iperf3 === null) return ["skipped: iperf3 is missing; for example: apt-get install iperf3"];
  const stop = await startProgram(iperf3, () => ["-s", "-B", "127.0.0.1", "-p", String(BULK)], BULK);
  const gigabits = async (port: number, down: boolean): Promise<number> => {
    const args = [
      "-J",
      "-c",
      "127.0.0.1",
      "-p",
      String(port),
      "-t",
      String(Math.min(seconds, MOST_SECONDS)),
      ...(down ? ["-R"] : []),
    ];
    const { stdout } = await exec(iperf3, args, { timeout: (seconds + 30) * 1_000, maxBuffer: 1 << 24 });
    const result = JSON.parse(stdout) as { end: { sum_received: { bits_per_second: number } } };
    return result.end.sum_received.bits_per_second / 1e9;
  };
  try {
    return await withPeers([own, ...others, direct(BULK)], BULK, async (peers, missing) => {
      const results = await inRounds(peers, rounds, async ({ port }) => ({
        up: await gigabits(port, false),
        down: await gigabits(port, true),
      }));
      const of = (peer: Peer, way: "up" | "down") => median((results.get(peer) ?? []).map((one) => one[way]));
      const rows = peers.map((peer) => [
        peer.name,
        ...(["up", "down"] as const).flatMap((way) => [
          of(peer, way).toFixed(1),
          peer === own ? "" : `${(of(own, way) / of(peer, way)).toFixed(2)} ×`,
        ]),
      ]);
      return [...missing, "Bulk, Gbit/s", ...aligned([["", "up", "cove is", "down", "cove is"], ...rows])];
    });
  } finally {
    await stop();
  }
}

async function roundTrips({ rounds }: Effort, own: Peer, others: readonly Peer[]): Promise<string[]> {
  const echo = fileURLToPath(new URL("./echo-process.ts", import.meta.url));
  const stop = await startProgram(process.execPath, () => [echo, String(ECHO)], ECHO);
  try {
    return await withPeers([own, ...others, direct(ECHO)], ECHO, async (peers) => {
      const results = await inRounds(peers, rounds, ({ port }) => pingPong(port));
      const of = (peer: Peer, percent: "p50" | "p99") => median((results.get(peer) ?? []).map((one) => one[percent]));
      const base = peers.find(({ port }) => port === ECHO);
      const rows = peers.map((peer) => [
        peer.name,
        of(peer, "p50").toFixed(1),
        peer === base || base === undefined ? "" : (of(peer, "p50") - of(base, "p50")).toFixed(1),
        of(peer, "p99").toFixed(1),
      ]);
      return ["64-byte round trips, µs", ...aligned([["", "p50", "added", "p99"], ...rows])];
    });
  } finally {
    await stop();
  }
}

/** Round trips one after the other on one connection, µs. */
function pingPong(port: number): Promise<{ p50: number; p99: number }> {
  return new Promise((resolve, reject) => {
    const times: number[] = [];
    let trips = 0;
    let left = 0;
    let sent = 0;
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    const send = () => {
      left = MESSAGE.length;
      sent = performance.now();
      socket.write(MESSAGE);
    };
    socket.once("connect", send);
    socket.on("data", ({ length }) => {
      left -= length;
      if (left > 0) return;
      if (trips++ > TRIPS / 10) times.push((performance.now() - sent) * 1_000);
      if (trips < TRIPS) return send();
      socket.destroy();
      times.sort((a, b) => a - b);
      resolve({ p50: times[times.length >> 1] ?? 0, p99: times[Math.floor(times.length * 0.99)] ?? 0 });
    });
    socket.once("error", reject);
  });
}
