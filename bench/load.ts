import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { cpuTime } from "./cpu.ts";
import { NAME, pidAt, programPath } from "./peers/peer.ts";

const exec = promisify(execFile);

export interface Load {
  /** Requests per second. */
  readonly rate: number;
  /** ms. */
  readonly p50: number;
  readonly p99: number;
  readonly errors: number;
  /** CPU time of whoever listens on the port, µs a request; null where it can't be told. */
  readonly cpu: number | null;
}

export const wrk = programPath("wrk");

/** Loads one URL with wrk: one thread, so that it leaves the other core to the proxy. */
export async function load(port: number, path: string, seconds: number, connections: number): Promise<Load> {
  if (wrk === null) throw new Error("wrk is missing");
  const args = [
    "-t1",
    `-c${connections}`,
    `-d${seconds}s`,
    "--latency",
    "-H",
    `Host: ${NAME}:${port}`,
    `http://127.0.0.1:${port}${path}`,
  ];
  const pid = pidAt(port);
  const before = pid === undefined ? null : cpuTime(pid);
  const { stdout } = await exec(wrk, args, { timeout: (seconds + 30) * 1000 });
  const after = pid === undefined ? null : cpuTime(pid);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1] ?? 0);
  const cpu = before === null || after === null || requests === 0 ? null : ((after - before) * 1000) / requests;
  const ms = (percent: string) => {
    const [, value = "0", unit = "ms"] = new RegExp(`${percent}%\\s+([0-9.]+)(us|ms|s)`).exec(stdout) ?? [];
    return Number(value) * ({ us: 0.001, ms: 1, s: 1000 }[unit] ?? 1);
  };
  const errors = Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0);
  return {
    rate: Number(/Requests\/sec:\s+([0-9.]+)/.exec(stdout)?.[1] ?? 0),
    p50: ms("50"),
    p99: ms("99"),
    errors,
    cpu,
  };
}
