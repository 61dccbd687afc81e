import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { ExchangeSummary } from "../src/inspect/summary.ts";
import type { Why } from "../src/inspect/why/why.ts";
import { browser } from "./support/browser.ts";
import { coveSandbox, type Sandbox } from "./support/cove.ts";
import { ask, eventually } from "./support/door-request.ts";
import { program } from "./support/programs.ts";
import { scratch } from "./support/scratch.ts";
import { shop } from "./support/shop.ts";

const require = createRequire(import.meta.url);
/** Where pictures of what a test saw are left; git ignores it. */
const PICTURES = join(dirname(dirname(fileURLToPath(import.meta.url))), "test-results");

/** `/orders/N` asks for each of its N orders by itself; `/report` waits in the database; `/think` in the service. */
const API = `
const { Pool } = require(process.env.PG);
const db = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
db.query("create table if not exists orders (id int)");
require("http").createServer(async (req, res) => {
  const [, what, n] = req.url.split("/");
  if (what === "orders") for (let id = 0; id < Number(n); id++) await db.query("select *, pg_sleep(0.01) from (select 1) one left join orders on id = $1", [id]);
  if (what === "report") {
    await Promise.all([db.query("select pg_sleep(0.3)"), db.query("select 1, pg_sleep(0.02)")]);
  }
  if (what === "think") await sleep(300);
  if (what === "audit") {
    res.end("done");
    return void (await db.query("select 'audit', pg_sleep(0.05)"));
  }
  res.end("done");
}).listen(process.env.PORT, process.env.HOST);
`;

async function exchangeOf(sandbox: Sandbox, cwd: string, filter: readonly string[]): Promise<ExchangeSummary> {
  return await eventually(async () => {
    const { stdout } = await sandbox.cove(["watch", "--no-follow", "--json", "-n", "1", ...filter], { cwd });
    const [line = ""] = stdout.split("\n");
    const found = line === "" ? null : (JSON.parse(line) as ExchangeSummary);
    return found === null || found.ms === null ? undefined : found;
  });
}

test("a request's time is told in a sentence", { timeout: 180_000 }, async () => {
  await using sandbox = await coveSandbox();
  const cwd = scratch("why");
  writeFileSync(join(cwd, "api.js"), API);
  const services = {
    db: { postgres: true },
    api: { command: ["node", "api.js"], needs: ["db"], env: { PG: require.resolve("pg") } },
  };
  writeFileSync(join(cwd, "cove.json"), JSON.stringify({ name: "why", services }));
  expect((await sandbox.cove(["up", "-d"], { cwd })).code).toBe(0);
  const get = async (path: string) => await ask(sandbox.port, "api.why.localhost", { path });
  const why = async (path: string): Promise<Why> => {
    await get(path);
    const { id } = await exchangeOf(sandbox, cwd, ["from:browser", `path:${path}`]);
    return JSON.parse((await sandbox.cove(["why", id, "--json"], { cwd })).stdout);
  };
  const share = (part: Why["parts"][number] | undefined) => part?.share ?? 0;

  for (let n = 0; n < 4; n++) await get("/orders/1");
  const repeated = await why("/orders/21");
  expect(repeated.sentence).toMatch(/^\d+ of \d+ ms in 21 identical queries of api → db: N\+1 of `orders`/);
  expect(repeated.parts[0]).toMatchObject({ kind: "call", edge: "api→db", count: 21, nPlusOne: true, table: "orders" });
  expect(repeated.parts.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(repeated.ms, 1);
  expect(repeated.usual).toMatchObject({ of: 4 });
  // On a busy machine something else may have taken longer, too.
  expect(repeated.usual?.differences[0]).toMatchObject({ count: 21, usualCount: 1 });
  expect(repeated.usually).toMatch(/^usually \d.* \(p50 of 4\): .* in 1 query of api → db, not .* in 21$/);

  const report = await why("/report");
  expect(report.sentence).toMatch(/ms in one query of api → db: select pg_sleep/i);
  expect(share(report.parts[0])).toBeGreaterThan(0.5);
  // The short one beside it made nothing later.
  expect(report.path.filter(({ edge }) => edge === "api→db").map(({ title }) => title)).toEqual([
    expect.stringMatching(/^select pg_sleep/i),
  ]);

  const think = await why("/think");
  expect(think.sentence).toMatch(/ms in api itself, with no call under way that Cove saw$/);
  expect(think.path.map(({ edge }) => edge)).toEqual(["browser→api"]);

  const text = await sandbox.cove(["why", repeated.summary.short], { cwd });
  expect(text.stdout).toContain("N+1 of `orders`");
  expect(text.stdout).toMatch(/critical path[\s\S]*api→db/);
  const unknown = await sandbox.cove(["why", "ZZZZ"], { cwd });
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining("EXCHANGE_UNKNOWN")]);
});

describe.skipIf(program("chromium") === null)("the example shop", () => {
  test("has the sentence above the waterfall, and the critical path in it", { timeout: 180_000 }, async () => {
    await using sandbox = await coveSandbox();
    const cwd = shop();
    const running = await sandbox.start(["up"], { cwd });
    const list = async () => await ask(sandbox.port, "web.shop.localhost", { path: "/api/products" });
    await eventually(async () => ((await list()).status === 200 ? true : undefined), 60_000);
    for (let n = 0; n < 4; n++) await list();
    const { id } = await exchangeOf(sandbox, cwd, ["from:browser", "path:/api/products"]);
    const why = JSON.parse((await sandbox.cove(["why", id, "--json"], { cwd })).stdout) as Why;
    expect(new Set(why.path.map(({ edge }) => edge))).toEqual(new Set(["browser→web", "web→api", "api→db"]));
    expect(why.usual?.of).toBeGreaterThanOrEqual(3);

    await using chromium = await browser();
    const page = await chromium.newPage();
    await page.goto((await sandbox.cove(["open", "--print"])).stdout.trim());
    await page.goto(`http://cove.localhost:${sandbox.port}/traffic`);
    await page.getByRole("option").filter({ hasText: "browser→web" }).last().click();
    const panel = page.getByRole("complementary", { name: "Exchange" });
    await panel.locator(".why-sentence").filter({ hasText: " ms " }).waitFor();
    await panel.locator(".why-usual").filter({ hasText: "p50 of" }).waitFor();
    await eventually(async () => ((await panel.locator(".bar-row[data-path]").count()) >= 3 ? true : undefined));
    mkdirSync(PICTURES, { recursive: true });
    await page.screenshot({ path: join(PICTURES, "why.png") });
    await running.stop();
  });
});
