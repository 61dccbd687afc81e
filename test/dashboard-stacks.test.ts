import { expect, onTestFinished, test } from "vitest";
import { browser } from "./support/browser.ts";
import { ask } from "./support/door-request.ts";
import { program } from "./support/programs.ts";
import { twoProjects } from "./support/two-projects.ts";

test.skipIf(program("chromium") === null)(
  "every page of the dashboard names the stack that it is about",
  { timeout: 120_000 },
  async () => {
    await using all = await twoProjects();
    await ask(all.sandbox.port, "blog.blog.localhost");
    const context = await browser();
    onTestFinished(() => context[Symbol.asyncDispose]());
    const page = await context.newPage();
    const { stacks } = JSON.parse((await all.sandbox.cove(["--json"])).stdout);
    const { id } = stacks.find(({ name }: { name: string }) => name === "shop");
    await page.goto((await all.sandbox.cove(["open", "--print"])).stdout.trim());
    const pages = [
      ["/", /^3\/3 ready · blog, shop · Cove$/, "blog, shop"],
      ["/ports", /^Ports · blog, shop · Cove$/, "blog, shop"],
      ["/guard", /^Guard · blog, shop · Cove$/, "blog, shop"],
      ["/traffic", /^Traffic · blog, shop · Cove$/, "blog, shop"],
      [`/traffic/${all.exchange}`, /^Traffic · GET \/ · shop · Cove$/, "blog, shop"],
      [`/stack/${id}/web`, /^web · Ready · shop · Cove$/, "shop"],
      [`/edge/${id}/web/api`, /^web→api · shop · Cove$/, "shop"],
    ] as const;
    for (const [path, title, header] of pages) {
      await page.goto(new URL(path, page.url()).href);
      await expect.poll(() => page.title()).toMatch(title);
      expect(await page.locator("header .stack-name").innerText(), path).toContain(header);
    }
    await page.goto(new URL(`/traffic/${all.exchange}`, page.url()).href);
    await expect
      .poll(async () => (await page.locator(".row-edge").allInnerTexts()).map((text) => text.replace("\n", " ")))
      .toEqual(["shop browser→web", "blog browser→blog"]);
    expect(await page.locator(".exchange-facts").innerText()).toContain("browser→web in shop");
  },
);
