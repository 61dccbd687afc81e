import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tracedPythonPath } from "../src/tracing/python-path.ts";
import { aligned, median, type Section } from "./section.ts";

const PROGRAM = fileURLToPath(new URL("trace-python.py", import.meta.url));
/** Starts in one round, each way. */
const STARTS = 10;
const REQUESTS = 2_000;
const TRIPS = 20_000;

interface Way {
  readonly name: string;
  readonly env: NodeJS.ProcessEnv;
}

/** What the preload in Python programs costs. */
export const tracePython: Section = {
  title: "Python programs that report for which request they send what",
  about:
    "The first python3 on PATH with and without the preload, alternating: whole processes that do nothing; CPU of a server of " +
    "http.server a request, without a query; CPU of reporting one round trip to a database.",
  run: async ({ rounds }) => {
    try {
      execFileSync("python3", ["--version"]);
    } catch {
      return ["skipped, not installed: python3"];
    }
    const folder = mkdtempSync(join(tmpdir(), "cove-bench-python-"));
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const reader = spawn("sh", ["-c", 'exec cat <> "$0" > /dev/null', pipe], { stdio: "ignore" });
    try {
      const { PATH, HOME } = process.env;
      const plain = { PATH, HOME };
      const traced = {
        ...{ ...plain, PYTHONPATH: tracedPythonPath(undefined), COVE_TRACE_PIPE: pipe, COVE_TRACE_EDGES: "61001" },
      };
      const ways: readonly Way[] = [
        { name: "without", env: plain },
        { name: "with the preload", env: traced },
      ];
      const trip = execFileSync("python3", [PROGRAM, "trips", String(TRIPS)], { env: traced, encoding: "utf8" });
      return [
        ...starts(ways, rounds * STARTS),
        "",
        ...(await requests(ways, rounds)),
        "",
        `a round trip that is reported: ${Number(trip).toFixed(1)} µs of CPU`,
      ];
    } finally {
      reader.kill();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function starts(ways: readonly Way[], times: number): string[] {
  const all = ways.map((way) => ({ ...way, took: [] as number[] }));
  for (let n = 0; n <= times; n++) {
    for (const { env, took } of all) {
      const began = performance.now();
      execFileSync("python3", ["-c", "0"], { env });
      // The first one compiles.
      if (n > 0) took.push(performance.now() - began);
    }
  }
  const base = median(all[0]?.took ?? []);
  const rows = all.map(({ name, took }) => [
    name,
    median(took).toFixed(1),
    Math.min(...took).toFixed(1),
    `+ ${(median(took) - base).toFixed(1)}`,
  ]);
  return aligned([["python3 -c 0", "median ms", "least ms", "added"], ...rows]);
}

async function requests(ways: readonly Way[], rounds: number): Promise<string[]> {
  const all = ways.map((way) => ({ ...way, micros: [] as number[] }));
  for (let n = 0; n < rounds; n++) for (const { env, micros } of all) micros.push(await microsOfRequest(env));
  const base = median(all[0]?.micros ?? []);
  const rows = all.map(({ name, micros }) => [
    name,
    median(micros).toFixed(0),
    `+ ${(median(micros) - base).toFixed(0)}`,
  ]);
  return aligned([["a request", "µs of CPU", "added"], ...rows]);
}

async function microsOfRequest(env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn("python3", [PROGRAM, "serve"], { env, stdio: ["ignore", "pipe", "inherit"] });
  try {
    const port = await portOf(child);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const first = await cpuAt(port, agent);
    let last = first;
    for (let n = 0; n < REQUESTS; n++) last = await cpuAt(port, agent);
    agent.destroy();
    return ((last - first) * 1e6) / REQUESTS;
  } finally {
    child.kill();
  }
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.stdout?.once("data", (text) => resolve(Number(text)));
    child.once("exit", () => reject(new Error("the server ended")));
  });
}

/** Seconds of CPU that the server has had. */
function cpuAt(port: number, agent: Agent): Promise<number> {
  const headers = { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` };
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, agent, headers }, (response) => {
      let text = "";
      response.on("data", (more) => (text += String(more))).once("end", () => resolve(Number(text)));
    });
    asked.once("error", reject);
    asked.end();
  });
}
