import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { aligned, median, type Section } from "./section.ts";

const exec = promisify(execFile);
const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
/** Starts in one round: a process's start is too short to measure once. */
const STARTS = 10;

/** How long the command line takes to start. */
export const cli: Section = {
  title: "The command line's start",
  about: "Built code with Node's compile cache, as installed; alternating with a Node that does nothing.",
  run: async ({ rounds }) => {
    if (!existsSync(at("dist/cli.js"))) return ["skipped: not built; npm run build"];
    const commands = [
      { name: "cove --version", args: [at("bin/cove.js"), "--version"] },
      { name: "cove --help", args: [at("bin/cove.js"), "--help"] },
      { name: "node -e 0", args: ["-e", "0"] },
    ].map((command) => ({ ...command, times: [] as number[] }));
    // The first one fills the compile cache.
    for (const { args } of commands) await exec(process.execPath, args);
    for (let n = 0; n < rounds * STARTS; n++) {
      for (const { args, times } of commands) {
        const began = performance.now();
        await exec(process.execPath, args);
        times.push(performance.now() - began);
      }
    }
    const base = median(commands.at(-1)?.times ?? []);
    const rows = commands.map(({ name, times }) => [
      name,
      median(times).toFixed(0),
      `${(median(times) / base).toFixed(2)} ×`,
    ]);
    return aligned([["", "ms", "of node -e 0"], ...rows]);
  },
};
