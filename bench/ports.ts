import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createLooks } from "../src/home/looks/looks.ts";
import { manyListeners } from "../test/support/many-listeners.ts";
import { program } from "../test/support/programs.ts";
import { aligned, median, type Section } from "./section.ts";

const exec = promisify(execFile);
const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const PROCESSES = 200;
const EACH = 5;
/** Runs in one round: one is too short to measure. */
const RUNS = 4;

/** How long it takes to say who listens. */
export const ports: Section = {
  title: "Who listens",
  about:
    `${PROCESSES * EACH} TCP listeners of ${PROCESSES} processes; whole commands with their start, alternating. Then home's own ` +
    "looks for the dashboard, on a thread of their own: how long one takes, and what of it is the time of the thread that carries the door's bytes.",
  run: async ({ rounds }) => {
    if (!existsSync(at("dist/cli.js"))) return ["skipped: not built; npm run build"];
    if (program("python3") === null) return ["skipped, not installed: python3"];
    await using _ = await manyListeners(PROCESSES, EACH);
    const commands = [
      { name: "cove ports --json", file: process.execPath, args: [at("bin/cove.js"), "ports", "--json"] },
      { name: "cove ports", file: process.execPath, args: [at("bin/cove.js"), "ports"] },
      { name: "ss -ltnp", file: "ss", args: ["-ltnp"] },
      { name: "lsof -nP", file: "lsof", args: ["-nP", "-iTCP", "-sTCP:LISTEN"] },
      { name: "node -e 0", file: process.execPath, args: ["-e", "0"] },
    ].filter(({ file }) => file.includes("/") || program(file) !== null);
    const timed = commands.map((command) => ({ ...command, times: [] as number[] }));
    for (let n = 0; n < rounds * RUNS + 1; n++) {
      for (const { file, args, times } of timed) {
        const began = performance.now();
        await exec(file, args, { maxBuffer: 1 << 26 });
        // The first one fills the compile cache.
        if (n > 0) times.push(performance.now() - began);
      }
    }
    const base = median(timed.find(({ name }) => name === "ss -ltnp")?.times ?? []);
    const ratio = (times: number[]) => (base > 0 ? `${(median(times) / base).toFixed(2)} ×` : "");
    const rows = timed.map(({ name, times }) => [name, median(times).toFixed(0), ratio(times)]);
    return [...aligned([["", "ms", "of ss -ltnp"], ...rows]), "", ...(await looks(rounds))];
  },
};

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function looks(rounds: number): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "cove-bench-"));
  const home = {
    ...{ pid: process.pid, version: "", startedAt: 0, url: "" },
    door: { host: "127.0.0.1", port: 62_893 },
  };
  const looks = createLooks(folder, () => ({ snapshot: { home, stacks: [], aliases: [] }, leases: [], unnamed: [] }));
  const lines: string[][] = [["", "a look, ms", "of home's own thread, ms"]];
  try {
    for (const what of ["ports", "audit"] as const) {
      const took: number[] = [];
      const own: number[] = [];
      for (let n = 0; n <= rounds; n++) {
        const began = performance.now();
        const cpu = process.threadCpuUsage();
        const sight = await looks.look(what);
        const { user, system } = process.threadCpuUsage(cpu);
        if ("fault" in sight) return [`skipped: ${sight.message}`];
        // The first one starts the thread.
        if (n > 0) took.push(performance.now() - began);
        if (n > 0) own.push((user + system) / 1_000);
        // A sight is shared for a while.
        await pause(3_100);
      }
      lines.push([what, median(took).toFixed(0), median(own).toFixed(1)]);
    }
    return aligned(lines);
  } finally {
    await looks.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
