import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Answer, ask, eventually } from "../../test/support/door-request.ts";
import { orThrow } from "../fault/fault.ts";
import { call } from "./client/call.ts";
import { gone } from "./client/client.ts";
import { ensureHome } from "./client/ensure.ts";
import { readToken } from "./client/token.ts";
import { endHome, homeSandbox } from "./sandbox.fixture.ts";
import { hello, service, testStack, webServer } from "./stack.fixture.ts";
import type { AuditView, PortsView } from "./view/view.ts";

const HOST = "cove.localhost";

/** Asks the API through the door. */
const api = (port: number, path: string, headers: Record<string, string> = {}, method = "GET", host = HOST) =>
  ask(port, host, { path, headers, method });

/** The headers that a browser on the dashboard's page sends. */
const page = (port: number, cookie: string) => ({
  cookie,
  origin: `http://${HOST}:${port}`,
  "sec-fetch-site": "same-origin",
});

function errorOf(answer: Answer): string {
  return (JSON.parse(answer.body) as { error: { fault: string } }).error.fault;
}

test("nothing is told without the token", async () => {
  await using sandbox = await homeSandbox();
  orThrow(await ensureHome());
  const token = readToken(sandbox.folder) ?? "";
  for (const path of [
    "/api/v1/health",
    "/api/v1/snapshot",
    "/api/v1/events",
    "/api/v1/openapi.json",
    "/api/v1/ports",
    "/api/v1/audit",
    "/api/nothing",
    "/api/v1/nothing",
  ]) {
    for (const header of [undefined, "Bearer x", `Basic ${token}`, `Bearer ${token.slice(0, -1)}`]) {
      const answer = await api(sandbox.port, path, header === undefined ? {} : { authorization: header });
      expect(answer.status, path).toBe(401);
      expect(errorOf(answer)).toBe("FORBIDDEN");
    }
  }
  for (const [method, path] of [
    ["POST", "/api/v1/stop"],
    ["POST", "/api/v1/links"],
    ["PUT", "/api/v1/aliases/x"],
    ["DELETE", "/api/v1/aliases/x"],
  ] as const) {
    expect((await api(sandbox.port, path, {}, method)).status).toBe(401);
  }
  const answer = await api(sandbox.port, "/api/v1/health", { authorization: `Bearer ${token}` });
  expect(answer.status).toBe(200);
  expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
  expect(answer.headers["cross-origin-resource-policy"]).toBe("same-origin");
});

test("a name that isn't Cove's gets nothing, token or not", async () => {
  await using sandbox = await homeSandbox();
  const home = orThrow(await ensureHome());
  const headers = { authorization: `Bearer ${readToken(sandbox.folder)}` };
  for (const host of ["rebound.example", "cove.localhost.example", "0.0.0.0", "192.168.0.2", "web.cove.localhost"]) {
    expect((await api(sandbox.port, "/api/v1/health", headers, "GET", host)).status, host).toBe(421);
  }
  for (const host of ["cove.localhost", "127.0.0.1", "localhost", "[::1]"]) {
    expect((await api(sandbox.port, "/api/v1/health", headers, "GET", host)).status, host).toBe(200);
  }
  // Past the door, straight at the socket: home judges for itself.
  const status = await new Promise((resolve, reject) => {
    const sent = request({
      socketPath: home.address.socket,
      path: "/api/v1/health",
      headers: { ...headers, host: "evil.example" },
    });
    sent.on("response", (response) => resolve(response.resume().statusCode)).on("error", reject);
    sent.end();
  });
  expect(status).toBe(421);
});

test("a browser is let in by a link that works once, and stays in with the next home", async () => {
  await using sandbox = await homeSandbox();
  const home = orThrow(await ensureHome());
  const { port } = sandbox;
  const url = new URL(orThrow(await home.link()));
  expect(url.origin).toBe(`http://${HOST}:${port}`);
  // A preview, and a visit by another of home's names, don't use it up.
  expect((await api(port, url.pathname, {}, "HEAD")).status).toBe(403);
  const elsewhere = await api(port, url.pathname, {}, "GET", "127.0.0.1");
  expect([elsewhere.status, elsewhere.headers.location]).toEqual([302, `http://${HOST}:${port}/`]);
  expect(elsewhere.headers["set-cookie"]).toBeUndefined();

  const entered = await api(port, url.pathname);
  expect([entered.status, entered.headers.location]).toEqual([303, "/"]);
  const [set = ""] = entered.headers["set-cookie"] ?? [];
  expect(set).toMatch(/^cove_session=[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/);
  const cookie = set.split(";")[0] ?? "";
  const again = await api(port, url.pathname);
  expect(again.status).toBe(403);
  expect(again.headers["set-cookie"]).toBeUndefined();

  expect((await api(port, "/api/v1/snapshot", page(port, cookie))).status).toBe(200);
  expect((await api(port, "/api/v1/links", page(port, cookie), "POST")).status).toBe(200);
  expect((await api(port, "/api/v1/snapshot", page(port, "cove_session=made-up"))).status).toBe(401);
  await endHome(sandbox.folder);
  orThrow(await ensureHome());
  expect((await api(port, "/api/v1/snapshot", page(port, cookie))).status).toBe(200);
});

test("the cookie opens nothing to foreign pages, ports and names", async () => {
  await using sandbox = await homeSandbox();
  const home = orThrow(await ensureHome());
  const { port } = sandbox;
  const entered = await api(port, new URL(orThrow(await home.link())).pathname);
  const cookie = entered.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
  const own = page(port, cookie);
  const without = (name: string) => Object.fromEntries(Object.entries(own).filter(([key]) => key !== name));

  const foreign: [string, Record<string, string>][] = [
    ["another site", { ...own, origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
    ["another port of the same name", { ...own, origin: `http://${HOST}:3000`, "sec-fetch-site": "same-site" }],
    ["a service of a stack", { ...own, origin: `http://web.shop.localhost:${port}`, "sec-fetch-site": "cross-site" }],
    ["https of the same name", { ...own, origin: `https://${HOST}:${port}` }],
    ["a sandboxed frame", { ...own, origin: "null" }],
    ["a script element of another port", { cookie, "sec-fetch-site": "same-site" }],
    ["a link on another page", { cookie, "sec-fetch-site": "cross-site" }],
    ["a client that says nothing", { cookie }],
  ];
  for (const [who, headers] of foreign) {
    for (const [method, path] of [
      ["GET", "/api/v1/snapshot"],
      ["GET", "/api/v1/events"],
      ["POST", "/api/v1/links"],
    ] as const) {
      const answer = await api(port, path, headers, method);
      expect(answer.status, `${method} by ${who}`).toBe(403);
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    }
  }
  expect((await api(port, "/api/v1/links", without("origin"), "POST")).status).toBe(403);
  expect((await api(port, "/api/v1/snapshot", without("origin"))).status).toBe(200);
  expect((await api(port, "/api/v1/snapshot", without("sec-fetch-site"))).status).toBe(200);
  for (const host of ["127.0.0.1", "localhost"]) {
    const headers = { ...own, origin: `http://${host}:${port}` };
    expect((await api(port, "/api/v1/snapshot", headers, "GET", host)).status, host).toBe(401);
  }
  // What a page may ask another origin before a request that isn't simple.
  const preflight = await api(port, "/api/v1/stop", { origin: "https://evil.example" }, "OPTIONS");
  expect(preflight.status).toBe(401);
});

test("a session is for runners, by token alone, and begins with a hello", async () => {
  await using sandbox = await homeSandbox();
  const home = orThrow(await ensureHome());
  const { port } = sandbox;
  const entered = await api(port, new URL(orThrow(await home.link())).pathname);
  const cookie = entered.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
  const open = (path: string, headers: Record<string, string>) =>
    new Promise<WebSocket | number | undefined>((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
        headers: { host: `${HOST}:${port}`, ...headers },
      });
      socket.on("open", () => resolve(socket));
      socket.on("unexpected-response", (_, response) => resolve(response.statusCode));
      socket.on("error", () => {});
    });
  const bearer = { authorization: `Bearer ${readToken(sandbox.folder)}` };
  expect(await open("/api/v1/session", {})).toBe(401);
  expect(await open("/api/v1/session", page(port, cookie))).toBe(401);
  expect(await open("/api/v1/other", bearer)).toBe(404);
  for (const text of [
    "",
    "{",
    "[]",
    `{"type":"bye"}`,
    `{"type":"hello"}`,
    JSON.stringify({ ...hello("x"), edges: 1 }),
  ]) {
    const socket = await open("/api/v1/session", bearer);
    if (!(socket instanceof WebSocket)) throw new Error(`not opened: ${socket}`);
    const said: string[] = [];
    socket.on("message", (data) => said.push(String(data)));
    socket.send(text);
    await new Promise((resolve) => socket.on("close", resolve));
    expect(said.map((one) => (JSON.parse(one) as { type: string }).type)).toEqual(["refused"]);
  }
  expect(orThrow(await home.snapshot()).stacks).toEqual([]);
});

test("secrets of an environment are shown one by one only", async () => {
  await using sandbox = await homeSandbox();
  await using web = await webServer("x");
  const env = { PORT: "61000", API_KEY: "k-1", DATABASE_URL: "postgres://u:pw@127.0.0.1:1/d" };
  await using _ = await testStack(() => hello("shop", { services: [service("web", web.address, { env })] }));
  const headers = { authorization: `Bearer ${readToken(sandbox.folder)}` };
  const get = (path: string) => api(sandbox.port, `/api/v1/stacks/shop/services/web/${path}`, headers);
  const all = await get("env");
  expect(all.body).not.toContain("k-1");
  expect(all.body).not.toContain("pw@");
  expect((JSON.parse(all.body) as { env: unknown[] }).env).toContainEqual({
    name: "PORT",
    value: "61000",
    secret: false,
  });
  expect(JSON.parse((await get("env/API_KEY")).body)).toEqual({ value: "k-1", secret: true });
  for (const name of ["NOPE", "__proto__", "constructor"]) expect((await get(`env/${name}`)).status).toBe(404);
});

test("a Cove of another version finds out whom it talks to, and ends it, at the paths that never move", async () => {
  await using sandbox = await homeSandbox();
  const home = orThrow(await ensureHome());
  const authorization = `Bearer ${readToken(sandbox.folder)}`;
  expect((await api(sandbox.port, "/api/health", {})).status).toBe(401);
  const told = await api(sandbox.port, "/api/health", { authorization });
  expect(JSON.parse(told.body)).toEqual(home.home);
  expect((await api(sandbox.port, "/api/v1/health", { authorization })).body).toBe(told.body);
  expect((await api(sandbox.port, "/api/stop", {}, "POST")).status).toBe(401);
  expect(await call(home.address, "POST", "/api/stop")).toEqual({ ok: true });
  expect(await gone(home.home)).toBe(true);
});

test("the API describes itself", async () => {
  await using sandbox = await homeSandbox();
  orThrow(await ensureHome());
  const headers = { authorization: `Bearer ${readToken(sandbox.folder)}` };
  const answer = await api(sandbox.port, "/api/v1/openapi.json", headers);
  const document = JSON.parse(answer.body) as {
    openapi: string;
    paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
    components: { schemas: Record<string, unknown> };
  };
  expect(document.openapi).toBe("3.1.0");
  expect(
    Object.entries(document.paths)
      .flatMap(([path, ways]) => Object.keys(ways).map((way) => `${way} ${path}`))
      .sort(),
  ).toEqual([
    "delete /api/v1/aliases/{name}",
    "delete /api/v1/breakpoints/{id}",
    "delete /api/v1/exchanges",
    "delete /api/v1/recordings/{name}",
    "delete /api/v1/stacks/{stack}/shape",
    "delete /api/v1/toxiproxy",
    "get /api/v1/audit",
    "get /api/v1/breakpoints",
    "get /api/v1/events",
    "get /api/v1/exchanges",
    "get /api/v1/exchanges/rows",
    "get /api/v1/exchanges/stream",
    "get /api/v1/exchanges/{id}",
    "get /api/v1/exchanges/{id}/as",
    "get /api/v1/exchanges/{id}/body",
    "get /api/v1/exchanges/{id}/diff",
    "get /api/v1/exchanges/{id}/trace",
    "get /api/v1/exchanges/{id}/why",
    "get /api/v1/guard",
    "get /api/v1/har",
    "get /api/v1/health",
    "get /api/v1/held",
    "get /api/v1/ports",
    "get /api/v1/recordings",
    "get /api/v1/snapshot",
    "get /api/v1/stacks/{stack}/logs",
    "get /api/v1/stacks/{stack}/services/{service}/env",
    "get /api/v1/stacks/{stack}/services/{service}/env/{name}",
    "get /api/v1/stacks/{stack}/services/{service}/logs",
    "get /api/v1/stacks/{stack}/services/{service}/url",
    "get /api/v1/stacks/{stack}/shape",
    "get /api/v1/telemetry/logs",
    "get /api/v1/telemetry/metrics",
    "post /api/v1/breakpoints",
    "post /api/v1/exchanges/{id}/replay",
    "post /api/v1/har",
    "post /api/v1/held/{id}",
    "post /api/v1/links",
    "post /api/v1/recordings",
    "post /api/v1/recordings/{name}/stop",
    "post /api/v1/stacks/{stack}/apply",
    "post /api/v1/stacks/{stack}/claim",
    "post /api/v1/stacks/{stack}/services/{service}/{action}",
    "post /api/v1/stacks/{stack}/shape/play",
    "post /api/v1/stacks/{stack}/{action}",
    "post /api/v1/stop",
    "put /api/v1/aliases/{name}",
    "put /api/v1/stacks/{stack}/shape",
    "put /api/v1/toxiproxy",
  ]);
  expect(Object.keys(document.components.schemas)).toEqual(
    expect.arrayContaining(["Snapshot", "Stack", "Service", "Edge", "Alias", "Fault", "Error", "LogLine", "Variable"]),
  );
});

test("ports and audit are what the machine says now, and are sent again only when they have changed", async () => {
  await using sandbox = await homeSandbox();
  orThrow(await ensureHome());
  const authorization = `Bearer ${readToken(sandbox.folder)}`;
  const look = async <T>(path: string) => {
    expect((await api(sandbox.port, path)).status).toBe(401);
    const answer = await api(sandbox.port, path, { authorization });
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, "application/json"]);
    return { told: JSON.parse(answer.body) as T, etag: String(answer.headers.etag) };
  };
  const open = createServer().listen(0, "0.0.0.0");
  await once(open, "listening");
  const { port } = open.address() as AddressInfo;
  try {
    const { told } = await look<PortsView>("/api/v1/ports");
    const [door] = told.listeners.filter((one) => one.port === sandbox.port && one.host === "127.0.0.1");
    expect(door).toMatchObject({ cove: { use: "door" }, exposure: "loopback", protocol: "tcp" });
    const own = told.listeners.find((one) => one.port === port && one.protocol === "tcp");
    expect(own).toMatchObject({ exposure: "everywhere", pids: [process.pid] });
    const audit = (await look<AuditView>("/api/v1/audit")).told;
    expect(audit.findings.find((one) => one.port === port)).toMatchObject({ where: `0.0.0.0:${port}` });
    expect(audit.looked.listeners).toBeGreaterThan(1);
  } finally {
    open.close();
  }
  // A sight is shared for a second.
  const gone = await eventually(async () => {
    const seen = await look<PortsView>("/api/v1/ports");
    return seen.told.listeners.some((one) => one.port === port && one.protocol === "tcp") ? undefined : seen;
  });
  const again = await api(sandbox.port, "/api/v1/ports", { authorization, "if-none-match": gone.etag });
  // Other tests' listeners come and go beside this one.
  expect([200, 304]).toContain(again.status);
  if (again.status === 304) expect(again.body).toBe("");
});

test("requests that make no sense get a fault, and home stays", async () => {
  await using sandbox = await homeSandbox();
  const home = orThrow(await ensureHome());
  const headers = { authorization: `Bearer ${readToken(sandbox.folder)}`, "content-type": "application/json" };
  for (const [method, path, body, code, status] of [
    ["PUT", "/api/v1/aliases/x", "{", "REQUEST_INVALID", 400],
    ["PUT", "/api/v1/aliases/x", `{"host":"127.0.0.1"}`, "REQUEST_INVALID", 400],
    ["PUT", "/api/v1/aliases/x", `{"host":"127.0.0.1","port":70000}`, "REQUEST_INVALID", 400],
    ["POST", "/api/v1/stacks/x/explode", "", "REQUEST_INVALID", 400],
    ["POST", "/api/v1/stacks/x/services/y/down", "", "REQUEST_INVALID", 400],
    ["GET", "/api/v1/stacks/x/logs?limit=-1", "", "REQUEST_INVALID", 400],
    ["GET", "/api/nothing", "", "USAGE", 404],
    ["GET", "/api/v1/nothing", "", "USAGE", 404],
    ["GET", "/api/v1/stacks/%E0%A4%A/logs", "", "STACK_UNKNOWN", 404],
  ] as const) {
    const answer = await ask(sandbox.port, HOST, { method, path, headers, body });
    expect([answer.status, errorOf(answer)], `${method} ${path}`).toEqual([status, code]);
  }
  expect(orThrow(await home.snapshot()).home.pid).toBe(home.home.pid);
});

test("a reader that stopped reading is dropped, and the rest goes on", { timeout: 60_000 }, async () => {
  await using _ = await homeSandbox();
  const home = orThrow(await ensureHome());
  await using stack = await testStack(() => hello("loud"));
  const headers = { authorization: `Bearer ${home.address.token}`, host: HOST };
  const stuck = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request({ socketPath: home.address.socket, path: "/api/v1/events", headers });
    sent.on("response", (response) => resolve(response.pause())).on("error", reject);
    sent.end();
  });
  const text = "x".repeat(10_000);
  for (let time = 1; time <= 60; time++) {
    const lines = Array.from({ length: 50 }, () => ({ service: "web", stream: "stdout" as const, time, text }));
    stack.link.send({ type: "log", lines });
    await eventually(async () =>
      orThrow(await home.logs("loud", null, { limit: 1 }))[0]?.time === time ? true : undefined,
    );
  }
  let bytes = 0;
  await new Promise<void>((resolve) => {
    stuck.on("error", () => {});
    stuck.on("close", resolve);
    stuck.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
    });
    stuck.resume();
  });
  // 30 MB were logged; what it got is the backlog's bound and what the system's own buffers held.
  expect(bytes).toBeLessThan(15 << 20);
});
