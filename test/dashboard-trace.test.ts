import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { browser } from "./support/browser.ts";
import { coveSandbox } from "./support/cove.ts";
import { ask, eventually } from "./support/door-request.ts";
import { program } from "./support/programs.ts";
import { shop } from "./support/shop.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Where pictures of what a test saw are left; git ignores it. */
const PICTURES = join(root, "test-results");

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
});
