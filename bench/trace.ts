import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { createRequire } from "node:module";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { readPipe } from "../src/tracing/pipe.ts";
import { preloadFile, tracedEnv } from "../src/tracing/traced-env.ts";
import { aligned, median, type Section } from "./section.ts";

const exec = promisify(execFile);
const require = createRequire(import.meta.url);
const STARTS = 10;
const REQUESTS = 4_000;
const AT_ONCE = 16;

/** A server that tells the CPU time that it has used, microseconds. */
const SERVER = `
const { Pool } = require(${JSON.stringify(require.resolve("pg"))});
const db = new Pool({ host: "127.0.0.1", port: Number(process.env.DB), user: "a", database: "a", max: 10 });
require("node:http").createServer(async (request, response) => {
  if (request.url === "/cpu") {
    const { user, system } = process.cpuUsage();
    return response.end(String(user + system));
  }
  if (request.url === "/query") await db.query("select 1");
  response.end("x");
}).listen(0, "127.0.0.1", function () { process.stdout.write(String(this.address().port)); });`;

/** What it costs a Node service to report for which request it sends what. */
export const trace: Section = {
  title: "Traces",
  about:
    "What the preload adds to Node: to the start of a program that does nothing, and to the CPU time of a server's request " +
    "(the server's own count, 16 requests at once) without a query, and with one over pg to a stub of Postgres.",
  run: async ({ rounds }) => {
    if (!existsSync(preloadFile())) return ["skipped: not built; npm run build"];
    const folder = mkdtempSync(join(tmpdir(), "cove-bench-"));
    const pipe = join(folder, "trace");
    execFileSync("mkfifo", ["-m", "600", pipe]);
    const reader = readPipe(pipe, () => {});
    const db = await postgresStub();
    try {
      writeFileSync(join(folder, "server.cjs"), SERVER);
      const { port } = db.address() as AddressInfo;
      const { PATH = "" } = process.env;
      const plain = { PATH, DB: String(port) };
      const traced = tracedEnv(plain, { pipe, edges: [port] });
      return [
        ...(await starts(plain, traced, rounds * STARTS)),
        "",
        ...(await requests(join(folder, "server.cjs"), plain, traced, rounds)),
      ];
    } finally {
      reader?.close();
      db.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

type Env = Readonly<Record<string, string>>;

async function starts(plain: Env, traced: Env, times: number): Promise<string[]> {
  const took: Record<"plain" | "traced", number[]> = { plain: [], traced: [] };
  for (let n = 0; n < times; n++) {
    for (const [name, env] of [["plain", plain] as const, ["traced", traced] as const]) {
      const began = performance.now();
      await exec(process.execPath, ["-e", "0"], { env });
      took[name].push(performance.now() - began);
    }
  }
  const added = median(took.traced) - median(took.plain);
  return aligned([
    ["", "median ms", "least ms"],
    ["node -e 0", median(took.plain).toFixed(1), Math.min(...took.plain).toFixed(1)],
    ["with the preload", median(took.traced).toFixed(1), Math.min(...took.traced).toFixed(1)],
    ["added", added.toFixed(1), (Math.min(...took.traced) - Math.min(...took.plain)).toFixed(1)],
  ]);
}

async function requests(server: string, plain: Env, traced: Env, rounds: number): Promise<string[]> {
  const rows: string[][] = [["µs of CPU a request", "plain", "with the preload", "added"]];
  for (const path of ["/", "/query"]) {
    const cost: Record<"plain" | "traced", number[]> = { plain: [], traced: [] };
    for (let round = 0; round < rounds; round++) {
      cost.plain.push(await costOf(server, plain, path));
      cost.traced.push(await costOf(server, traced, path));
    }
    const [before, after] = [median(cost.plain), median(cost.traced)];
    const name = path === "/" ? "without a query" : "with one";
    rows.push([name, before.toFixed(1), after.toFixed(1), (after - before).toFixed(1)]);
  }
  return aligned(rows);
}

/** CPU time of a request, microseconds, once the server is warm. */
async function costOf(server: string, env: Env, path: string): Promise<number> {
  const child = spawn(process.execPath, [server], { env, stdio: ["ignore", "pipe", "inherit"] });
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  try {
    const [text] = (await once(child.stdout, "data")) as [Buffer];
    const port = Number(String(text));
    await load(port, path, agent);
    const before = Number(await get(port, "/cpu", agent));
    await load(port, path, agent);
    return (Number(await get(port, "/cpu", agent)) - before) / REQUESTS;
  } finally {
    agent.destroy();
    child.kill();
  }
}

async function load(port: number, path: string, agent: Agent): Promise<void> {
  let left = REQUESTS;
  const one = async () => {
    while (left-- > 0) await get(port, path, agent);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

const HEADERS = { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` };

function get(port: number, path: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: "127.0.0.1", path, agent, headers: HEADERS }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += String(chunk);
      });
      response.on("end", () => resolve(text));
    });
    asked.on("error", reject).end();
  });
}

/** Lets everybody in, and answers every query with nothing (protocol 3). */
async function postgresStub(): Promise<Server> {
  const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
  const letIn = Buffer.concat([Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]), ready]);
  const done = Buffer.concat([Buffer.from([0x43, 0, 0, 0, 13]), Buffer.from("SELECT 0\0"), ready]);
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("data", (bytes) => void socket.write(bytes[0] === 0x51 ? done : letIn));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}
