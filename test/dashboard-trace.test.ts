import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { browser } from "./support/browser.ts";
import { coveSandbox } from "./support/cove.ts";
import { ask, eventually } from "./support/door-request.ts";
import { program } from "./support/programs.ts";
import { scratch } from "./support/scratch.ts";
import { shop } from "./support/shop.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Where pictures of what a test saw are left; git ignores it. */
const PICTURES = join(root, "test-results");

/** Answers once two requests wait, each with a call to pay that carries no trace. */
const API = `
const waiting = [];
require("http").createServer(async (req, res) => {
  waiting.push(async () => {
    await fetch(process.env.PAY_URL + "/charge?of=" + req.url.slice(1));
    res.end();
  });
  if (waiting.length === 2) for (const go of waiting.splice(0)) go();
}).listen(process.env.PORT, process.env.HOST);
`;
const PAY = `require("http").createServer((_, res) => setTimeout(() => res.end("paid"), 150)).listen(process.env.PORT, process.env.HOST);`;

describe.skipIf(program("chromium") === null)("the example shop's traffic", () => {
  test("one click in the page is one trace: browser, web, api, SQL", { timeout: 180_000 }, async () => {
    await using sandbox = await coveSandbox();
    const running = await sandbox.start(["up"], { cwd: shop() });
    await eventually(async () => {
      const { status } = await ask(sandbox.port, "web.shop.localhost", { headers: { accept: "text/html" } });
      return status === 200 ? true : undefined;
    }, 60_000);
    await using chromium = await browser();
    const page = await chromium.newPage();
    await page.goto(`http://web.shop.localhost:${sandbox.port}/`);
    await page.getByRole("button", { name: "Brass compass" }).click();
    await page.getByLabel("Name").fill("Grace");
    await page.getByLabel("Quantity").fill("3");
    await page.getByRole("button", { name: "Place order" }).click();
    await page.getByText("3 × Brass compass").waitFor();

    const { stdout } = await sandbox.cove(["open", "--print"]);
    await page.goto(stdout.trim());
    await page.goto(
      `http://cove.localhost:${sandbox.port}/traffic?filter=${encodeURIComponent("from:browser method:POST")}`,
    );
    await page.getByRole("option").filter({ hasText: "/api/orders" }).click();
    const panel = page.getByRole("complementary", { name: "Exchange" });
    const bars = panel.locator(".bar-row");
    await eventually(async () => ((await bars.count()) >= 3 ? true : undefined));
    const told = await bars.allInnerTexts();
    expect(told[0]).toContain("browser→web");
    expect(told[1]).toContain("web→api");
    expect(told[2]).toContain("api→db");
    expect(told[2]).toMatch(/insert\s+into orders/i);
    // Each under the one that caused it.
    const inset = (at: number) =>
      bars
        .nth(at)
        .locator(".bar-what")
        .evaluate((what: { style: { paddingLeft: string } }) => what.style.paddingLeft);
    expect([await inset(0), await inset(1), await inset(2)]).toEqual(["0px", "14px", "28px"]);
    mkdirSync(PICTURES, { recursive: true });
    await page.screenshot({ path: join(PICTURES, "shop-trace.png") });

    await bars.nth(2).click();
    await panel.getByRole("tab", { name: "Query" }).click();
    await panel.getByRole("row", { name: "$3 Grace" }).waitFor();
    await panel.getByRole("heading", { name: "1 row" }).waitFor();
    await page.screenshot({ path: join(PICTURES, "shop-query.png") });
    await running.stop();
  });

  test("what may be of either of two requests is drawn under neither", { timeout: 120_000 }, async () => {
    await using sandbox = await coveSandbox();
    const cwd = scratch("guess");
    writeFileSync(join(cwd, "api.js"), API);
    writeFileSync(join(cwd, "pay.js"), PAY);
    const services = { pay: { command: ["node", "pay.js"] }, api: { command: ["node", "api.js"], needs: ["pay"] } };
    writeFileSync(join(cwd, "cove.json"), JSON.stringify({ name: "quay", trace: "off", services }));
    expect((await sandbox.cove(["up", "-d"], { cwd })).code).toBe(0);
    // Both wait for the other: what the service sends then is of one of them.
    await Promise.all(["/orders", "/invoices"].map((path) => ask(sandbox.port, "api.quay.localhost", { path })));
    await using chromium = await browser();
    const page = await chromium.newPage();
    await page.goto((await sandbox.cove(["open", "--print"])).stdout.trim());
    await page.goto(`http://cove.localhost:${sandbox.port}/traffic`);
    await page.getByRole("radio", { name: "Traces" }).check();
    const charge = page.getByRole("option").filter({ hasText: "/charge" }).first();
    await charge.getByText("one of 2").waitFor();
    expect(await charge.locator(".row-branch").count()).toBe(0);
    await page.screenshot({ path: join(PICTURES, "guess-list.png") });

    await page.getByRole("option").filter({ hasText: "/orders" }).click();
    const panel = page.getByRole("complementary", { name: "Exchange" });
    await panel.getByText("Only guessed to belong here").waitFor();
    const guesses = panel.locator(".bar[data-guessed]");
    expect(await guesses.count()).toBe(2);
    await page.screenshot({ path: join(PICTURES, "guess-trace.png") });
    await panel.locator(".bar-row").filter({ hasText: "/charge" }).first().click();
    await panel.getByText("Under one of 2 requests that were under way").waitFor();
    await panel.locator(".candidates").getByRole("button", { name: "GET /invoices" }).waitFor();
    if (process.env.PICTURES === "all") {
      for (const colorScheme of ["light", "dark"] as const)
        for (const width of [360, 768, 1440]) {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 900 });
          await page.waitForTimeout(300);
          await page.screenshot({ path: join(PICTURES, `guess-${colorScheme}-${width}.png`) });
        }
    }
  });
});
