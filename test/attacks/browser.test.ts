import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browser } from "../support/browser.ts";
import { ask, eventually } from "../support/door-request.ts";
import { program } from "../support/programs.ts";
import { foreignServer, type Harbour, harbour } from "./harbour.ts";

/** Attacks by pages, each carried out in a real browser on a page of another site. */
describe.skipIf(program("chromium") === null)("in a real browser", () => {
  let cove: Harbour;
  let foreign: Awaited<ReturnType<typeof foreignServer>>;
  let context: BrowserContext & AsyncDisposable;
  let evil: string;

  beforeAll(async () => {
    foreign = await foreignServer();
    evil = `http://evil.test:${foreign.port}`;
    cove = await harbour({ friend: `http://friend.test:${foreign.port}` });
    // As if the names were public ones, which their owner has made to lead here (DNS rebinding).
    const rules = "MAP evil.test 127.0.0.1, MAP friend.test 127.0.0.1, MAP rebound.example 127.0.0.1";
    // Chromium's own checks of local networks are extra cover; what is tried here must hold without them.
    const open = "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests";
    context = await browser({ args: [`--host-resolver-rules=${rules}`, open] });
  }, 120_000);

  afterAll(async () => {
    await context?.[Symbol.asyncDispose]();
    await cove?.[Symbol.asyncDispose]();
    await foreign?.[Symbol.asyncDispose]();
  }, 120_000);

  async function at(url: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(url);
    return page;
  }

  /** What a page gets of a URL: its status and text, `opaque` where it may not look, or `nothing`. */
  const fetched = (page: Page, url: string, init: object = {}): Promise<string> =>
    page.evaluate(`fetch(${JSON.stringify(url)}, ${JSON.stringify(init)}).then(
      async (response) => (response.type === "opaque" ? "opaque" : response.status + " " + (await response.text())),
      () => "nothing")`);

  const reached = async (service: string, what: string) =>
    (await cove.seen(service)).filter((seen) => seen.what === what).length;

  test("a cross-site POST doesn't reach a service, however it is sent", async () => {
    const page = await at(evil);
    const target = `${cove.origin("api")}/transfer`;
    expect(await fetched(page, target, { method: "POST", mode: "no-cors", body: "a=1" })).toBe("opaque");
    expect(await fetched(page, target, { method: "POST", body: "a=1" })).toBe("nothing");
    // This one asks first (a preflight), and the careless service agrees.
    expect(await fetched(page, target, { method: "PUT", headers: { "x-a": "1" }, body: "a=1" })).toBe("nothing");
    expect(await fetched(page, target, { method: "DELETE" })).toBe("nothing");
    await page.evaluate(`navigator.sendBeacon("${target}", "a=1")`);
    // A form, by way of a sandboxed frame without an origin, then by the page itself.
    const submit = async (by: string, script: string) => {
      const form = `<form method='post' action='${target}-${by}'><input name='a'></form>`;
      await page.evaluate(script.replace("FORM", form));
      // On record, not overheard: a sandboxed frame is a process of its own, whose requests are told late or never.
      return await eventually(async () => {
        return (await cove.guard()).refusals.find(({ what }) => what.startsWith(`POST /transfer-${by}`))?.check;
      });
    };
    const framed = `{
      const frame = document.createElement("iframe");
      frame.setAttribute("sandbox", "allow-scripts allow-forms");
      frame.srcdoc = "FORM<script>document.forms[0].submit()</script>";
      document.body.append(frame);
    }`;
    expect(await submit("framed", framed)).toBe("cross-site");
    expect(await submit("form", 'document.body.innerHTML = "FORM"; document.forms[0].submit()')).toBe("cross-site");
    await page.getByText("doesn't let this in").waitFor();
    await page.getByText(`guard: { origins: ["${evil}"] }`).waitFor();
    expect((await cove.seen("api")).filter(({ what }) => !what.startsWith("OPTIONS"))).toEqual([]);

    const { refusals } = await cove.guard();
    expect(refusals.find(({ what }) => what.startsWith("POST /transfer"))).toMatchObject({
      check: "cross-site",
      service: "shop/api",
      allow: expect.stringContaining("origins"),
    });
    expect(refusals.some(({ why }) => why.includes("without an origin"))).toBe(true);
    await page.close();
  });

  test("the stack's own pages may do all of that, and so may a page that the config lets in", async () => {
    const target = `${cove.origin("api")}/order`;
    for (const own of [cove.origin("web"), cove.origin("api")]) {
      const page = await at(own);
      expect(await fetched(page, target, { method: "POST", body: "a=1" }), own).toContain("200");
      await page.close();
    }
    const { services } = (await cove.snapshot()).stacks[0] ?? { services: [] };
    const web = services.find(({ name }) => name === "web")?.address;
    for (const own of [`http://127.0.0.1:${web?.port}`, `http://localhost:${web?.port}`]) {
      const page = await at(own);
      expect(await fetched(page, target, { method: "POST", body: "a=1" }), own).toContain("200");
      await page.close();
    }
    expect(await reached("api", "POST /order")).toBe(4);
    const friend = await at(`http://friend.test:${foreign.port}`);
    expect(await fetched(friend, `${cove.origin("friendly")}/order`, { method: "POST", body: "a=1" })).toContain("200");
    expect(await fetched(friend, target, { method: "POST", body: "a=1" })).toBe("nothing");
    await friend.close();
  });

  test("a cross-site read gets nothing, though the service says that anyone may read", async () => {
    const page = await at(evil);
    expect(await fetched(page, `${cove.origin("api")}/source`)).toBe("nothing");
    expect(await reached("api", "GET /source")).toBe(0);
    expect(await fetched(page, `http://cove.localhost:${cove.port}/api/v1/snapshot`)).toBe("nothing");
    await page.close();
  });

  test("a <script> of another site gets no source, one of the stack does", async () => {
    const load = (page: Page) =>
      page.evaluate(`new Promise((resolve) => {
        const script = document.createElement("script");
        script.src = "${cove.origin("api")}/bundle.js";
        for (const type of ["load", "error"]) script.addEventListener(type, () => resolve([type, globalThis.stolen ?? null]));
        document.head.append(script);
      })`);
    const page = await at(evil);
    expect(await load(page)).toEqual(["error", null]);
    await page.close();
    const own = await at(cove.origin("web"));
    expect(await load(own)).toEqual(["load", "the source"]);
    await own.close();
  });

  test("a cross-site WebSocket is refused, one of the stack opens", async () => {
    const open = (page: Page) =>
      page.evaluate(`new Promise((resolve) => {
        const socket = new WebSocket("${cove.origin("api").replace("http", "ws")}/socket");
        socket.addEventListener("message", ({ data }) => resolve(data));
        socket.addEventListener("error", () => resolve("refused"));
      })`);
    const page = await at(evil);
    expect(await open(page)).toBe("refused");
    expect(await reached("api", "upgrade /socket")).toBe(0);
    await page.close();
    const own = await at(cove.origin("web"));
    expect(await open(own)).toBe("hello");
    await own.close();
  });

  test("a rebound name reaches neither a service nor the API", async () => {
    const page = await context.newPage();
    const rebound = `http://rebound.example:${cove.port}`;
    expect((await page.goto(`${rebound}/`))?.status()).toBe(421);
    // The page came from its owner's server; from then on its name leads here, and nothing that it asks is cross-origin.
    await page.route(`${rebound}/trap`, (route) =>
      route.fulfill({ contentType: "text/html", body: "<title>evil</title>" }),
    );
    await page.goto(`${rebound}/trap`);
    for (const path of ["/", "/api/v1/snapshot", "/api/v1/health", "/source"]) {
      const got = await fetched(page, path);
      expect(got, path).toContain("421");
      expect(got, path).not.toContain("shop");
    }
    expect(await fetched(page, "/api/v1/stop", { method: "POST" })).toContain("421");
    // Streams and WebSockets of the page's own origin, as it is to the browser.
    const opened = (what: string) =>
      page.evaluate(`new Promise((resolve) => {
        const source = ${what};
        for (const event of ["open", "message"]) source.addEventListener(event, () => resolve("opened"));
        source.addEventListener("error", () => resolve("refused"));
      })`);
    expect(await opened('new EventSource("/api/v1/events")')).toBe("refused");
    for (const path of ["/socket", "/api/v1/session"]) {
      expect(await opened(`new WebSocket("ws://rebound.example:${cove.port}${path}")`), path).toBe("refused");
    }
    expect((await cove.guard()).refusals.some(({ check, what }) => check === "host" && what.includes("rebound"))).toBe(
      true,
    );
    await page.close();
  });

  test("0.0.0.0 is no way in", async () => {
    for (const from of [evil, cove.origin("web")]) {
      const page = await at(from);
      for (const path of ["/api/v1/snapshot", "/"]) {
        expect(await fetched(page, `http://0.0.0.0:${cove.port}${path}`), from).toBe("nothing");
      }
      await page.close();
    }
    // A browser that still follows such an address, and any other client.
    const page = await context.newPage();
    const status = await page
      .goto(`http://0.0.0.0:${cove.port}/`)
      .then((answer) => answer?.status() ?? null)
      .catch(() => 421);
    expect(status).toBe(421);
    await page.close();
    for (const path of ["/", "/api/v1/snapshot"]) {
      const headers = { authorization: `Bearer ${cove.token()}`, host: `0.0.0.0:${cove.port}` };
      expect((await ask(cove.port, "0.0.0.0", { path, headers, host: "0.0.0.0" })).status).toBe(421);
    }
  });

  test("the API does nothing for a foreign page, also in a browser that is logged in", async () => {
    const { stdout } = await cove.sandbox.cove(["open", "--print"]);
    const dashboard = await at(stdout.trim());
    expect(await fetched(dashboard, "/api/v1/health")).toContain("200");
    for (const from of [evil, cove.origin("web")]) {
      const page = await at(from);
      const api = `http://cove.localhost:${cove.port}/api/v1`;
      expect(await fetched(page, `${api}/stop`, { method: "POST", mode: "no-cors", credentials: "include" })).toBe(
        "opaque",
      );
      expect(await fetched(page, `${api}/snapshot`, { credentials: "include" })).toBe("nothing");
      await page.close();
    }
    expect(await fetched(dashboard, "/api/v1/health")).toContain('"stopping":false');

    // Cookies don't tell ports apart, so the dashboard's is on a name of its own.
    for (const url of ["127.0.0.1", "localhost", "web.shop.localhost"].map((host) => `http://${host}:${cove.port}/`)) {
      expect(await context.cookies(url), url).toEqual([]);
    }
    expect(await context.cookies(`http://cove.localhost:${cove.port}/`)).toMatchObject([
      { name: "cove_session", domain: "cove.localhost", httpOnly: true, sameSite: "Strict" },
    ]);
    for (const { headers } of await cove.seen("web")) expect(headers.cookie ?? "").not.toContain("cove_session");
    await dashboard.close();
  });
});
