import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { NAME } from "./names.ts";
import { type Peer, pidAt, programPath } from "./peers/peer.ts";
import { aligned, inRounds, median } from "./section.ts";
import { cpuTime } from "./usage.ts";

const exec = promisify(execFile);
const VARIED = fileURLToPath(new URL("./varied.lua", import.meta.url));

export interface Load {
  /** Requests per second. */
  readonly rate: number;
  /** ms; NaN where what measures doesn't say. */
  readonly p50: number;
  readonly p99: number;
  /** Responses that are no 2xx, requests without a response, broken connections. */
  readonly errors: number;
  /** CPU time of whoever listens on the port, user and system, all of its processes, µs a request; null where it can't be told. */
  readonly cpu: number | null;
}

/** What wrk asks for. */
export interface Asked {
  readonly connections: number;
  /** One identical request for ever: its path. Absent: the thousand requests of `varied.lua`, over so many names. */
  readonly path?: string;
  /** Default: 1. */
  readonly routes?: number;
}

export const wrk = programPath("wrk");

/** More would make a full run take over a quarter of an hour, s. */
const MOST_SECONDS = 2;

/** Loads a proxy with wrk: one thread, so that it leaves the other core to the proxy. */
export async function load(port: number, seconds: number, { connections, path, routes = 1 }: Asked): Promise<Load> {
  if (wrk === null) throw new Error("wrk is missing");
  const what =
    path === undefined
      ? ["-s", VARIED, `http://127.0.0.1:${port}/`, "--", String(port), String(routes)]
      : ["-H", `Host: ${NAME}:${port}`, `http://127.0.0.1:${port}${path}`];
  const pid = pidAt(port);
  const before = pid === undefined ? null : cpuTime(pid);
  const { stdout } = await exec(wrk, ["-t1", `-c${connections}`, `-d${seconds}s`, "--latency", ...what], {
    timeout: (seconds + 30) * 1000,
  });
  const after = pid === undefined ? null : cpuTime(pid);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1] ?? 0);
  const cpu = before === null || after === null || requests === 0 ? null : ((after - before) * 1000) / requests;
  return {
    rate: Number(/Requests\/sec:\s+([0-9.]+)/.exec(stdout)?.[1] ?? 0),
    p50: percentile(stdout, "50"),
    p99: percentile(stdout, "99"),
    errors: errorsIn(stdout),
    cpu,
  };
}

/** ms. */
function percentile(stdout: string, percent: string): number {
  const [, value = "0", unit = "ms"] = new RegExp(`${percent}%\\s+([0-9.]+)(us|ms|s)`).exec(stdout) ?? [];
  return Number(value) * ({ us: 0.001, ms: 1, s: 1000 }[unit] ?? 1);
}

function errorsIn(stdout: string): number {
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0);
  const broken = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout)?.slice(1) ?? [];
  return broken.reduce((sum, count) => sum + Number(count), refused);
}

/** Warms each peer up for a second, then measures them in rounds; a table of medians with ratios to `base`, the first one. */
export async function compared(
  peers: readonly Peer[],
  rounds: number,
  seconds: number,
  asked: Asked,
): Promise<readonly string[]> {
  return comparedBy(peers, rounds, seconds, (port, time) => load(port, time, asked));
}

/** The same for whatever measures. */
export async function comparedBy(
  peers: readonly Peer[],
  rounds: number,
  seconds: number,
  measure: (port: number, seconds: number) => Promise<Load>,
): Promise<readonly string[]> {
  for (const peer of peers) await measure(peer.port, 1);
  const results = await inRounds(peers, rounds, (peer) => measure(peer.port, Math.min(seconds, MOST_SECONDS)));
  const [base] = peers;
  const middle = (peer: Peer | undefined, of: (one: Load) => number) =>
    median((peer === undefined ? [] : (results.get(peer) ?? [])).map(of));
  const ratio = (peer: Peer, of: (one: Load) => number) => times(middle(base, of) / middle(peer, of));
  const rows = peers.map((peer) => {
    const failed = (results.get(peer) ?? []).reduce((sum, { errors }) => sum + errors, 0);
    return [
      failed > 0 ? `${peer.name}, ${failed} errors` : peer.name,
      Math.round(middle(peer, rateOf)).toLocaleString("en"),
      peer === base ? "" : ratio(peer, rateOf),
      number(
        middle(peer, (one) => one.p50),
        2,
      ),
      number(
        middle(peer, (one) => one.p99),
        2,
      ),
      number(middle(peer, cpuOf)),
      peer === base ? "" : ratio(peer, cpuOf),
    ];
  });
  return aligned([["", "requests/s", "first is", "p50 ms", "p99 ms", "CPU µs", "first is"], ...rows]);
}

const rateOf = (one: Load) => one.rate;
const cpuOf = (one: Load) => one.cpu ?? Number.NaN;
const number = (value: number, digits = 1) => (Number.isNaN(value) ? "" : value.toFixed(digits));
const times = (value: number) => (Number.isFinite(value) ? `${value.toFixed(2)} ×` : "");
