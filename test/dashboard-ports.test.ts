import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { machine } from "../src/machine/machine.ts";
import type { Viewing } from "./support/browser.ts";
import type { Sandbox } from "./support/cove.ts";
import { type Dashboard, dashboardOf } from "./support/dashboard.ts";
import { program } from "./support/programs.ts";

const CONFIG = `
name: pier
services:
  api:
    command: node server.mjs
    guard: { origins: ["https://app.example"] }
  wide:
    command: node server.mjs
    env: { WIDE: "0.0.0.0" }
    guard: { bind: warn }
`;
const SERVER = `
import { createServer } from "node:http";
createServer((_, response) => response.end("x")).listen(Number(process.env.PORT), process.env.WIDE ?? process.env.HOST);
`;
/** What it is handed to listen on, in a process of its own. */
const LISTENER = `
const [, host, port] = process.argv;
require("node:net").createServer().listen(Number(port), host, function () { console.log(this.address().port); });
`;

describe.skipIf(program("chromium") === null)("the pages of ports and of the guard, in a real browser", () => {
  let dashboard: Dashboard;
  let sandbox: Sandbox;

  beforeAll(async () => {
    dashboard = await dashboardOf(CONFIG, SERVER);
    ({ sandbox } = dashboard);
    expect(dashboard.up.code).toBe(0);
  }, 120_000);
  afterAll(() => dashboard?.[Symbol.asyncDispose](), 120_000);

  const visit = (path: string, viewing?: Viewing) => dashboard.visit(path, viewing);

  async function listen(host: string, port = 0): Promise<{ server: Server; port: number }> {
    const server = createServer().listen(port, host);
    await once(server, "listening");
    onTestFinished(() => void server.close());
    return { server, port: (server.address() as AddressInfo).port };
  }

  async function listenElsewhere(host: string, port: number): Promise<ChildProcess> {
    const child = spawn(process.execPath, ["-e", LISTENER, host, String(port)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    await once(child.stdout, "data");
    return child;
  }

  const line = (page: Page, port: number) => page.locator(`tr[data-port="${port}"]`);
  const buoy = (page: Page, port: number) => page.locator(`.buoy[data-port="${port}"]`);
  const readout = (page: Page) => page.locator(".readout");

  test("what listens comes and goes by itself, in the picture and in the list, exposed ones first", async () => {
    const { page, complaints } = await visit("/ports");
    await line(page, sandbox.port).first().getByText("Cove's door").waitFor();
    expect(await buoy(page, sandbox.port).getAttribute("data-kind")).toBe("door");
    const quiet = await listen("127.0.0.1");
    const wide = await listen("0.0.0.0");
    await line(page, wide.port).getByText("every network").waitFor();
    await line(page, quiet.port).getByText("this machine").waitFor();
    expect(await buoy(page, wide.port).getAttribute("data-kind")).toBe("everywhere");
    expect(await buoy(page, quiet.port).getAttribute("data-kind")).toBe("loopback");
    const top = async (port: number) => (await line(page, port).boundingBox())?.y ?? 0;
    expect(await top(wide.port)).toBeLessThan(await top(quiet.port));
    expect(await line(page, wide.port).innerText()).toContain(`0.0.0.0:${wide.port}`);
    expect(await line(page, wide.port).innerText()).toContain(String(process.pid));
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toMatch(/can be reached from outside$/);
    wide.server.close();
    await line(page, wide.port).waitFor({ state: "detached" });
    await buoy(page, wide.port).waitFor({ state: "detached" });
    // What the page's policy forbids would be among the complaints.
    expect(complaints).toEqual([]);
  });

  test("pointing at a port tells what is there, or what it is for", async () => {
    const { page } = await visit("/ports");
    const { port } = await listen("127.0.0.1");
    await buoy(page, port).hover();
    await readout(page).getByText(`127.0.0.1:${port}`).waitFor();
    expect(await readout(page).innerText()).toContain("this machine");
    await line(page, sandbox.port).first().hover();
    await readout(page).getByText("Cove's door").first().waitFor();
    await page.getByRole("heading", { level: 1 }).hover();
    await readout(page).getByText("Point at a port").waitFor();
  });

  test("by keyboard: from port to port in the picture, and down to its line", async () => {
    const { page } = await visit("/ports");
    await listen("127.0.0.1");
    const picture = page.getByRole("listbox");
    await line(page, sandbox.port).first().waitFor();
    await picture.focus();
    const chosen = async () => {
      const id = await picture.getAttribute("aria-activedescendant");
      return Number(await page.locator(`[id="${id}"]`).getAttribute("data-port"));
    };
    await page.keyboard.press("Home");
    const first = await chosen();
    await page.keyboard.press("ArrowRight");
    const second = await chosen();
    expect(second).toBeGreaterThan(first);
    expect(await readout(page).innerText()).toContain(String(second));
    await page.keyboard.press("ArrowLeft");
    expect(await chosen()).toBe(first);
    await page.keyboard.press("Enter");
    expect(await page.evaluate<string>("document.activeElement.dataset.port")).toBe(String(first));
    // From page to page.
    await page.keyboard.press("g");
    await page.keyboard.press("u");
    await page.getByRole("heading", { name: "Refused" }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("p");
    await page.getByRole("heading", { name: "Listeners" }).waitFor();
    await page.getByRole("link", { name: "Map", exact: true }).click();
    await page.getByRole("heading", { name: "pier", level: 2 }).waitFor();
  });

  test("the list is narrowed by words, to what is exposed, and widened to UDP", async () => {
    const { page } = await visit("/ports");
    const { port } = await listen("127.0.0.1");
    await line(page, port).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("pier/wide");
    await line(page, port).waitFor({ state: "detached" });
    expect(await page.locator("tbody tr").count()).toBe(1);
    expect(await page.locator("tbody tr").innerText()).toContain("0.0.0.0");
    await page.keyboard.press("Escape");
    await line(page, port).waitFor();
    await page.getByRole("switch", { name: "Exposed" }).click();
    await line(page, port).waitFor({ state: "detached" });
    expect(await page.locator('tr[data-exposure="loopback"]').count()).toBe(0);
  });

  test("a port that two processes hold is pointed out", async () => {
    const { page } = await visit("/ports");
    const { port } = await listen("127.0.0.1");
    await listenElsewhere("::1", port);
    const clash = page.getByRole("list", { name: "Ports that several processes hold" }).getByText("“localhost” means");
    await clash.first().waitFor();
    await line(page, port).getByText("Several processes hold this port").first().waitFor({ state: "attached" });
    await buoy(page, port).locator(".buoy-clash").waitFor({ state: "attached" });
  });

  test("the guard says what is open, and what fixes it", async () => {
    const { page, complaints } = await visit("/guard");
    const { port } = await listen("0.0.0.0");
    const item = page.locator(".finding", { hasText: `0.0.0.0:${port}` });
    await page.getByRole("button", { name: "Run again" }).click();
    await item.waitFor({ timeout: 25_000 });
    expect(await item.locator(".severity").innerText()).toMatch(/^(critical|high|medium|low)$/);
    expect(await item.innerText()).toContain(`cove free ${port}`);
    await item.getByRole("button", { name: `Copy cove free ${port}` }).click();
    await item.getByText("Copied").waitFor({ state: "attached" });
    expect(await page.locator(".protection").innerText()).toContain("1 service exposed");
    const guarded = page.locator(".guarded", { has: page.getByRole("link", { name: "wide", exact: true }) });
    expect(await guarded.innerText()).toContain("warn");
    expect(await guarded.innerText()).toContain("other machines on the network can reach it");
    const api = page.locator(".guarded", { has: page.getByRole("link", { name: "api", exact: true }) });
    expect(await api.innerText()).toContain("https://app.example");
    expect(complaints).toEqual([]);
  });

  test("what is turned away shows at once, with the line that would let it in, and repeats are counted", async () => {
    const { page } = await visit("/guard");
    await page.getByRole("heading", { name: "Refused" }).waitFor();
    const attack = () =>
      dashboard.hit("api", { method: "POST", path: "/cart", headers: { origin: "https://evil.example" } });
    expect((await attack()).status).toBe(403);
    const item = page.locator(".refusal", { hasText: "POST /cart" });
    await item.getByText("once").waitFor();
    expect(await item.innerText()).toContain('guard: { origins: ["https://evil.example"] }');
    await attack();
    await attack();
    await item.getByText("3 times").waitFor();
    expect(await page.locator(".protection").innerText()).toMatch(/3 times/);
  });

  test.skipIf(machine.peer === undefined)("clients that could not be named are counted by service", async () => {
    const { page, complaints } = await visit("/guard");
    const item = page.locator(".refusal[data-check=unnamed]", { hasText: "api" });
    // Whether a client can be named is a race with home.
    for (let round = 0; round < 50 && (await item.count()) === 0; round++) {
      await Promise.all(Array.from({ length: 200 }, () => sendAndClose(sandbox.port)));
      await page.reload();
      await page.locator(".guarded").first().waitFor();
    }
    expect(await item.innerText()).toMatch(/clients? let in/);
    expect(complaints).toEqual([]);
  });

  test("on a phone nothing sticks out, and the picture can be touched", async () => {
    const { page } = await visit("/ports", { width: 390 });
    const wider = () => page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
    await line(page, sandbox.port).first().waitFor();
    expect(await wider()).toBeLessThanOrEqual(0);
    await buoy(page, sandbox.port).click();
    await readout(page).getByText("Cove's door").first().waitFor();
    await page.getByRole("link", { name: "Guard", exact: true }).click();
    await page.locator(".finding").first().waitFor();
    expect(await wider()).toBeLessThanOrEqual(0);
  });
});

/** A request of a client that doesn't wait for the answer. */
function sendAndClose(port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(`POST /count HTTP/1.1\r\nHost: api.pier.localhost\r\nContent-Length: 0\r\n\r\n`);
      socket.destroy();
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve());
  });
}
