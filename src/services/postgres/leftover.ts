import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sleep } from "../../async/sleep.ts";
import { type Fault, fault } from "../../fault/fault.ts";
import { machine } from "../../machine/machine.ts";
import type { ProcessIdentity } from "../../machine/systems/system.ts";

/** Signals that end an earlier server, each with the time it gets, ms: fast, immediate, SIGKILL (pg_ctl(1)). */
const WAYS: readonly (readonly [NodeJS.Signals, number])[] = [
  ["SIGINT", 8_000],
  ["SIGQUIT", 4_000],
  ["SIGKILL", 2_000],
];

/**
 * Makes this data free for a new server: ends one that a dead runner left, and removes the lock of one that was
 * killed. Fault: DATABASE_FAILED when another living runner has it.
 */
export async function clearLeftover(dataDir: string): Promise<Fault | null> {
  const data = join(dataDir, "pgdata");
  const lock = join(data, "postmaster.pid");
  const pid = lockedBy(lock);
  if (pid === null) return null;
  const started = machine.startStamp(pid);
  const server = started === null ? null : { pid, started };
  const whose = server === null || !machine.isRunning(server) ? "nobody" : whoIs(pid, data);
  // Once its pid belongs to another program, Postgres would take that for the server and refuse to start.
  if (whose === "nobody") rmSync(lock, { force: true });
  if (whose !== "ours" || server === null) return null;

  const runner = runnerOf(dataDir);
  if (runner !== null && runner.pid !== process.pid && machine.isRunning(runner)) {
    return fault(
      "DATABASE_FAILED",
      `${data} is in use: a Postgres (pid ${pid}) runs on it, started by another Cove (pid ${runner.pid})`,
      "stop that one first: cove down",
      { data, pid, runner: runner.pid },
    );
  }
  for (const [signal, limit] of WAYS) {
    process.kill(pid, signal);
    const deadline = performance.now() + limit;
    while (machine.isRunning(server) && performance.now() < deadline) await sleep(20);
    if (!machine.isRunning(server)) return null;
  }
  return fault("DATABASE_FAILED", `the Postgres on ${data} (pid ${pid}) does not end`, `kill -9 ${pid}`, { data, pid });
}

/** Records which runner starts a server on this data. */
export function recordRunner(dataDir: string): void {
  const runner: ProcessIdentity = { pid: process.pid, started: machine.startStamp(process.pid) ?? "" };
  writeFileSync(join(dataDir, "runner.json"), JSON.stringify(runner), { mode: 0o600 });
}

function runnerOf(dataDir: string): ProcessIdentity | null {
  try {
    const runner: ProcessIdentity = JSON.parse(readFileSync(join(dataDir, "runner.json"), "utf8"));
    return runner;
  } catch {
    return null;
  }
}

/** The first line of postmaster.pid is the server's pid. */
function lockedBy(lock: string): number | null {
  try {
    const pid = Number(readFileSync(lock, "utf8").split("\n")[0]);
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

/** Ours: a server on this very data. Nobody: certainly not one. Unknown: Postgres may decide itself. */
function whoIs(pid: number, data: string): "ours" | "nobody" | "unknown" {
  try {
    // A server works in its data folder; the path on its command line may be written in many ways.
    if (process.platform === "linux") return readlinkSync(`/proc/${pid}/cwd`) === data ? "ours" : "nobody";
    if (process.platform === "win32") return "unknown";
    const command = execFileSync("ps", ["-ww", "-o", "command=", "-p", String(pid)], { encoding: "utf8" });
    if (command.includes(data)) return "ours";
    return command.includes("postgres") ? "unknown" : "nobody";
  } catch {
    return "unknown";
  }
}
