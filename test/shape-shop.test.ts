import { writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { expect, test } from "vitest";
import { browser } from "./support/browser.ts";
import { coveSandbox, type Sandbox } from "./support/cove.ts";
import { ask, eventually } from "./support/door-request.ts";
import { program } from "./support/programs.ts";
import { shop as shopCopy } from "./support/shop.ts";

/** The example, with a scenario of its own; it comes up. */
async function shop(sandbox: Sandbox): Promise<string> {
  const cwd = shopCopy();
  writeFileSync(
    join(cwd, "minute.json"),
    JSON.stringify({
      parts: [
        { for: 1_500, conditions: "offline" },
        { for: 1_000, conditions: "latency=100" },
      ],
    }),
  );
  const up = await sandbox.cove(["up", "-d"], { cwd });
  expect(up.code, up.stderr).toBe(0);
  return cwd;
}

const timed = async <T>(run: () => Promise<T>): Promise<[T, number]> => {
  const start = performance.now();
  return [await run(), performance.now() - start];
};

test.skipIf(program("chromium") === null)(
  "a browser's page of the example: slow-3g, offline, requests that fail, a scenario, and good again",
  { timeout: 240_000 },
  async () => {
    await using sandbox = await coveSandbox();
    const cwd = await shop(sandbox);
    const shape = async (...words: string[]) => {
      const { code, stdout, stderr } = await sandbox.cove(["shape", ...words], { cwd });
      expect(code, stderr).toBe(0);
      return stdout;
    };
    const url = `http://web.shop.localhost:${sandbox.port}/`;
    await using chromium = await browser();
    // Vite makes its bundles on the first visit, and they stay in this browser's cache: each visit is a new one's.
    const visit = async () => {
      const page = await chromium.newPage();
      const session = await page.context().newCDPSession(page);
      await session.send("Network.setCacheDisabled", { cacheDisabled: true });
      return page;
    };
    const first = await visit();
    await first.goto(url);
    await first.getByRole("button", { name: "Brass compass" }).waitFor({ timeout: 60_000 });

    // The page, its script, that script's imports and the products: at least three round trips, one after the other.
    expect(await shape("browser→web", "slow-3g")).toMatch(/browser→web +slow-3g +bandwidth=62\.5KB\/s/);
    const slow = await visit();
    let bytes = 0;
    const session = await slow.context().newCDPSession(slow);
    await session.send("Network.enable");
    session.on("Network.dataReceived", ({ encodedDataLength }) => (bytes += encodedDataLength));
    const [, took] = await timed(async () => {
      await slow.goto(url, { timeout: 120_000, waitUntil: "commit" });
      await slow.getByRole("button", { name: "Brass compass" }).waitFor({ timeout: 120_000 });
    });
    // 400 ms there and back, and 62.5 KB a second for what came.
    expect(took).toBeGreaterThanOrEqual(3 * 400);
    expect(bytes).toBeGreaterThan(0);
    expect(took).toBeGreaterThanOrEqual(bytes / 62.5);

    await shape("browser→web", "offline");
    const offline = await visit();
    const answer = await offline.goto(url);
    expect(answer?.status()).toBe(502);
    await offline
      .getByRole("heading", { name: "No answer from shop/web: the way there is under conditions" })
      .waitFor();
    expect(await offline.getByText("browser→web is under conditions (offline)").isVisible()).toBe(true);
    expect(await offline.getByText("cove shape browser→web off").isVisible()).toBe(true);
    // The page that is there already can't ask for more.
    const failed = await first.evaluate(() => fetch("/api/orders").then(({ status }) => status));
    expect(failed).toBe(502);

    // Only some requests, as the page sees them.
    await shape("browser→web", "http-status=503,path=/api/orders", "http-drop,path=/api/products");
    const statuses = await first.evaluate(async () => {
      const lost = fetch("/api/products", { signal: AbortSignal.timeout(700) }).catch(({ name }) => name);
      return [await fetch("/api/orders").then(({ status }) => status), await lost, (await fetch("/")).status];
    });
    expect(statuses).toEqual([503, "TimeoutError", 200]);

    await shape("off");
    await offline.reload();
    await offline.getByRole("button", { name: "Brass compass" }).waitFor({ timeout: 60_000 });

    expect(await shape("play", "minute.json", "browser→web", "--seed", "3")).toMatch(/^minute plays on browser→web/);
    expect((await ask(sandbox.port, "web.shop.localhost")).status).toBe(502);
    await eventually(async () => ((await ask(sandbox.port, "web.shop.localhost")).status === 200 ? true : undefined));
    const log = await eventually(async () => {
      const { stdout } = await sandbox.cove(["logs"], { cwd });
      return stdout.includes("the end") ? stdout : undefined;
    }, 30_000);
    expect(log).toMatch(/cove +minute on browser→web: 0\.0 s {2}refuse reset {2}\(seed 3\)/);
    expect(log).toMatch(/cove +minute on browser→web: 1\.5 s {2}latency=100ms/);
    await first.reload();
    await first.getByRole("button", { name: "Brass compass" }).waitFor({ timeout: 60_000 });
  },
);

test("a Postgres client of the example: slow-3g, offline, a scenario, and good again", {
  timeout: 180_000,
}, async () => {
  await using sandbox = await coveSandbox();
  const cwd = await shop(sandbox);
  const shape = (...words: string[]) => sandbox.cove(["shape", ...words], { cwd });
  const { edges } = JSON.parse((await sandbox.cove(["--json"])).stdout).stacks[0];
  const { address } = edges.find(({ id }: { id: string }) => id === "api→db");
  const edge = new URL((await sandbox.cove(["url", "db"], { cwd })).stdout.trim());
  edge.host = `${address.host}:${address.port}`;
  const pool = new pg.Pool({ connectionString: edge.href, max: 1, connectionTimeoutMillis: 20_000 });
  pool.on("error", () => {});
  try {
    const count = async () => (await pool.query("select count(*)::int as n from products")).rows[0].n;
    expect(await count()).toBe(6);

    await shape("api→db", "slow-3g");
    const [n, took] = await timed(count);
    expect(n).toBe(6);
    expect(took).toBeGreaterThanOrEqual(400);
    // 10,000 bytes of answer on top: 160 ms of the line.
    const [, long] = await timed(() => pool.query("select repeat('x', 10000)"));
    expect(long).toBeGreaterThanOrEqual(560);

    await shape("api→db", "offline");
    await expect(count()).rejects.toThrow(/Connection terminated|ECONNRESET/);
    await expect(count()).rejects.toThrow(/ECONNRESET/);
    // The page's service says it in its own words, and the edge says why.
    expect((await ask(sandbox.port, "api.shop.localhost", { path: "/products" })).status).toBe(503);
    expect((await shape("api→db")).stdout).toMatch(/api→db +offline +refuse reset/);

    await shape("api→db", "off");
    expect(await count()).toBe(6);
    expect((await ask(sandbox.port, "api.shop.localhost", { path: "/products" })).status).toBe(200);

    await shape("play", "minute.json", "api→db", "--seed", "3");
    await expect(count()).rejects.toThrow();
    expect(await eventually(() => count().catch(() => undefined), 30_000)).toBe(6);

    // Postgres is no HTTP: nothing about requests can be done there, and that is said.
    const refused = await shape("api→db", "http-status=503");
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toMatch(/CONDITION_INVALID .*api→db carries postgres, and http-status is about HTTP/);
    expect(await count()).toBe(6);
  } finally {
    await pool.end();
  }
});
