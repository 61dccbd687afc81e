// npm run bench [-- --quick]: Cove's door beside its peers, in one run, alternating; prints ratios of medians.
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { type Load, load, wrk } from "./load.ts";
import { caddy } from "./peers/caddy.ts";
import { cove } from "./peers/cove.ts";
import { haproxy } from "./peers/haproxy.ts";
import { nginx, startUpstream } from "./peers/nginx.ts";
import type { Peer } from "./peers/peer.ts";
import { portless } from "./peers/portless.ts";

const UPSTREAM = 29_100;
const PEERS: readonly Peer[] = [cove, nginx, haproxy, caddy, portless];
const quick = process.argv.includes("--quick");
const rounds = quick ? 3 : 5;
const seconds = quick ? 2 : 3;

const CASES = [
  { title: "200-byte responses, 32 keep-alive connections", path: "/small", connections: 32 },
  { title: "1 MiB responses, 8 keep-alive connections", path: "/large", connections: 8 },
] as const;

if (wrk === null) {
  console.error("wrk is missing; install it, for example: apt-get install wrk");
  process.exit(1);
}
const stopUpstream = await startUpstream(UPSTREAM);
if (stopUpstream === null) {
  console.error("nginx is missing, which is the service behind every proxy; for example: apt-get install nginx-light");
  process.exit(1);
}

const running: { peer: Peer; stop: () => Promise<void> }[] = [];
const lines: string[] = [];
const say = (line: string) => {
  console.log(line);
  lines.push(line);
};

try {
  for (const peer of PEERS) {
    const stop = await peer.start(UPSTREAM);
    if (stop === null) say(`skipped, not installed: ${peer.name}`);
    else running.push({ peer, stop });
  }
  for (const { title, path, connections } of CASES) {
    const results = new Map<Peer, Load[]>(running.map(({ peer }) => [peer, []]));
    for (const { peer } of running) await load(peer.port, path, 1, connections);
    for (let round = 0; round < rounds; round++) {
      // The order turns, so that nobody always follows the same one.
      for (let n = 0; n < running.length; n++) {
        const { peer } = running[(n + round) % running.length] ?? {};
        if (peer) results.get(peer)?.push(await load(peer.port, path, seconds, connections));
      }
    }
    report(title, results);
  }
} finally {
  for (const { stop } of running.reverse()) await stop();
  await stopUpstream();
}
if (!quick) writeFileSync(new URL("./RESULTS.md", import.meta.url), markdown());

function report(title: string, results: Map<Peer, Load[]>): void {
  const rateOf = (peer: Peer) => median((results.get(peer) ?? []).map(({ rate }) => rate));
  say("");
  say(title);
  say(
    `${"".padEnd(20)}${"requests/s".padStart(12)}${"cove is".padStart(10)}${"p50 ms".padStart(10)}${"p99 ms".padStart(10)}`,
  );
  for (const [peer, loads] of results) {
    const ratio = peer === cove ? "" : `${(rateOf(cove) / rateOf(peer)).toFixed(2)} ×`;
    const p50 = median(loads.map((one) => one.p50)).toFixed(2);
    const p99 = median(loads.map((one) => one.p99)).toFixed(2);
    const failed = loads.reduce((sum, { errors }) => sum + errors, 0);
    say(
      `${peer.name.padEnd(20)}${Math.round(rateOf(peer)).toLocaleString("en").padStart(12)}${ratio.padStart(10)}${p50.padStart(10)}${p99.padStart(10)}${failed > 0 ? `  ${failed} errors` : ""}`,
    );
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function markdown(): string {
  return `# The door beside its peers

Medians of ${rounds} rounds of ${seconds} s each, alternating, in one run, on ${cpus().length} shared cores; Node ${process.versions.node}.
The load generator (wrk, one thread) and the service behind (nginx) use the same cores as the proxy under test, so the
ratios count, not the rates. Made by \`npm run bench\`.

\`\`\`
${lines.join("\n").trim()}
\`\`\`
`;
}
