import { readFileSync } from "node:fs";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Viewing } from "./support/browser.ts";
import { type Dashboard, dashboardOf, type Visit } from "./support/dashboard.ts";
import { eventually } from "./support/door-request.ts";
import { program } from "./support/programs.ts";

const SECRET = "lighthouse-4417-keeper";

const CONFIG = `
name: quay
services:
  api:
    command: node server.mjs api
  web:
    command: node server.mjs web
    needs: [api]
`;

/** Says in JSON what it was asked; below /pass it asks the next one first. */
const SERVER = `
import { createServer, request } from "node:http";
const next = process.env.API_URL;
createServer(async (asked, answer) => {
  if (asked.url === "/odd") return asked.socket.end("HTTP/1.1 200 OK\\r\\nContent-Length: m\\x07any\\r\\nX-Tide: <b>low</b>\\r\\n\\r\\n");
  const chunks = [];
  for await (const chunk of asked) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  if (next && asked.url.startsWith("/pass")) {
    await new Promise((resolve) => request(new URL("/behind", next), (back) => back.resume().on("end", resolve)).end());
  }
  const status = asked.url.startsWith("/missing") ? 404 : 200;
  answer.writeHead(status, { "content-type": "application/json" });
  answer.end(JSON.stringify({ said: asked.method + " " + asked.url, heard: body, harbour: { boats: [1, 2] } }));
}).listen(Number(process.env.PORT), process.env.HOST);
`;

describe.skipIf(program("chromium") === null)("the dashboard's traffic in a real browser", () => {
  let dashboard: Dashboard;
  let origin: string;

  beforeAll(async () => {
    dashboard = await dashboardOf(CONFIG, SERVER);
    ({ origin } = dashboard);
    expect(dashboard.up.code).toBe(0);
  }, 120_000);
  afterAll(() => dashboard?.[Symbol.asyncDispose](), 120_000);

  const hit = (path: string, options: Parameters<Dashboard["hit"]>[1] = {}) =>
    dashboard.hit("web", { path, ...options });

  async function visit(path: string, viewing?: Viewing): Promise<Visit> {
    const visit = await dashboard.visit(path, viewing);
    await filter(visit.page).waitFor();
    return visit;
  }

  const rows = (page: Page) => page.getByRole("listbox", { name: "Exchanges" }).getByRole("option");
  const row = (page: Page, text: string) => rows(page).filter({ hasText: text });
  const panel = (page: Page) => page.getByRole("complementary", { name: "Exchange" });
  const filter = (page: Page) => page.getByRole("combobox", { name: "Filter the traffic" });
  const tab = (page: Page, name: string) => panel(page).getByRole("tab", { name, exact: true }).click();
  const count = (locator: Locator, wanted: number) =>
    eventually(async () => ((await locator.count()) === wanted ? true : undefined));

  test("what is asked shows as it happens, and a filter or a word finds it", async () => {
    const { page, complaints } = await visit("/traffic");
    await hit("/dory/1?tide=high");
    await row(page, "/dory/1?tide=high").getByText("200", { exact: true }).waitFor();
    await hit("/missing/dory");
    await hit("/dory/2", { method: "POST", body: "the quick brown gannet" });
    await row(page, "/dory/2").waitFor();

    await filter(page).fill("status:4xx path:/missing/dory");
    await row(page, "/missing/dory").getByText("404", { exact: true }).waitFor();
    await count(rows(page), 1);
    // A word of a body, which no row shows.
    await filter(page).fill("gannet");
    await row(page, "/dory/2").waitFor();
    await count(rows(page), 1);
    expect(new URL(page.url()).searchParams.get("filter")).toBe("gannet");
    // It stays live under its filter.
    await hit("/dory/3", { method: "POST", body: "another gannet" });
    await hit("/dory/4", { method: "POST", body: "a puffin" });
    await count(rows(page), 2);

    expect(complaints).toEqual([]);
    await filter(page).fill("sattus:500");
    await page.getByRole("alert").filter({ hasText: "did you mean status:" }).waitFor();
    await filter(page).fill("edge:web");
    await page.getByRole("option", { name: "edge:web→api" }).click();
    await eventually(() => (new URL(page.url()).searchParams.get("filter") === "edge:web→api" ? true : undefined));
  });

  test("paused, the list counts what comes and shows it on resume", async () => {
    const { page } = await visit("/traffic");
    await hit("/tern/1");
    await row(page, "/tern/1").waitFor();
    await page.keyboard.press("p");
    await page.getByRole("button", { name: "Resume" }).waitFor();
    await hit("/tern/2");
    await hit("/tern/3");
    await page.getByText("2 new", { exact: false }).waitFor();
    expect(await row(page, "/tern/2").count()).toBe(0);
    await page.keyboard.press("p");
    await row(page, "/tern/3").waitFor();
    await count(row(page, "/tern/"), 3);
  });

  test("a link leads to a filtered list, and to one exchange of it", async () => {
    await hit("/pass/skiff");
    const { page } = await visit("/traffic?filter=edge:web→api");
    await row(page, "/behind").first().waitFor();
    expect(await filter(page).inputValue()).toBe("edge:web→api");
    for (const text of await rows(page).allInnerTexts()) expect(text).toContain("web→api");
    await row(page, "/behind").last().click();
    await panel(page).getByRole("heading", { name: "GET /behind" }).waitFor();
    const address = page.url();
    await page.goto(`${origin}/`);
    await page.goto(address);
    await panel(page).getByRole("heading", { name: "GET /behind" }).waitFor();
  });

  test("one exchange in whole: its trace, both sides, credentials hidden until asked for", async () => {
    await hit("/pass/cutter?berth=7", { headers: { authorization: `Bearer ${SECRET}` } });
    const { page, complaints } = await visit(`/traffic?filter=${encodeURIComponent("path:/pass/cutter*")}`);
    await row(page, "/pass/cutter?berth=7").click();
    const bars = panel(page).locator(".bar-row");
    await count(bars, 2);
    expect(await bars.first().innerText()).toContain("browser→web");
    expect(await bars.last().innerText()).toContain("web→api");

    await tab(page, "Response");
    await panel(page).getByRole("button", { name: "boats" }).waitFor();
    await panel(page).getByText('"GET /pass/cutter?berth=7"').waitFor();
    await tab(page, "Request");
    await panel(page).getByRole("row", { name: "berth 7" }).waitFor();
    await panel(page).getByRole("row", { name: "authorization Bearer ••••" }).waitFor();
    expect(await page.content()).not.toContain(SECRET);
    await panel(page).getByRole("button", { name: "Reveal 1 credential" }).click();
    await panel(page).getByText(`Bearer ${SECRET}`).waitFor();
    await panel(page).getByRole("button", { name: "Hide credentials" }).click();
    await panel(page).getByText("Bearer ••••").waitFor();
    expect(await page.content()).not.toContain(SECRET);

    await tab(page, "Overview");
    await bars.filter({ hasText: "web→api" }).click();
    await panel(page).getByRole("heading", { name: "GET /behind" }).waitFor();
    expect(complaints).toEqual([]);
  });

  test("a response that was refused says why, and shows what the service sent, with its controls visible", async () => {
    expect((await hit("/odd")).status).toBe(502);
    const { page, complaints } = await visit("/traffic?filter=path:/odd");
    await row(page, "/odd").first().click();
    await tab(page, "Response");
    const refused = panel(page).getByRole("region", { name: "Refused response head" });
    await refused.getByText("Content-Length", { exact: false }).first().waitFor();
    const text = await refused.innerText();
    expect(text).toContain("HTTP/1.1 200 OK\nContent-Length: m\u2407any\nX-Tide: <b>low</b>");
    expect(text).toMatch(/length/i);
    expect(complaints).toEqual([]);
  });

  test("a replay with edits keeps the credentials that nobody saw, and is compared with the first", async () => {
    await hit("/yawl?first=1", {
      method: "POST",
      headers: { authorization: `Bearer ${SECRET}`, "content-type": "application/json" },
      body: JSON.stringify({ sails: 2 }),
    });
    const { page } = await visit(`/traffic?filter=${encodeURIComponent("path:/yawl*")}`);
    await row(page, "/yawl?first=1").click();
    await panel(page).getByRole("button", { name: "Replay" }).click();
    await panel(page).getByRole("textbox", { name: "Path and query" }).fill("/yawl?second=2");
    await panel(page)
      .getByRole("textbox", { name: "Body" })
      .fill(JSON.stringify({ sails: 3 }));
    await panel(page).getByText("Headers", { exact: true }).click();
    const headers = panel(page).getByRole("textbox", { name: "Headers, a line each" });
    await headers.fill(`${await headers.inputValue()}\nX-Tide: ebb`);
    await panel(page).getByRole("button", { name: "Send" }).click();

    await panel(page).getByRole("heading", { name: "POST /yawl?second=2" }).waitFor();
    await row(page, "/yawl?second=2").waitFor();
    const compared = panel(page).getByRole("tabpanel", { name: "Compare" });
    const lines = (sign: string, text: string) => compared.locator(`[data-sign="${sign}"]`, { hasText: text });
    await lines("removed", "/yawl?first=1").first().waitFor();
    await lines("added", "/yawl?second=2").first().waitFor();
    await lines("removed", '"sails": 2').first().waitFor();
    await lines("added", "X-Tide: ebb").first().waitFor();
    expect(await compared.innerText()).not.toContain(SECRET);
    await tab(page, "Request");
    await panel(page).getByRole("row", { name: "X-Tide ebb" }).waitFor();
    await panel(page).getByRole("button", { name: "Reveal 1 credential" }).click();
    await panel(page).getByText(`Bearer ${SECRET}`).waitFor();
  });

  test("a request is held, edited and released; another is dropped", async () => {
    const { page, complaints } = await visit("/traffic");
    await page.getByRole("button", { name: "Breakpoints" }).click();
    const dialog = page.getByRole("dialog", { name: "Breakpoints" });
    await dialog.getByRole("textbox").fill("path:/ketch*");
    await dialog.getByRole("button", { name: "Add" }).click();
    await dialog.getByRole("listitem").getByText("path:/ketch*").waitFor();
    await dialog.getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "Breakpoints: 1 set" }).waitFor();

    const answer = hit("/ketch/1", { method: "PUT", body: "as it was" });
    const bar = page.getByRole("region", { name: "Held requests" });
    await bar.getByText("/ketch/1").waitFor();
    await bar.getByRole("button", { name: "Edit" }).click();
    const held = panel(page).getByRole("region", { name: "Held request" });
    await held.getByRole("textbox", { name: "Path and query" }).fill("/ketch/2");
    await held.getByRole("textbox", { name: "Body" }).fill("as it is now");
    await held.getByRole("button", { name: "Release" }).click();
    expect(JSON.parse((await answer).body)).toMatchObject({ said: "PUT /ketch/2", heard: "as it is now" });
    await bar.waitFor({ state: "detached" });

    const dropped = hit("/ketch/3").then(
      () => "answered",
      () => "dropped",
    );
    await bar.getByText("/ketch/3").waitFor();
    await bar.getByRole("button", { name: "Drop" }).click();
    expect(await dropped).toBe("dropped");

    await page.getByRole("button", { name: "Breakpoints: 1 set" }).click();
    await dialog.getByRole("button", { name: "Remove path:/ketch*" }).click();
    await dialog.getByRole("listitem").waitFor({ state: "detached" });
    await dialog.getByRole("button", { name: "Close" }).click();
    expect((await hit("/ketch/4")).status).toBe(200);
    expect(complaints).toEqual([]);
  });

  test("it is copied as a command, saved as an archive, and an archive is imported", async () => {
    await hit("/barque?cargo=salt");
    const { page, complaints } = await visit("/traffic?filter=path:/barque*");
    await row(page, "/barque?cargo=salt").click();
    await page.evaluate(
      "navigator.clipboard.writeText = (text) => { globalThis.copied = text; return Promise.resolve(); }",
    );
    await panel(page).getByRole("button", { name: "Copy as curl" }).click();
    await panel(page).getByText("Copied").waitFor();
    const command = await page.evaluate<string>("globalThis.copied");
    expect(command).toMatch(/^curl /);
    expect(command).toContain("/barque?cargo=salt");

    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Export HAR" }).click(),
    ]);
    const file = await download.path();
    const { log } = JSON.parse(readFileSync(file, "utf8"));
    expect(log.entries).toHaveLength(1);
    expect(log.entries[0].request.url).toContain("/barque?cargo=salt");
    await page.getByLabel("HAR file", { exact: true }).setInputFiles(file);
    await row(page, "har→").waitFor();
    await count(rows(page), 2);
    expect(complaints).toEqual([]);
  });

  test("by keyboard alone: into the list, down, open, on to the next, and back", async () => {
    await hit("/sloop/1");
    await hit("/sloop/2");
    const { page } = await visit("/traffic");
    await page.keyboard.press("/");
    await page.keyboard.type("path:/sloop*");
    await row(page, "/sloop/2").waitFor();
    await count(rows(page), 2);
    await page.keyboard.press("Enter");
    await page.waitForFunction(`document.activeElement?.closest('[role="listbox"]') != null`);
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await panel(page).getByRole("heading", { name: "GET /sloop/1" }).waitFor();
    await page.keyboard.press("j");
    await panel(page).getByRole("heading", { name: "GET /sloop/2" }).waitFor();
    await page.keyboard.press("r");
    await panel(page).getByRole("textbox", { name: "Path and query" }).waitFor();
    await page.keyboard.press("k");
    await panel(page).getByRole("heading", { name: "GET /sloop/1" }).waitFor();
    await page.keyboard.press("Escape");
    await panel(page).waitFor({ state: "detached" });
    expect(new URL(page.url()).pathname).toBe("/traffic");
  });

  test("ten thousand stay smooth: only what is in sight is fetched and drawn", { timeout: 120_000 }, async () => {
    const { page } = await visit("/traffic");
    let left = 10_000;
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        while (left-- > 0) await hit("/missing");
      }),
    );
    await hit("/newest");
    await row(page, "/newest").waitFor();
    const fetched: string[] = [];
    page.on("request", (request) => fetched.push(request.url()));
    await page.reload();
    await row(page, "/newest").waitFor();
    const box = page.getByRole("listbox", { name: "Exchanges" });
    expect(await box.evaluate((view) => view.scrollHeight)).toBeGreaterThan(300_000);
    expect(await rows(page).count()).toBeLessThan(80);
    // One window of summaries, not ten thousand.
    expect(fetched.filter((url) => url.includes("/exchanges?")).length).toBeLessThan(4);

    await box.hover();
    await page.mouse.wheel(0, -160_000);
    await page.getByRole("button", { name: "Newest" }).waitFor();
    await row(page, "404").first().waitFor();
    const top = await box.evaluate((view) => view.scrollTop);
    await hit("/after");
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await box.evaluate((view) => view.scrollTop)).toBe(top);
    await page.getByRole("button", { name: "Newest" }).click();
    await row(page, "/after").waitFor();

    await page.getByRole("button", { name: "Clear", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Clear" }).click();
    await page.getByRole("heading", { name: "No traffic yet" }).waitFor();
  });

  test("on a phone an exchange is a screen of its own, with a way back", async () => {
    await hit("/punt");
    const { page } = await visit("/traffic?filter=path:/punt", { width: 390 });
    await row(page, "/punt").click();
    await panel(page).getByRole("heading", { name: "GET /punt" }).waitFor();
    expect(await rows(page).count()).toBe(0);
    const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
    expect(wide).toBe(390);
    await panel(page).getByRole("button", { name: "Close" }).click();
    await row(page, "/punt").waitFor();
  });
});
