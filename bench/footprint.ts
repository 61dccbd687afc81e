import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Snapshot } from "../src/home/view/view.ts";
import { ownCove } from "./own-cove.ts";
import { aligned, type Section } from "./section.ts";

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
/** Before anything is measured, ms: what started has come to rest. */
const REST = 30_000;
/** How long the processor's time is watched, ms. */
const WATCHED = 20_000;
/** Of the kernel's clock in /proc: 100 a second on every Linux. */
const TICK = 10;

/** What Cove itself holds and needs while the example stack runs and nobody asks it anything. */
export const footprint: Section = {
  title: "Memory and processor at rest",
  about:
    "examples/shop, up for half a minute by `cove up -d`, without its services' own processes. Resident: as the system " +
    "counts it, shared pages of the node program in each. Own: what would be free if the process ended.",
  run: async () => {
    if (process.platform !== "linux") return ["skipped: only Linux tells"];
    if (!existsSync(at("dist/cli.js"))) return ["skipped: not built; npm run build"];
    await using own = await ownCove();
    await own.cove("-C", at("examples/shop"), "up", "-d");
    const bare = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"], { stdio: "ignore" });
    const ended = once(bare, "exit");
    try {
      await sleep(REST);
      const processes = coveProcesses(JSON.parse(await own.cove("status", "--json")) as Snapshot);
      const before = processes.map(({ pid }) => ticks(pid));
      await sleep(WATCHED);
      const rows = processes.map(({ name, pid }, index) => {
        const { resident, anonymous } = memory(pid);
        return { name, resident, anonymous, busy: ((ticks(pid) - (before[index] ?? 0)) * TICK) / WATCHED };
      });
      const sum = (key: "resident" | "anonymous" | "busy") => rows.reduce((total, row) => total + row[key], 0);
      const node = memory(bare.pid ?? 0);
      const all = [
        ...rows,
        { name: "all of Cove", resident: sum("resident"), anonymous: sum("anonymous"), busy: sum("busy") },
        { name: "a node that does nothing", ...node, busy: 0 },
      ];
      return aligned([
        ["", "resident MB", "own MB", "of a core"],
        ...all.map(({ name, resident, anonymous, busy }) => [
          name,
          resident.toFixed(0),
          anonymous.toFixed(0),
          `${(busy * 100).toFixed(2)} %`,
        ]),
      ]);
    } finally {
      bare.kill();
      await ended;
    }
  },
};

/** Cove's own processes: home, the runner that is the services' parent, and servers of files. */
function coveProcesses({ home, stacks }: Snapshot): { name: string; pid: number }[] {
  const services = stacks.flatMap((stack) => stack.services);
  const servers = services.flatMap(({ kind, name, pid }) =>
    kind === "files" && pid !== null ? [{ name: `files server ${name}`, pid }] : [],
  );
  const child = services.find(({ pid }) => pid !== null)?.pid ?? 0;
  return [{ name: "home", pid: home.pid }, { name: "runner", pid: Number(stat(child)[1]) }, ...servers];
}

/** Fields of /proc/PID/stat behind the name (proc_pid_stat(5)): state, parent, … */
function stat(pid: number): string[] {
  return readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
}

function ticks(pid: number): number {
  const fields = stat(pid);
  return Number(fields[11]) + Number(fields[12]);
}

/** MB. */
function memory(pid: number): { resident: number; anonymous: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const of = (name: string) => Number(new RegExp(`^${name}: +(\\d+)`, "m").exec(text)?.[1] ?? 0) / 1024;
  return { resident: of("Rss"), anonymous: of("Anonymous") };
}
