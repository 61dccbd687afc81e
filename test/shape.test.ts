import { writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { expect, test } from "vitest";
import { coveSandbox } from "./support/cove.ts";
import { ask, eventually } from "./support/door-request.ts";
import { scratch } from "./support/scratch.ts";

/** A web service that asks an api, and a database for that one. */
function project(config: object = {}): string {
  const cwd = scratch("shape");
  writeFileSync(
    join(cwd, "api.js"),
    "require('http').createServer((_, res) => res.end('api')).listen(process.env.PORT, process.env.HOST)",
  );
  writeFileSync(
    join(cwd, "web.js"),
    "require('http').createServer(async (_, res) => { try { res.end('web ' + await (await fetch(process.env.API_URL)).text()) } catch (e) { res.writeHead(500).end(e.cause?.code ?? 'failed') } }).listen(process.env.PORT, process.env.HOST)",
  );
  const services = {
    db: { postgres: true },
    api: { command: ["node", "api.js"], needs: ["db"] },
    web: { command: ["node", "web.js"], needs: ["api"] },
  };
  writeFileSync(join(cwd, "cove.json"), JSON.stringify({ name: "quay", services, ...config }));
  return cwd;
}

const timed = async <T>(run: () => Promise<T>): Promise<[T, number]> => {
  const start = performance.now();
  return [await run(), performance.now() - start];
};

test("an edge is made as bad as one likes, and good again, under way", { timeout: 120_000 }, async () => {
  await using sandbox = await coveSandbox();
  const cwd = project();
  expect((await sandbox.cove(["up", "-d"], { cwd })).code).toBe(0);
  const web = () => ask(sandbox.port, "web.quay.localhost");
  expect((await web()).body).toBe("web api");

  // One edge: the api's own name stays as quick as ever.
  expect((await sandbox.cove(["shape", "web:api", "latency=400,both"], { cwd })).stdout).toMatch(
    /web→api +latency=400ms,both/,
  );
  const [slow, took] = await timed(web);
  expect(slow.body).toBe("web api");
  expect(took).toBeGreaterThanOrEqual(800);

  // A browser's way, by its name at the door and a profile.
  const shaped = await sandbox.cove(["shape", `web.quay.localhost:${sandbox.port}`, "slow-3g", "--json"], { cwd });
  expect(JSON.parse(shaped.stdout)).toMatchObject({ edges: [{ id: "browser→web", shape: { profile: "slow-3g" } }] });
  const [, both] = await timed(web);
  expect(both).toBeGreaterThanOrEqual(1_200);

  await sandbox.cove(["shape", "all", "offline"], { cwd });
  expect((await web()).status).toBe(502);
  const table = (await sandbox.cove(["shape"], { cwd })).stdout;
  expect(table.match(/offline/g)).toHaveLength(4);

  await sandbox.cove(["shape", "off"], { cwd });
  expect((await web()).body).toBe("web api");
  expect((await sandbox.cove(["shape"], { cwd })).stdout).not.toContain("offline");
});

test("a Postgres client meets the edge's latency, a cut and a recovery", { timeout: 120_000 }, async () => {
  await using sandbox = await coveSandbox();
  const cwd = project();
  await sandbox.cove(["up", "-d"], { cwd });
  const { edges } = JSON.parse((await sandbox.cove(["--json"])).stdout).stacks[0];
  const { address } = edges.find(({ id }: { id: string }) => id === "api→db");
  const own = new URL((await sandbox.cove(["url", "db"], { cwd })).stdout.trim());
  own.host = `${address.host}:${address.port}`;
  const client = new pg.Client({ connectionString: own.href });
  await client.connect();
  client.on("error", () => {});
  try {
    await sandbox.cove(["shape", "api→db", "latency=300"], { cwd });
    const [, took] = await timed(() => client.query("select 1"));
    expect(took).toBeGreaterThanOrEqual(300);
    await sandbox.cove(["shape", "db", "reset"], { cwd });
    await expect(client.query("select 1")).rejects.toThrow();
  } finally {
    await client.end().catch(() => {});
  }
  await sandbox.cove(["shape", "db", "off"], { cwd });
  const again = new pg.Client({ connectionString: own.href });
  await again.connect();
  expect((await again.query("select 2 as n")).rows).toEqual([{ n: 2 }]);
  await again.end();
});

test("the config sets conditions and has profiles and scenarios of its own", { timeout: 120_000 }, async () => {
  await using sandbox = await coveSandbox();
  const cwd = project({
    conditions: { "web→api": "tunnel" },
    profiles: { tunnel: "latency=300" },
    scenarios: { minute: { parts: [{ for: 1_500, conditions: "offline" }] } },
  });
  await sandbox.cove(["up", "-d"], { cwd });
  const { edges: shapes } = JSON.parse((await sandbox.cove(["shape", "--json"], { cwd })).stdout);
  expect(shapes.find(({ id }: { id: string }) => id === "web→api").shape).toMatchObject({ profile: "tunnel" });
  const [, took] = await timed(() => ask(sandbox.port, "web.quay.localhost"));
  expect(took).toBeGreaterThanOrEqual(300);

  const played = await sandbox.cove(["shape", "play", "minute", "browser→web", "--seed", "7"], { cwd });
  expect(played.stdout).toMatch(/^minute plays on browser→web for 1\.5 s, seed 7$/m);
  expect((await ask(sandbox.port, "web.quay.localhost")).status).toBe(502);
  await eventually(async () => ((await ask(sandbox.port, "web.quay.localhost")).status === 200 ? true : undefined));
  const log = (await sandbox.cove(["logs"], { cwd })).stdout;
  expect(log).toMatch(/minute on browser→web: 0\.0 s {2}refuse reset {2}\(seed 7\)/);
  expect(log).toMatch(/minute on browser→web: 1\.5 s {2}the end/);

  writeFileSync(join(cwd, "storm.yaml"), "parts:\n  - { for: 60000, conditions: offline }\n");
  await sandbox.cove(["shape", "play", "storm.yaml"], { cwd });
  expect((await sandbox.cove(["shape"], { cwd })).stdout).toMatch(/web→api +storm \(plays\) +refuse reset/);
  await sandbox.cove(["shape", "off"], { cwd });
  expect((await ask(sandbox.port, "web.quay.localhost")).body).toBe("web api");
});

test("mistakes are named, in the config and on the command line", { timeout: 60_000 }, async () => {
  await using sandbox = await coveSandbox();
  const cwd = project({
    conditions: { "web→apo": "slow-3g", db: "slow3g" },
    scenarios: { x: { parts: [{ for: -1, conditions: "offline" }] } },
  });
  const { code, stderr } = await sandbox.cove(["up"], { cwd });
  expect(code).toBe(1);
  expect(stderr).toMatch(/there is no edge web→apo \(did you mean web→api\?\)/);
  expect(stderr).toMatch(/there is no profile slow3g \(did you mean slow-3g\?\)/);
  expect(stderr).toMatch(/for must be a time in ms above 0/);
  expect((await sandbox.cove(["shape"])).stderr).toMatch(/^STACK_UNKNOWN/);
});
