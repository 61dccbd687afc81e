import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
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
  about: `${PROCESSES * EACH} TCP listeners of ${PROCESSES} processes; whole commands with their start, alternating.`,
  run: async ({ rounds }) => {
    if (!existsSync(at("dist/cli/main.js"))) return ["skipped: not built; npm run build"];
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
    return aligned([["", "ms", "of ss -ltnp"], ...rows]);
  },
};
