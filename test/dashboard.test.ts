import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Snapshot } from "../src/home/view/view.ts";
import { browser, type Viewing } from "./support/browser.ts";
import type { Sandbox } from "./support/cove.ts";
import { type Dashboard, dashboardOf, type Visit } from "./support/dashboard.ts";
import { eventually } from "./support/door-request.ts";
import { program } from "./support/programs.ts";

const SECRET = "harbour-pilot-7391";

const CONFIG = `
name: quay
services:
  store:
    command: node server.mjs store
  api:
    command: node server.mjs api
    needs: [store]
    env: { API_TOKEN: ${SECRET}, TIDE: high }
  web:
    command: node server.mjs web
    needs: [api]
  mailer:
    command: node -e "console.error('no relay is set'); process.exit(3)"
    ready: none
    restart: { when: never }
`;

/** Says in colour what it is asked; `/flood` prints many lines. */
const SERVER = `
import { createServer } from "node:http";
const [, , name] = process.argv;
createServer((request, response) => {
  console.log("\\x1b[36m" + request.method + "\\x1b[0m " + request.url + " \\x1b[32m200\\x1b[0m");
  if (request.url === "/flood") for (let at = 1; at <= 10000; at++) console.log("flood line " + at);
  response.end(name);
}).listen(Number(process.env.PORT), process.env.HOST, () => console.log(name + " listens"));
`;

describe.skipIf(program("chromium") === null)("the dashboard in a real browser", () => {
  let dashboard: Dashboard;
  let sandbox: Sandbox;
  let origin: string;

  beforeAll(async () => {
    // One of its services is meant to fail, and so does `up`.
    dashboard = await dashboardOf(CONFIG, SERVER);
    ({ sandbox, origin } = dashboard);
    await eventually(async () => {
      const services = (await snapshot()).stacks[0]?.services ?? [];
      return services.filter(({ state }) => state === "ready").length === 3 ? true : undefined;
    }, 60_000);
  }, 120_000);
  afterAll(() => dashboard?.[Symbol.asyncDispose](), 120_000);

  const hit = (service: string, path: string) => dashboard.hit(service, { path });

  async function snapshot(): Promise<Snapshot> {
    const { stdout } = await sandbox.cove(["--json"]);
    return JSON.parse(stdout);
  }

  async function visit(viewing: Viewing = {}): Promise<Visit> {
    const visit = await dashboard.visit(undefined, viewing);
    await visit.page.getByRole("link", { name: "api", exact: true }).first().waitFor();
    return visit;
  }

  const card = (page: Page, service: string) =>
    page.getByRole("article").filter({ has: page.getByRole("heading", { name: service, exact: true }) });
  const log = (page: Page) => page.getByRole("log");
  const openService = async (page: Page, service: string) => {
    await page.getByRole("link", { name: service, exact: true }).first().click();
    await page.getByRole("heading", { name: service, level: 1 }).waitFor();
  };

  test("a browser that isn't known is told what to run, and nothing else", async () => {
    await using context = await browser();
    const page = await context.newPage();
    await page.goto(origin);
    await page.getByText("cove open", { exact: true }).waitFor();
    expect(await page.getByRole("button", { name: "Copy cove open" }).isVisible()).toBe(true);
    expect(await page.content()).not.toContain("quay");
  });

  test("the map shows every service with its state, name and edges, and asks nobody else", async () => {
    const { page, complaints, foreign } = await visit();
    const [stack] = (await snapshot()).stacks;
    for (const service of ["store", "api", "web"]) {
      await card(page, service).getByText("Ready", { exact: true }).waitFor();
      const name = `http://${service}.quay.localhost:${sandbox.port}`;
      expect(await card(page, service).locator("a.node-url").getAttribute("href")).toBe(name);
    }
    for (const id of ["api→store", "web→api"]) {
      const edge = stack?.edges.find((one) => one.id === id);
      expect(await page.getByText(`127.0.0.1:${edge?.address.port}`, { exact: true }).isVisible()).toBe(true);
    }
    // Consumers stand left of what they need.
    const left = async (service: string) => (await card(page, service).boundingBox())?.x ?? 0;
    expect(await left("web")).toBeLessThan(await left("api"));
    expect(await left("api")).toBeLessThan(await left("store"));
    // What the looked-at service needs and who needs it stand out.
    await card(page, "api").hover();
    expect(await card(page, "store").getAttribute("data-relation")).toBe("needs");
    expect(await card(page, "web").getAttribute("data-relation")).toBe("needed-by");
    expect(foreign).toEqual([]);
    // What the policy forbids would be among the complaints.
    const policy = (await page.reload())?.headers()["content-security-policy"];
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe-inline");
    expect(complaints).toEqual([]);
  });

  test("a failed service says why and what to do, where it stands", async () => {
    const { page } = await visit();
    await card(page, "mailer").getByText("Failed", { exact: true }).waitFor();
    const cause = (await snapshot()).stacks[0]?.services.find(({ name }) => name === "mailer")?.cause;
    expect(cause?.message).toBeTruthy();
    const [first = ""] = cause?.message.split("\n") ?? [];
    expect(await card(page, "mailer").innerText()).toContain(first);
  });

  test("a restart by button is a new process, and is seen and told", async () => {
    const { page, complaints } = await visit();
    await openService(page, "store");
    const pid = async () => (await snapshot()).stacks[0]?.services.find(({ name }) => name === "store")?.pid;
    const before = await pid();
    await page.getByText(`pid ${before}`).waitFor();
    await page.getByRole("button", { name: "Restart store" }).click();
    await page.getByText(`pid ${before}`).waitFor({ state: "detached" });
    const after = await eventually(async () => {
      const now = await pid();
      return now === before || now === null ? undefined : now;
    });
    await page.getByText(`pid ${after}`).waitFor();
    await page.locator("[data-news]", { hasText: "store of quay is ready" }).waitFor({ state: "attached" });

    await page.getByRole("button", { name: "Stop store" }).click();
    await page.getByRole("main").getByText("Stopped", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Start store" }).click();
    await page.getByRole("main").getByText("Ready", { exact: true }).waitFor();
    expect(complaints).toEqual([]);
  });

  test("the log is live, in colour, and searched by text and expression", async () => {
    const { page, complaints } = await visit();
    await openService(page, "api");
    await log(page).getByText("api listens").first().waitFor();
    await hit("api", "/buoy/1");
    await hit("api", "/buoy/22");
    await log(page).getByText("/buoy/22").waitFor();
    const get = log(page).locator(".line", { hasText: "/buoy/22" }).locator(".fg-6");
    expect(await get.innerText()).toBe("GET");

    const search = page.getByRole("textbox", { name: "Search the log" });
    await search.fill("BUOY/");
    await page.getByText("2 of 2", { exact: true }).waitFor();
    expect(await log(page).locator("mark").allInnerTexts()).toEqual(["buoy/", "buoy/"]);
    await page.getByRole("button", { name: "Next match" }).click();
    await page.getByText("1 of 2", { exact: true }).waitFor();
    await search.fill("/buoy.\\d\\d 200/");
    await page.getByText("1 of 1", { exact: true }).waitFor();
    // The match runs over a change of colour: it is one match in two pieces.
    expect((await log(page).locator("mark").allInnerTexts()).join("")).toBe("buoy/22 200");
    await search.fill("/(/");
    await page.getByText("not a regex").waitFor();

    await search.fill("");
    await page.getByRole("combobox", { name: "Lines shown" }).selectOption("stderr");
    await page.getByText("No lines of this kind yet.").waitFor();
    expect(complaints).toEqual([]);
  });

  test("ten thousand lines stay smooth; following stops on scrolling up and resumes at the end", async () => {
    const { page } = await visit();
    await openService(page, "web");
    await hit("web", "/flood");
    await log(page).getByText("flood line 10000", { exact: false }).first().waitFor();
    const box = log(page);
    const fromEnd = () => box.evaluate((view) => view.scrollHeight - view.scrollTop - view.clientHeight);
    await eventually(async () => ((await fromEnd()) < 2 ? true : undefined));
    expect(await box.locator(".line").count()).toBeGreaterThan(9_000);

    await box.hover();
    await page.mouse.wheel(0, -4_000);
    const follow = page.getByRole("switch", { name: "Follow" });
    await eventually(async () => ((await follow.getAttribute("aria-checked")) === "false" ? true : undefined));
    const top = await box.evaluate((view) => view.scrollTop);
    await hit("web", "/after");
    await log(page).getByText("/after").waitFor({ state: "attached" });
    expect(await box.evaluate((view) => view.scrollTop)).toBe(top);
    await page.getByRole("button", { name: "Newest lines" }).click();
    await eventually(async () => ((await fromEnd()) < 2 ? true : undefined));
    expect(await follow.getAttribute("aria-checked")).toBe("true");
  });

  test("secrets are hidden until each is asked for", async () => {
    const { page } = await visit();
    await openService(page, "api");
    const row = (name: string) => page.getByRole("row", { name: new RegExp(name) });
    await row("TIDE").getByText("high").waitFor();
    expect(await row("API_TOKEN").innerText()).toContain("••••••");
    expect(await page.content()).not.toContain(SECRET);
    await row("API_TOKEN").getByRole("button", { name: "Reveal API_TOKEN" }).click();
    await row("API_TOKEN").getByText(SECRET).waitFor();
    await row("API_TOKEN").getByRole("button", { name: "Hide API_TOKEN" }).click();
    await row("API_TOKEN").getByText("••••••").waitFor();
    expect(await page.content()).not.toContain(SECRET);
    // A page's address is its own: it can be loaded anew, and forgets what it was shown.
    await row("API_TOKEN").getByRole("button", { name: "Reveal API_TOKEN" }).click();
    await row("API_TOKEN").getByText(SECRET).waitFor();
    await page.reload();
    await row("API_TOKEN").getByText("••••••").waitFor();
    expect(await page.content()).not.toContain(SECRET);
  });

  test("dark and light follow the system, until one is chosen, which is remembered", async () => {
    const { page } = await visit({ colorScheme: "dark" });
    const lightness = async () => {
      const color = await page.evaluate<string>("getComputedStyle(document.documentElement).backgroundColor");
      return (color.match(/[\d.]+/g) ?? []).reduce((sum, part) => sum + Number(part), 0);
    };
    expect(await lightness()).toBeLessThan(200);
    await page.emulateMedia({ colorScheme: "light" });
    expect(await lightness()).toBeGreaterThan(600);
    await page.getByRole("radio", { name: "Dark" }).check();
    expect(await lightness()).toBeLessThan(200);
    await page.reload();
    await page.getByRole("link", { name: "api", exact: true }).first().waitFor();
    expect(await lightness()).toBeLessThan(200);
    expect(await page.getByRole("radio", { name: "Dark" }).isChecked()).toBe(true);
  });

  test("by keyboard alone: over the map, into a log, through a search, and back", async () => {
    const { page } = await visit();
    const focused = () => page.evaluate<string>("document.activeElement.textContent");
    await hit("api", "/lighthouse");
    await page.keyboard.press("/");
    await page.keyboard.type("web");
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toBe("web");
    await page.keyboard.press("ArrowRight");
    expect(await focused()).toBe("api");
    const ring = await page.evaluate<string>("getComputedStyle(document.activeElement, '::after').outlineStyle");
    expect(ring).toBe("solid");
    await page.keyboard.press("Enter");
    await log(page).getByText("/lighthouse").first().waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("lighthouse");
    await log(page).locator("mark", { hasText: "lighthouse" }).first().waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: "quay", level: 2 }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  });

  test("every control on the map can be reached with Tab, in order of reading", async () => {
    const { page } = await visit();
    const reached: string[] = [];
    for (let at = 0; at < 40; at++) {
      await page.keyboard.press("Tab");
      if (await page.evaluate<boolean>("document.activeElement === document.body")) break;
      const focused = "document.activeElement";
      reached.push(await page.evaluate<string>(`${focused}.getAttribute("aria-label") ?? ${focused}.textContent`));
    }
    const places = ["Skip to content", "Cove, go to the map", "Find a service", "Restart all of quay", "api", "store"];
    const found = places.map((name) => reached.indexOf(name));
    expect(reached).toEqual(expect.arrayContaining(places));
    expect(found.slice(0, 4)).toEqual(found.slice(0, 4).sort((a, b) => a - b));
  });

  test("on a phone the map is a list that says what needs what", async () => {
    const { page, complaints } = await visit({ width: 390 });
    const edge = (await snapshot()).stacks[0]?.edges.find(({ id }) => id === "api→store");
    expect(await card(page, "api").innerText()).toContain(`needs store via 127.0.0.1:${edge?.address.port}`);
    const wider = () => page.evaluate<boolean>("document.documentElement.scrollWidth > innerWidth");
    expect(await wider()).toBe(false);
    await openService(page, "api");
    await log(page).locator(".line").first().waitFor();
    expect(await wider()).toBe(false);
    expect(complaints).toEqual([]);
  });

  test("when home is gone the page says so, and continues by itself when it is back", async () => {
    const { page } = await visit();
    await openService(page, "api");
    await log(page).getByText("api listens").first().waitFor();
    const before = await log(page).locator(".line").allInnerTexts();
    // The runner starts home again by itself.
    process.kill((await snapshot()).home.pid, "SIGKILL");
    await page.getByText("Cove isn't running, reconnecting.").waitFor();
    await page.getByText("Cove isn't running, reconnecting.").waitFor({ state: "detached" });
    await eventually(async () => ((await hit("api", "/again")).status === 200 ? true : undefined));
    await log(page).getByText("/again").first().waitFor();
    const after = await log(page).locator(".line").allInnerTexts();
    expect(after.slice(0, before.length)).toEqual(before);
  });
});
