import { createServer, type RequestListener, type Server } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { browser } from "../../../test/support/browser.ts";
import { ask } from "../../../test/support/door-request.ts";
import { freePort } from "../../../test/support/free-port.ts";
import { program } from "../../../test/support/programs.ts";
import { sleep } from "../../async/sleep.ts";
import { orThrow } from "../../fault/fault.ts";
import { openDoor } from "../door.ts";
import { createRoutes, type Route } from "../upstream/routes.ts";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const echo: RequestListener = async (req, res) => {
  const parts: Buffer[] = [];
  for await (const part of req) parts.push(part as Buffer);
  res.end(`${req.method} ${Buffer.concat(parts).length}`);
};

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** A door in front of a service whose state and server the test sets. */
async function setUp(more: Partial<Route> = {}, startWait = 20_000) {
  const port = await freePort();
  let server: Server | null = null;
  const now = { state: "ready" as Route["state"], readyAt: 1 as number | null };
  const waiting = new Set<(ready: boolean) => void>();
  const route: Route = {
    id: "shop/web",
    upstream: { host: "127.0.0.1", port },
    get state() {
      return now.state;
    },
    whenReady: () => new Promise((resolve) => waiting.add(resolve)),
    readyAt: () => now.readyAt,
    logTail: () => ["last line"],
    cause: () => null,
    restarts: true,
    ...more,
  };
  const routes = createRoutes();
  routes.set("web.localhost", route);
  const door = orThrow(await openDoor({ port: 0, hosts: ["127.0.0.1"], routes, startWait }));
  open.push(() => door.close());
  open.push(() => server !== null && close(server));
  return {
    port: door.port,
    now,
    start: async (listener: RequestListener = echo) => {
      const started = createServer(listener);
      server = started;
      await new Promise<void>((resolve) => started.listen(port, "127.0.0.1", resolve));
      return started;
    },
    kill: async () => {
      if (server !== null) await close(server);
      server = null;
    },
    tell: (state: Route["state"], readyAt: number | null) => {
      Object.assign(now, { state, readyAt });
      if (state !== "starting") for (const done of waiting) done(state === "ready");
      if (state !== "starting") waiting.clear();
    },
  };
}

const CASES: readonly [string, { method: string; body?: string }, string][] = [
  ["GET", { method: "GET" }, "GET 0"],
  ["POST with a small body", { method: "POST", body: "x".repeat(10) }, "POST 10"],
  ["POST with a body beyond any buffer", { method: "POST", body: "x".repeat(3_000_000) }, "POST 3000000"],
];

describe("while a service is restarted by what runs it, its address refuses and its state doesn't say so yet", () => {
  test.each(CASES)("a %s is held and answered", async (_, options, answer) => {
    const { port, start, kill } = await setUp();
    await start();
    await ask(port, "web.localhost", options);
    await kill();
    const asked = ask(port, "web.localhost", options);
    await sleep(600);
    await start();
    expect(await asked).toMatchObject({ status: 200, body: answer });
  });

  test.each(CASES)("a %s waits on once the state says so", async (_, options, answer) => {
    const { port, start, tell } = await setUp();
    const asked = ask(port, "web.localhost", options);
    await sleep(300);
    tell("starting", null);
    // Longer than it is tried without that.
    await sleep(3_000);
    await start();
    tell("ready", 2);
    expect(await asked).toMatchObject({ status: 200, body: answer });
  });

  test("a WebSocket is held and opened", async () => {
    const { port, start } = await setUp();
    const socket = new WebSocket(`ws://127.0.0.1:${port}/hmr`, { headers: { host: `web.localhost:${port}` } });
    const opened = new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
    await sleep(300);
    new WebSocketServer({ server: await start() });
    await opened;
    socket.terminate();
  });

  test("one that stays away gets its page, and so does one that nothing starts again", async () => {
    const { port } = await setUp();
    const other = await setUp({ restarts: false });
    expect(await ask(other.port, "web.localhost")).toMatchObject({ status: 502 });
    expect(await ask(port, "web.localhost")).toMatchObject({
      status: 502,
      body: expect.stringContaining("nothing listens at"),
    });
  });

  test("a client that leaves meanwhile is no fault", async () => {
    const { port, start } = await setUp();
    const left = connect(port, "127.0.0.1");
    left.end(`POST / HTTP/1.1\r\nHost: web.localhost\r\nContent-Length: 5\r\n\r\nab`);
    await sleep(250);
    left.destroy();
    await start();
    expect((await ask(port, "web.localhost")).body).toBe("GET 0");
  });
});

describe("the question whether a service is back", () => {
  const question = (port: number, after: string) =>
    ask(port, "web.localhost", { path: `/.well-known/cove/return?after=${after}` });

  test("waits until it takes connections", async () => {
    const { port, start } = await setUp();
    let answered = false;
    const asked = question(port, "").finally(() => {
      answered = true;
    });
    await sleep(700);
    expect(answered).toBe(false);
    await start(() => {
      throw new Error("the service is not to be asked");
    });
    expect(await asked).toMatchObject({ status: 204, body: "" });
  });

  test("waits for a new start where the last one gave no answer", async () => {
    const { port, start, tell } = await setUp();
    await start();
    tell("ready", 5);
    let answered = false;
    const asked = question(port, "5").finally(() => {
      answered = true;
    });
    await sleep(700);
    expect(answered).toBe(false);
    tell("ready", 6);
    expect(await asked).toMatchObject({ status: 204 });
  });
});

describe.skipIf(program("chromium") === null)("a page in the browser", () => {
  test("of a service that is down reloads once it is back, and until then stays as it is", async () => {
    const { port, start, tell } = await setUp();
    tell("down", null);
    await using context = await browser({ args: ["--host-resolver-rules=MAP *.localhost 127.0.0.1"] });
    const page = await context.newPage();
    const failures: string[] = [];
    page.on("console", (message) => message.type() === "error" && failures.push(message.text()));
    await page.goto(`http://web.localhost:${port}/`);
    expect(await page.title()).toContain("is down");
    await page.evaluate(() => Object.assign(globalThis, { kept: true }));
    await sleep(1_500);
    expect(await page.evaluate(() => "kept" in globalThis)).toBe(true);
    await start((_, res) => res.setHeader("content-type", "text/html").end("<title>back</title>"));
    tell("ready", 2);
    await expect.poll(() => page.title()).toBe("back");
    // The page's own 502, and nothing of its policy.
    expect(failures.filter((text) => !text.includes("502"))).toEqual([]);
  });

  test("of a request that broke its service off reloads after the next start, not before", async () => {
    const { port, start, kill, tell } = await setUp();
    let asked = 0;
    await start((req) => {
      asked++;
      req.socket.destroy();
    });
    await using context = await browser({ args: ["--host-resolver-rules=MAP *.localhost 127.0.0.1"] });
    const page = await context.newPage();
    await page.goto(`http://web.localhost:${port}/`);
    expect(await page.title()).toContain("no proper answer");
    const before = asked;
    await sleep(1_500);
    expect(asked).toBe(before);
    await kill();
    await start((_, res) => res.setHeader("content-type", "text/html").end("<title>mended</title>"));
    tell("ready", 2);
    await expect.poll(() => page.title()).toBe("mended");
  });
});
