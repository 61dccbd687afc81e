import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, type RequestOptions, request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BindPolicy } from "../src/confine/bind-policy.ts";
import { openBox } from "../src/confine/box/box.ts";
import { boxPlace } from "../src/confine/box/place.ts";
import { callGuard } from "../src/confine/calls/launch.ts";
import { PIPES } from "../src/confine/child-stdio.ts";
import { isFault } from "../src/fault/fault.ts";
import { spawnUnder } from "../src/stack/process/spawn.ts";
import { aligned, median, type Section } from "./section.ts";

const LAUNCHES = 10;
const REQUESTS = 2_000;
const BINDS = 2_000;

const SERVER = `require("node:http").createServer((_, response) => response.end("x")).listen(process.env.PORT, "0.0.0.0")`;
const BINDER = `import socket, time
began = time.perf_counter()
for _ in range(${BINDS}):
    one = socket.socket(); one.bind(("127.0.0.1", 0)); one.close()
print((time.perf_counter() - began) / ${BINDS} * 1e6)`;

/** What it costs a service to be kept to loopback, or in a box. */
export const guardBind: Section = {
  title: "Guard of binds",
  about:
    "A node server's start to its first answer, one bind (python), and one request on a kept connection, under each policy; " +
    "warn does nothing to the service.",
  run: async () => {
    const guard = await callGuard();
    if (isFault(guard)) return [`skipped: ${guard.message}`];
    const folder = mkdtempSync(join(tmpdir(), "cove-bench-"));
    writeFileSync(join(folder, "server.cjs"), SERVER);
    try {
      const first: Record<BindPolicy, number[]> = { warn: [], fix: [], box: [] };
      const asked: Record<BindPolicy, number[]> = { warn: [], fix: [], box: [] };
      const bound: Record<"warn" | "fix", number[]> = { warn: [], fix: [] };
      for (let round = 0; round < LAUNCHES; round++) {
        for (const policy of ["warn", "fix", "box"] as const) {
          const server = await served(policy, folder);
          if (server === null) continue;
          first[policy].push(server.first);
          if (round === 0) asked[policy].push(...(await server.requests()));
          await server.end();
        }
        for (const policy of ["warn", "fix"] as const) bound[policy].push(await binds(policy, folder));
      }
      const shown = (values: readonly number[], digits: number) =>
        values.length === 0 ? "–" : median(values).toFixed(digits);
      return aligned([
        ["", "first answer ms", "bind µs", "request µs"],
        ...(["warn", "fix", "box"] as const).map((policy) => [
          policy,
          shown(first[policy], 0),
          shown(policy === "box" ? [] : bound[policy], 1),
          shown(asked[policy], 0),
        ]),
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

interface Served {
  /** From its start, ms. */
  readonly first: number;
  /** One after the other, µs each. */
  readonly requests: () => Promise<number[]>;
  readonly end: () => Promise<void>;
}

/** Null: this system gives no boxes. */
async function served(policy: BindPolicy, folder: string): Promise<Served | null> {
  const port = await freePort();
  const env = { PATH: process.env.PATH ?? "", PORT: String(port) };
  const command = [process.execPath, "server.cjs"];
  const place = boxPlace(folder, port);
  const began = performance.now();
  const address = { host: "127.0.0.1", port };
  const box = policy === "box" ? await openBox(place, address, [], { command, cwd: folder, env }) : null;
  if (isFault(box)) return null;
  const launch = { command: box?.command ?? command, cwd: folder, env: box?.env ?? env };
  const child = await spawnUnder(policy, launch, PIPES, { note: () => {} });
  if (child instanceof Error) throw child;
  const at: RequestOptions = box === null ? address : { socketPath: place.inlet };
  while (!(await answered({ ...at, agent: false }))) await new Promise((resolve) => setTimeout(resolve, 2));
  const first = performance.now() - began;
  return {
    first,
    requests: async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const took: number[] = [];
      for (let n = 0; n < REQUESTS; n++) {
        const asked = performance.now();
        await answered({ ...at, agent });
        took.push((performance.now() - asked) * 1_000);
      }
      agent.destroy();
      return took;
    },
    end: async () => {
      process.kill(-child.pid, "SIGKILL");
      await child.exited;
      box?.close();
    },
  };
}

async function binds(policy: BindPolicy, cwd: string): Promise<number> {
  const launch = { command: ["python3", "-c", BINDER], cwd, env: { PATH: process.env.PATH ?? "" } };
  const child = await spawnUnder(policy, launch, PIPES, { note: () => {} });
  if (child instanceof Error) return Number.NaN;
  let said = "";
  child.stdout?.on("data", (text) => {
    said += text;
  });
  await child.exited;
  await new Promise((resolve) => setTimeout(resolve, 20));
  return Number(said);
}

function answered(options: RequestOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = request(options, (response) => {
      response.resume();
      response.once("end", () => resolve(true));
    });
    sent.once("error", () => resolve(false));
    sent.end();
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const at = server.address();
      server.close(() => resolve(typeof at === "object" && at !== null ? at.port : 0));
    });
  });
}
