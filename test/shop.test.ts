import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, test, vi } from "vitest";
import { browser } from "./support/browser.ts";
import { coveSandbox } from "./support/cove.ts";
import { ask, eventually } from "./support/door-request.ts";
import { program } from "./support/programs.ts";
import { shop } from "./support/shop.ts";

const up = (port: number, name: string) =>
  eventually(async () => {
    const got = await ask(port, name, { headers: { accept: "text/html" } });
    return got.status === 200 ? got : undefined;
  }, 60_000);

function answers({ host, port }: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => resolve(true));
    socket.on("connect", () => socket.destroy());
    socket.on("error", () => resolve(false));
  });
}

describe("the example shop", () => {
  test("comes up in order, answers by name and keeps its orders over a restart", { timeout: 180_000 }, async () => {
    await using sandbox = await coveSandbox();
    const cwd = shop();
    let running = await sandbox.start(["up"], { cwd });
    expect((await up(sandbox.port, "web.shop.localhost")).body).toContain("Harbour Goods");
    expect((await up(sandbox.port, "docs.shop.localhost")).body).toContain("The shop's API");
    const products = JSON.parse((await ask(sandbox.port, "api.shop.localhost", { path: "/products" })).body);
    expect(products).toHaveLength(6);
    const placed = await ask(sandbox.port, "web.shop.localhost", {
      method: "POST",
      path: "/api/orders",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ productId: 1, quantity: 2, customer: "Ada" }),
    });
    expect(placed.status).toBe(201);
    const { stacks, home } = JSON.parse((await sandbox.cove(["--json"])).stdout);
    const parts: { address: { host: string; port: number } }[] = [...stacks[0].services, ...stacks[0].edges];
    expect(await running.stop()).toBe(0);
    // Nothing listens any more, where anything did: services, edges, the door.
    for (const { address } of [...parts, { address: home.door }]) expect(await answers(address)).toBe(false);
    // The system may clear an ended process away a moment later.
    await vi.waitFor(() => expect(() => process.kill(home.pid, 0)).toThrow("ESRCH"), { timeout: 20_000 });

    running = await sandbox.start(["up"], { cwd });
    await up(sandbox.port, "web.shop.localhost");
    const orders = JSON.parse((await ask(sandbox.port, "web.shop.localhost", { path: "/api/orders" })).body);
    expect(orders).toMatchObject([{ customer: "Ada", quantity: 2, product: "Storm lantern", total_cents: 8400 }]);
    await running.stop();
  });

  test("gives ten clients at once the database that they know", { timeout: 120_000 }, async () => {
    await using sandbox = await coveSandbox();
    const cwd = shop();
    const running = await sandbox.start(["up", "db"], { cwd });
    await eventually(async () => {
      const { stacks } = JSON.parse((await sandbox.cove(["--json"])).stdout);
      return stacks[0]?.services.every((service: { state: string }) => service.state === "ready") || undefined;
    }, 60_000);
    const url = JSON.parse((await sandbox.cove(["url", "db", "--json"], { cwd })).stdout).url;
    const pool = new pg.Pool({ connectionString: url, max: 10 });
    // A connection that is still closing may get the server's shutdown as an error.
    pool.on("error", () => {});
    const sums = await Promise.all(
      Array.from({ length: 50 }, async (_, n) => {
        const client = await pool.connect();
        try {
          await client.query("begin");
          // The same statement name on every connection: they must not collide.
          const { rows } = await client.query({
            name: "q",
            text: "select $1::int + count(*)::int as sum from products",
            values: [n],
          });
          await client.query("commit");
          return rows[0].sum;
        } finally {
          client.release();
        }
      }),
    );
    expect(sums).toEqual(Array.from({ length: 50 }, (_, n) => n + 6));
    await pool.end();
    await running.stop();
  });

  test.skipIf(program("chromium") === null)(
    "takes an order in a real browser and reloads a changed page by itself",
    { timeout: 180_000 },
    async () => {
      await using sandbox = await coveSandbox();
      const cwd = shop();
      const running = await sandbox.start(["up"], { cwd });
      await up(sandbox.port, "web.shop.localhost");
      await using chromium = await browser();
      const page = await chromium.newPage();
      await page.goto(`http://web.shop.localhost:${sandbox.port}/`);
      await page.getByRole("button", { name: "Brass compass" }).click();
      await page.getByLabel("Name").fill("Grace");
      await page.getByLabel("Quantity").fill("3");
      await page.getByRole("button", { name: "Place order" }).click();
      await page.getByText("3 × Brass compass").waitFor();

      await page.evaluate(() => Object.assign(globalThis, { untouched: true }));
      const source = join(cwd, "web/src/shop.tsx");
      writeFileSync(source, readFileSync(source, "utf8").replace("Harbour Goods", "Harbour Wares"));
      await page.getByRole("heading", { name: "Harbour Wares" }).waitFor();
      // Replaced in place, not reloaded: what the page knew is still there.
      expect(await page.evaluate(() => "untouched" in globalThis)).toBe(true);
      await running.stop();
    },
  );
});
