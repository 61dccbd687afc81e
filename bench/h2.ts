import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { comparedBy, type Load } from "./load.ts";
import { NAME } from "./names.ts";
import { bareDoor } from "./peers/bare-door.ts";
import { home } from "./peers/home.ts";
import { nginx, startUpstream } from "./peers/nginx.ts";
import { type Peer, pidAt, programPath } from "./peers/peer.ts";
import { type Section, withPeers } from "./section.ts";
import { THIS_TREE } from "./trees.ts";
import { cpuTime } from "./usage.ts";

const exec = promisify(execFile);
const h2load = programPath("h2load");
const UPSTREAM = 29_110;
/** Different requests, in turn. */
const PATHS = 1_000;
const FIELDS = [
  "user-agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
  "accept: application/json",
  "accept-language: en-US,en;q=0.5",
  "accept-encoding: gzip, deflate, br, zstd",
  "cookie: session=5bd1e995a2f4c3d700009e3779b1000000; theme=dark; cart=31; consent=necessary.statistics",
  "sec-fetch-dest: empty",
  "sec-fetch-mode: cors",
  "sec-fetch-site: same-origin",
];

/** HTTP/2 by name, without TLS. */
export const h2: Section = {
  title: "HTTP/2 without TLS",
  about:
    "h2load (one thread) asks with prior knowledge, as browsers do but without TLS: 1,000 different paths in turn, eight more " +
    "fields, each answered otherwise by one nginx behind every proxy. `home` is Cove as users have it. Connections × streams at " +
    "once on each. All share the same cores: the ratios count. `CPU` is what the proxy's processes need for a request.",
  run: async ({ rounds, seconds }) => {
    if (h2load === null) return ["skipped: h2load is missing; for example: apt-get install nghttp2-client"];
    const stopUpstream = await startUpstream(UPSTREAM);
    if (stopUpstream === null) return ["skipped: nginx is missing; for example: apt-get install nginx-light"];
    const folder = mkdtempSync(join(tmpdir(), "cove-bench-"));
    const peers = [home(THIS_TREE), bareDoor(THIS_TREE), nginx(1, { http2: true })];
    const lines: string[] = [];
    const part = (title: string, connections: number, streams: number, path?: string) =>
      withPeers(peers, UPSTREAM, async (running, missing) => {
        lines.push("", title, ...missing);
        lines.push(...(await measured(running, rounds, seconds, { folder, connections, streams, path })));
      });
    try {
      await part("Varied, 4 connections × 32 streams", 4, 32);
      await part("Varied, 32 connections × 1 stream", 32, 1);
      await part("1 MiB responses, 4 connections × 2 streams", 4, 2, "/large");
      return lines;
    } finally {
      rmSync(folder, { recursive: true, force: true });
      await stopUpstream();
    }
  },
};

interface Asked {
  readonly folder: string;
  readonly connections: number;
  readonly streams: number;
  /** One path for ever; undefined: varied. */
  readonly path: string | undefined;
}

function measured(peers: readonly Peer[], rounds: number, seconds: number, asked: Asked): Promise<readonly string[]> {
  return comparedBy(peers, rounds, seconds, (port, time) => load(port, time, asked));
}

async function load(port: number, seconds: number, { folder, connections, streams, path }: Asked): Promise<Load> {
  const urls = join(folder, "urls");
  const paths = Array.from(
    { length: PATHS },
    (_, n) => path ?? `/api/v2/orders/${n}?after=${n % 37}&cursor=${n * 101}`,
  );
  writeFileSync(urls, paths.map((one) => `http://${NAME}:${port}${one}\n`).join(""));
  const pid = pidAt(port);
  const before = pid === undefined ? null : cpuTime(pid);
  const { stdout } = await exec(
    h2load ?? "",
    [
      ...["-t1", `-c${connections}`, `-m${streams}`, "-D", String(seconds), "-w24", "-W26"],
      ...[`--connect-to=127.0.0.1:${port}`, "-i", urls, ...FIELDS.flatMap((field) => ["-H", field])],
    ],
    { timeout: (seconds + 30) * 1_000 },
  );
  const after = pid === undefined ? null : cpuTime(pid);
  const [, done = "0", good = "0"] = /, (\d+) done, (\d+) succeeded/.exec(stdout) ?? [];
  const requests = Number(done);
  return {
    rate: Number(/, ([0-9.]+) req\/s/.exec(stdout)?.[1] ?? 0),
    p50: Number.NaN,
    p99: Number.NaN,
    errors: requests - Number(good),
    cpu: before === null || after === null || requests === 0 ? null : ((after - before) * 1_000) / requests,
  };
}
