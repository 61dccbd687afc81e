import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { EdgeView } from "../src/home/view/view.ts";
import type { Viewing } from "./support/browser.ts";
import type { Sandbox } from "./support/cove.ts";
import { type Dashboard, dashboardOf, type Visit } from "./support/dashboard.ts";
import { eventually } from "./support/door-request.ts";
import { program } from "./support/programs.ts";

const CONFIG = `
name: quay
profiles: { tunnel: "latency=300" }
scenarios:
  storm:
    parts: [{ for: 600000, conditions: "latency=70,both" }]
services:
  store: { command: node server.mjs }
  api: { command: node server.mjs, needs: [store] }
`;

/** Asks the store, where it has one. */
const SERVER = `
import { createServer } from "node:http";
createServer(async (_, response) => {
  const { STORE_URL } = process.env;
  response.end(STORE_URL ? await (await fetch(STORE_URL)).text().catch(() => "cut") : "from the store");
}).listen(Number(process.env.PORT), process.env.HOST);
`;

describe.skipIf(program("chromium") === null)("an edge in the dashboard", () => {
  let dashboard: Dashboard;
  let sandbox: Sandbox;
  let project: string;

  beforeAll(async () => {
    dashboard = await dashboardOf(CONFIG, SERVER);
    ({ sandbox, project } = dashboard);
    expect(dashboard.up.code).toBe(0);
  }, 120_000);
  afterAll(() => dashboard?.[Symbol.asyncDispose](), 120_000);

  async function visit(viewing: Viewing = {}): Promise<Visit> {
    await sandbox.cove(["shape", "off"], { cwd: project });
    const visit = await dashboard.visit(undefined, viewing);
    await label(visit.page, "api", "store").waitFor();
    return visit;
  }

  const label = (page: Page, from: string, to: string) =>
    page.getByRole("main").getByRole("link", { name: new RegExp(`^${from} to ${to}, `) });
  const panel = (page: Page, from: string, to: string) => page.getByRole("region", { name: `${from} to ${to}` });
  const shaped = async (id: string) => {
    const { stdout } = await sandbox.cove(["shape", "--json"], { cwd: project });
    return (JSON.parse(stdout).edges as EdgeView[]).find((edge) => edge.id === id)?.shape ?? null;
  };
  const becomes = (id: string, fits: (shape: EdgeView["shape"]) => boolean) =>
    eventually(async () => (fits(await shaped(id)) ? true : undefined));
  /** A figure below the heading of that name: `412 ms` as a number. */
  const figure = async (page: Page, chart: string, line: RegExp) => {
    const legend = page.getByRole("figure").filter({ hasText: chart }).locator("dl > div").filter({ hasText: line });
    return legend.locator("dd").innerText();
  };

  test("clicked, put under a profile, seen on the charts, and cleared", { timeout: 300_000 }, async () => {
    const { page, complaints } = await visit();
    const address = await label(page, "api", "store").innerText();
    await label(page, "api", "store").click();
    const edge = panel(page, "api", "store");
    await edge.getByText(address.split("\n")[0] ?? "", { exact: true }).waitFor();
    await edge.getByText("No conditions", { exact: true }).waitFor();

    const asking = { goesOn: true };
    const asked = (async () => {
      while (asking.goesOn) await dashboard.hit("api");
    })();
    onTestFinished(() => {
      asking.goesOn = false;
      return asked;
    });
    const measured = (fits: RegExp) =>
      eventually(async () => (fits.test(await figure(page, "Latency", /p50/)) ? true : undefined), 60_000);
    await measured(/^[\d.]+ ms$/);
    await eventually(async () => ((await figure(page, "Throughput", /from store/)) === "0 B/s" ? undefined : true));

    await edge.getByRole("radio", { name: "slow-3g", exact: true }).check();
    await becomes("api→store", (shape) => shape?.profile === "slow-3g");
    await label(page, "api", "store").getByText("slow-3g", { exact: true }).waitFor();
    await edge.getByText("latency 200ms both ways", { exact: true }).waitFor();
    // There and back: 400 ms, and what the service takes.
    await measured(/^4\d\d ms$|^[5-9]\d\d ms$|^\d\.\d\d s$/);
    expect(await edge.getByRole("img", { name: /^Latency of the last three minutes; now \d/ }).isVisible()).toBe(true);
    expect(await edge.locator("canvas").count()).toBe(2);

    await edge.getByRole("button", { name: "Clear" }).click();
    await becomes("api→store", (shape) => shape === null);
    await edge.getByText("No conditions", { exact: true }).waitFor();
    await measured(/^(\d|\d\d|[1-3]\d\d)(\.\d+)? ms$/);
    expect(complaints).toEqual([]);
  });

  test("conditions of one's own: added, slid, written, turned round, removed", { timeout: 120_000 }, async () => {
    const { page, complaints } = await visit();
    await label(page, "api", "store").click();
    const edge = panel(page, "api", "store");
    await edge.getByRole("combobox", { name: "Add a condition" }).selectOption("latency");
    await becomes("api→store", (shape) => shape?.text === "latency=200ms");
    await edge.getByRole("slider", { name: "jitter" }).press("End");
    await becomes("api→store", (shape) => shape?.text === "latency=200ms±60s");
    const jitter = edge.getByRole("textbox", { name: "jitter, written" });
    await jitter.fill("much");
    await jitter.press("Enter");
    await edge.getByRole("alert").getByText("must be a time").waitFor();
    await jitter.fill("50");
    await jitter.press("Enter");
    await becomes("api→store", (shape) => shape?.text === "latency=200ms±50ms");
    await edge.getByRole("radio", { name: "both ways" }).check();
    await edge.getByText("More", { exact: true }).click();
    const probability = edge.getByRole("textbox", { name: "probability, written" });
    await probability.fill("10%");
    await probability.press("Enter");
    await becomes("api→store", (shape) => shape?.text === "latency=200ms±50ms,both,probability=10%");

    // What can't be is named and not put on the edge; what others put there is shown.
    await edge.getByRole("combobox", { name: "Add a condition" }).selectOption("loss");
    await becomes("api→store", (shape) => shape?.text.endsWith("loss=2%") === true);
    await edge.getByRole("textbox", { name: "rate, written" }).fill("");
    await edge.getByRole("heading", { name: "loss", exact: true }).click();
    await edge.getByText("needs either a rate or p").waitFor();
    await edge.getByRole("button", { name: "Remove loss" }).click();
    await edge.getByRole("button", { name: "Remove latency" }).click();
    await becomes("api→store", (shape) => shape === null);
    await sandbox.cove(["shape", "api→store", "bandwidth=20KB/s"], { cwd: project });
    await edge.getByText("bandwidth 20KB/s both ways", { exact: true }).waitFor();
    expect(await edge.getByRole("textbox", { name: "rate, written" }).inputValue()).toBe("20KB/s");
    await sandbox.cove(["shape", "api→store", "off"], { cwd: project });
    await edge.getByRole("textbox", { name: "rate, written" }).waitFor({ state: "detached" });
    await sandbox.cove(["shape", "api→store", "bandwidth=20KB/s"], { cwd: project });
    await edge.getByRole("button", { name: "Apply to all edges to store" }).click();
    await becomes("browser→store", (shape) => shape?.text === "bandwidth=20KB/s");
    expect(complaints).toEqual([]);
  });

  test("own profiles come first, and a scenario plays until it is stopped", { timeout: 120_000 }, async () => {
    const { page } = await visit();
    await label(page, "browser", "api").click();
    const edge = panel(page, "browser", "api");
    await edge.getByText(/^Without conditions, Cove connects browsers/).waitFor();
    expect(await edge.getByRole("group", { name: "Profile" }).getByRole("radio").first().getAttribute("value")).toBe(
      "tunnel",
    );
    await edge.getByRole("button", { name: "Play storm on browser→api" }).click();
    await edge.getByText("playing", { exact: true }).waitFor();
    await becomes("browser→api", (shape) => shape?.scenario === "storm");
    await edge.getByRole("button", { name: "Stop storm" }).click();
    await edge.getByText("No conditions", { exact: true }).waitFor();
    expect(await shaped("browser→api")).toBeNull();
  });

  test("by keyboard alone", { timeout: 120_000 }, async () => {
    const { page } = await visit();
    const focused = () => page.evaluate<string>("document.activeElement?.getAttribute('href') ?? ''");
    const onEdge = async () => (await focused()).endsWith("/api/store");
    for (let at = 0; at < 60 && !(await onEdge()); at++) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    const edge = panel(page, "api", "store");
    // Home is asked for the profiles: a keyboard finds them once they are there.
    await edge.getByRole("radio", { name: "tunnel", exact: true }).waitFor();
    const inProfiles = () => page.evaluate<boolean>("document.activeElement?.closest('.profiles') !== null");
    for (let at = 0; at < 20 && !(await inProfiles()); at++) await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await becomes("api→store", (shape) => shape?.profile === "tunnel");
    await page.keyboard.press("ArrowRight");
    await becomes("api→store", (shape) => shape?.profile === "slow-3g");
    await page.keyboard.press("Escape");
    await edge.waitFor({ state: "detached" });
    // Back where one came from; what was put on the edge stays.
    expect(await onEdge()).toBe(true);
    expect((await shaped("api→store"))?.profile).toBe("slow-3g");
    await page.goBack();
    await edge.waitFor();
  });

  test("on a phone it is a sheet, and its address can be loaded anew", { timeout: 120_000 }, async () => {
    const { page, complaints } = await visit({ width: 390 });
    await label(page, "api", "store").click();
    const edge = panel(page, "api", "store");
    await edge.waitFor();
    await page.reload();
    await edge.getByRole("radio", { name: "dial", exact: true }).check();
    await becomes("api→store", (shape) => shape?.profile === "dial");
    expect(await page.evaluate<boolean>("document.documentElement.scrollWidth > innerWidth")).toBe(false);
    expect((await edge.boundingBox())?.width).toBe(390);
    await edge.getByRole("button", { name: "Close" }).click();
    await page.getByText("dial", { exact: true }).waitFor();
    expect(complaints).toEqual([]);
  });
});
