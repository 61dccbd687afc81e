import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { load, wrk } from "./load.ts";
import { haproxy } from "./peers/haproxy.ts";
import { home } from "./peers/home.ts";
import { nginx, startUpstream } from "./peers/nginx.ts";
import { atExit, type Peer, pidAt } from "./peers/peer.ts";
import { aligned, inRounds, median, type Section, withPeers } from "./section.ts";
import { THIS_TREE } from "./trees.ts";
import { resident } from "./usage.ts";

const UPSTREAM = 29_100;
const OTHER_HOME = 29_107;
const PROGRAM = fileURLToPath(new URL("./pipelining-process.ts", import.meta.url));
const MIB = 1 << 20;
/** Between two looks at the proxy's memory, ms. */
const LOOK = 50;
/** From the flood's start to the good client's: most of the silent ones' requests are sent by then, ms. */
const LEAD = 1_000;
const CROWDS = [
  { name: "alone", readers: 0, silent: 0 },
  { name: "25 that read", readers: 25, silent: 0 },
  { name: "25 that read, 25 that never do", readers: 25, silent: 25 },
] as const;

type Crowd = (typeof CROWDS)[number];

interface Measured {
  /** The good client's, ms. */
  readonly p50: number;
  readonly p99: number;
  readonly errors: number;
  /** What the proxy held at most over what it held before, bytes; null where it can't be told. */
  readonly memory: number | null;
  /** Answers that the crowd took in, per second. */
  readonly answered: number;
}

/** A good client beside many that pipeline without end. */
export const pipelining: Section = {
  title: "Clients that pipeline",
  about:
    "50 connections send 10,000 pipelined requests each (some 130 bytes, all different). 25 of them read the answers and " +
    "begin anew; 25 never read. Beside them a good client (wrk, one connection, varied requests, one after the other). " +
    "`of alone`: its p99 over its p99 without any of them. `memory`: what the proxy's processes held at most, over what they " +
    "held before. `home` is Cove as users have it. All share the same cores, the crowd's own process among them.",
  run: async ({ rounds, seconds, against }) => {
    if (wrk === null) return ["skipped: wrk is missing; for example: apt-get install wrk"];
    const stopUpstream = await startUpstream(UPSTREAM);
    if (stopUpstream === null) return ["skipped: nginx is missing; for example: apt-get install nginx-light"];
    const other = against === null ? haproxy() : home(against, { port: OTHER_HOME });
    try {
      return await withPeers([home(THIS_TREE), other, nginx()], UPSTREAM, async (peers, missing) => {
        for (const { port } of peers) await load(port, 1, { connections: 32 });
        const results = new Map<Crowd, Map<Peer, Measured[]>>();
        for (const crowd of CROWDS) {
          results.set(
            crowd,
            await inRounds(peers, Math.min(rounds, 3), (peer) => measure(peer, crowd, Math.min(seconds, 2))),
          );
        }
        return [...missing, ...table(peers, results)];
      });
    } finally {
      await stopUpstream();
    }
  },
};

async function measure(peer: Peer, { readers, silent }: Crowd, seconds: number): Promise<Measured> {
  const pid = pidAt(peer.port) ?? 0;
  const before = resident(pid);
  let most = before ?? 0;
  const look = setInterval(() => {
    most = Math.max(most, resident(pid) ?? 0);
  }, LOOK);
  const began = performance.now();
  const stop = readers + silent > 0 ? await flood(peer.port, readers, silent) : null;
  if (stop !== null) await new Promise((resolve) => setTimeout(resolve, LEAD));
  const { p50, p99, errors } = await load(peer.port, seconds, { connections: 1 });
  const answered = (await stop?.()) ?? 0;
  const rate = answered / ((performance.now() - began) / 1_000);
  clearInterval(look);
  return { p50, p99, errors, memory: before === null ? null : most - before, answered: rate };
}

/** Starts the crowd; the result ends it and gives the number of answers that it took in. */
async function flood(port: number, readers: number, silent: number): Promise<() => Promise<number>> {
  const child = spawn(process.execPath, [PROGRAM, port, readers, silent].map(String), {
    stdio: ["ignore", "pipe", "inherit"],
  });
  child.once(
    "exit",
    atExit(() => child.kill("SIGKILL")),
  );
  let said = "";
  child.stdout.on("data", (text) => {
    said += text;
  });
  const ended = once(child, "close");
  await Promise.race([once(child.stdout, "data"), ended]);
  return async () => {
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(late);
    const [, answered] = /"answered":(\d+)/.exec(said) ?? [];
    if (answered === undefined) throw new Error(`the crowd of clients ended before it was asked to: ${said}`);
    return Number(answered);
  };
}

function table(peers: readonly Peer[], results: ReadonlyMap<Crowd, ReadonlyMap<Peer, readonly Measured[]>>): string[] {
  const middle = (crowd: Crowd, peer: Peer, of: (one: Measured) => number) =>
    median((results.get(crowd)?.get(peer) ?? []).map(of));
  const rows = peers.flatMap((peer) =>
    CROWDS.map((crowd) => {
      const failed = (results.get(crowd)?.get(peer) ?? []).reduce((sum, { errors }) => sum + errors, 0);
      const p99 = middle(crowd, peer, (one) => one.p99);
      const memory = middle(crowd, peer, (one) => one.memory ?? Number.NaN) / MIB;
      return [
        `${peer.name}: ${crowd.name}${failed > 0 ? `, ${failed} errors` : ""}`,
        p99 === 0 ? "no answer" : middle(crowd, peer, (one) => one.p50).toFixed(2),
        p99 === 0 ? "no answer" : p99.toFixed(2),
        crowd === CROWDS[0] || p99 === 0 ? "" : `${(p99 / middle(CROWDS[0], peer, (one) => one.p99)).toFixed(1)} ×`,
        Math.round(middle(crowd, peer, (one) => one.answered)).toLocaleString("en"),
        Number.isNaN(memory) ? "" : memory.toFixed(0),
      ];
    }),
  );
  return aligned([["", "p50 ms", "p99 ms", "of alone", "crowd's answers/s", "memory, MiB more"], ...rows]);
}
