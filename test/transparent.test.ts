import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import { callGuard } from "../src/confine/calls/launch.ts";
import { isFault } from "../src/fault/fault.ts";
import type { EdgeView, StackView } from "../src/home/view/view.ts";
import { coveSandbox, type Sandbox } from "./support/cove.ts";
import { ask, eventually } from "./support/door-request.ts";
import { freePorts } from "./support/free-port.ts";
import { program } from "./support/programs.ts";
import { scratch } from "./support/scratch.ts";

const guarded = process.platform === "linux" && !isFault(await callGuard());
const require = createRequire(import.meta.url);
const redis = program("redis-server");
const psql = program("psql");

const BUSY = { timeout: 240_000 };

/** Its code says where everything is, and takes nothing from its environment. */
const API = (database: number) => `
const { Client } = require(${JSON.stringify(require.resolve("pg"))});
const { spawnSync } = require("node:child_process");
require("http").createServer(async (req, res) => {
  if (req.url === "/psql") {
    const at = ["-h", "localhost", "-p", "${database}", "-U", process.env.DB_USER, "-d", process.env.DB_NAME, "-Atc", "select 40 + 2"];
    const env = { PATH: process.env.PATH, PGPASSWORD: process.env.DB_PASSWORD };
    return res.end(String(spawnSync("psql", at, { env }).stdout));
  }
  const db = new Client({ host: "localhost", port: ${database}, user: process.env.DB_USER, password: process.env.DB_PASSWORD, database: process.env.DB_NAME });
  await db.connect();
  const { rows } = await db.query("select $1::text as tea", ["sencha"]);
  // A client that has gone can't be named.
  setTimeout(() => db.end().catch(() => {}), 500);
  db.on("error", () => {});
  res.end(rows[0].tea);
}).listen(process.env.PORT, process.env.HOST);
`;
const WEB = (api: number) => `
require("http").createServer(async (req, res) => {
  const { traceparent } = req.headers;
  const answer = await fetch("http://localhost:${api}" + req.url, { headers: { ...(traceparent && { traceparent }) } });
  res.end(await answer.text());
}).listen(process.env.PORT, process.env.HOST);
`;
/** The same, each time by a connection of its own. */
const SHORT_WEB = (api: number) => `
const http = require("http");
http.createServer((req, res) => {
  const asked = http.get({ host: "localhost", port: ${api}, path: req.url, agent: false });
  asked.on("response", (answer) => answer.pipe(res)).on("error", (error) => res.writeHead(502).end(error.code));
}).listen(process.env.PORT, process.env.HOST);
`;

interface Seen {
  readonly edge: string;
  readonly title: string;
  readonly caller: { readonly process: { readonly program: string; readonly pid: number } | null };
  readonly traceId: string;
  readonly how: string;
}

/** web → api → db, up, whose code says its ports itself. */
async function shop(sandbox: Sandbox, web: (api: number) => string) {
  const cwd = scratch("transparent");
  const [database = 0, api = 0] = await freePorts(2);
  writeFileSync(join(cwd, "api.js"), API(database));
  writeFileSync(join(cwd, "web.js"), web(api));
  const services = {
    db: { postgres: true, expects: database },
    api: { command: ["node", "api.js"], needs: ["db"], expects: [api] },
    web: { command: ["node", "web.js"], needs: ["api"] },
  };
  const config = { name: "quay", services };
  const write = (changed: Record<string, unknown>) =>
    writeFileSync(join(cwd, "cove.json"), JSON.stringify({ ...config, ...changed }));
  write({});
  expect(await sandbox.cove(["up", "-d"], { cwd })).toMatchObject({ code: 0 });
  const cove = (...args: string[]) => sandbox.cove(args, { cwd });
  const stack = async () =>
    (JSON.parse((await cove("status", "--json")).stdout) as { stacks: StackView[] }).stacks[0] as StackView;
  const edge = async (id: string) => (await stack()).edges.find((one) => one.id === id) as EdgeView;
  const seen = async (...filter: string[]) =>
    (await cove("watch", "--no-follow", "--json", "-n", "100", ...filter)).stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Seen);
  return { cwd, config, write, cove, stack, edge, seen };
}

test.skipIf(!guarded)(
  "code that says localhost and a port goes over its edges: page, API and SQL are one trace",
  BUSY,
  async () => {
    await using sandbox = await coveSandbox();
    const { seen, cove, edge, write } = await shop(sandbox, WEB);
    expect((await ask(sandbox.port, "web.quay.localhost", { path: "/tea" })).body).toBe("sencha");
    const trace = await eventually(async () => {
      const [first] = await seen("edge:browser→web");
      const all = (await seen()).filter(({ traceId }) => traceId === first?.traceId);
      if (all.length < 3) throw new Error(JSON.stringify(all));
      return all;
    });
    expect(new Set(trace.map((one) => one.edge))).toEqual(new Set(["browser→web", "web→api", "api→db"]));
    // The socket is the service's own, whoever connected it.
    for (const { edge: id, caller } of trace.filter((one) => one.edge !== "browser→web")) {
      expect([id, caller.process?.program]).toEqual([id, "node"]);
      expect(caller.process?.pid).not.toBe(0);
    }
    expect(trace.find((one) => one.edge === "api→db")?.how).toBe("exact");
    if (psql !== null) {
      expect((await ask(sandbox.port, "web.quay.localhost", { path: "/psql" })).body).toBe("42\n");
      expect((await seen("edge:api→db")).some(({ title }) => title.includes("40 +"))).toBe(true);
    }
    // Conditions are on it as on any other.
    expect((await cove("shape", "api→db", "offline")).code).toBe(0);
    const cut = await ask(sandbox.port, "web.quay.localhost", { path: "/tea" }).catch(() => null);
    expect(cut?.body).not.toBe("sencha");
    expect((await cove("shape", "off")).code).toBe(0);
    const { bytesUp } = await edge("web→api");
    expect(bytesUp).toBeGreaterThan(0);
    // Off, nothing is where the code says.
    write({ edges: "explicit" });
    expect((await cove("up", "-d")).stdout).toContain("edges changed");
    await cove("restart", "web");
    await ask(sandbox.port, "web.quay.localhost", { path: "/tea" }).catch(() => null);
    expect((await edge("web→api")).bytesUp).toBe(bytesUp);
  },
);

test.skipIf(!guarded || redis === null)(
  "what talks to a service that it doesn't need is found, said and captured",
  BUSY,
  async () => {
    await using sandbox = await coveSandbox();
    const cwd = scratch("found");
    const [cache = 0] = await freePorts(1);
    writeFileSync(
      join(cwd, "api.js"),
      `const { spawnSync } = require("node:child_process");
     require("http").createServer((req, res) => {
       res.end(spawnSync("redis-cli", ["-h", "127.0.0.1", "-p", "${cache}", "set", "tea", "oolong"]).stdout);
     }).listen(process.env.PORT, process.env.HOST);`,
    );
    const command = `redis-server --port $PORT --bind 127.0.0.1 --save ""`;
    const services = {
      cache: { command, protocol: "redis", port: cache },
      api: { command: ["node", "api.js"] },
    };
    const write = (more: Record<string, unknown>) =>
      writeFileSync(
        join(cwd, "cove.json"),
        JSON.stringify({ name: "quay", services: { ...services, api: { ...services.api, ...more } } }),
      );
    write({});
    expect(await sandbox.cove(["up", "-d"], { cwd })).toMatchObject({ code: 0 });
    expect((await ask(sandbox.port, "api.quay.localhost", {})).body).toBe("OK\n");
    const edge = async () => {
      const { stdout } = await sandbox.cove(["status", "--json"], { cwd });
      const [stack] = (JSON.parse(stdout) as { stacks: StackView[] }).stacks;
      return stack?.edges.find(({ id }) => id === "api→cache");
    };
    // The first connection already.
    await expect.poll(edge).toMatchObject({ from: "api", to: "cache", found: true });
    await expect.poll(async () => (await edge())?.bytesUp).toBeGreaterThan(0);
    const { stdout } = await sandbox.cove(["logs", "api"], { cwd });
    expect(stdout.match(/api also talks to cache: add it to needs/g)).toHaveLength(1);
    // With the line it is an edge like others, at the same address.
    const before = await edge();
    write({ needs: ["cache"] });
    expect(await sandbox.cove(["up", "-d"], { cwd })).toMatchObject({ code: 0 });
    const now = await edge();
    expect(now).toMatchObject({ address: before?.address });
    expect(now?.found).toBeUndefined();
  },
);

test.skipIf(!guarded)(
  "while home is away, code that believes a port is led to the service itself, and over the edge after that",
  BUSY,
  async () => {
    await using sandbox = await coveSandbox();
    const { stack, edge } = await shop(sandbox, SHORT_WEB);
    const web = (await stack()).services.find(({ name }) => name === "web");
    const home = JSON.parse((await sandbox.cove(["status", "--json"])).stdout).home.pid as number;
    const asked = async () => {
      const answer = await fetch(`http://127.0.0.1:${web?.address.port}/tea`, { signal: AbortSignal.timeout(10_000) });
      return await answer.text();
    };
    expect(await asked()).toBe("sencha");
    process.kill(home, "SIGKILL");
    // From the moment on that its runner knows; the next home may be there by then.
    await eventually(asked);
    // Over the edge of the next home.
    await expect
      .poll(async () => [await asked(), (await edge("web→api")).bytesUp > 0], { timeout: 30_000 })
      .toEqual(["sencha", true]);
  },
);
