import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { connectHome } from "../../src/home/client/client.ts";
import { ask } from "../support/door-request.ts";
import { type Harbour, harbour } from "./harbour.ts";

/**
 * Attacks by what is sent, without a browser. Smuggling (CL+TE, bare LF, chunk sizes and two hundred more) is in
 * `test/door-hostile.test.ts` and `test/door-differential.test.ts`; the dashboard's cookie for foreign pages, ports and
 * names in `src/home/api.test.ts`; other users and squatters in `peers.test.ts`; pages in `browser.test.ts`.
 */
let cove: Harbour;

beforeAll(async () => {
  // What another proxy was seen to hand its children, and what a shell may have set.
  cove = await harbour({ env: { HOST: "0.0.0.0", HOSTNAME: "0.0.0.0", BIND: "0.0.0.0" } });
}, 120_000);
afterAll(async () => await cove?.[Symbol.asyncDispose](), 120_000);

test("forged forwarding fields end at the door, in any spelling", async () => {
  const forged = {
    "x-forwarded-for": "203.0.113.9",
    "X-Forwarded-Host": "bank.example",
    "x-forwarded-proto": "https",
    "x-forwarded-port": "443",
    "x-forwarded-server": "bank.example",
    "x-real-ip": "203.0.113.9",
    forwarded: "for=203.0.113.9;host=bank.example",
    // A CGI-like service takes these for the ones above.
    X_Forwarded_For: "203.0.113.9",
    x_forwarded_host: "bank.example",
    "x-forwarded_proto": "https",
    X_Real_IP: "203.0.113.9",
  };
  expect((await ask(cove.port, "api.shop.localhost", { path: "/forged", headers: forged })).status).toBe(200);
  const seen = (await cove.seen("api")).find(({ what }) => what === "GET /forged");
  const told = JSON.stringify(seen?.headers);
  expect(told).not.toMatch(/203\.0\.113\.9|bank\.example|"https"|"443"/);
  expect(Object.keys(seen?.headers ?? {}).filter((name) => name.includes("_"))).toEqual([]);
  expect(seen?.headers).toMatchObject({
    "x-forwarded-for": "127.0.0.1",
    "x-forwarded-host": `api.shop.localhost:${cove.port}`,
    "x-forwarded-proto": "http",
  });
});

test("a name is the door's only with the door's port, on every route", async () => {
  const authorization = `Bearer ${cove.token()}`;
  for (const [host, path] of [
    ["api.shop.localhost", "/"],
    ["cove.localhost", "/api/v1/snapshot"],
    ["cove.localhost", "/api/v1/events"],
    ["127.0.0.1", "/api/v1/health"],
  ] as const) {
    const headers = { host: `${host}:${cove.port + 1}`, authorization };
    expect((await ask(cove.port, host, { path, headers })).status, `${host} ${path}`).toBe(421);
  }
});

test("what one client hides in its body is nobody's request, and no answer goes to another client", async () => {
  const hidden = "GET /smuggled HTTP/1.1\r\nHost: api.shop.localhost\r\n\r\n";
  // Upstream connections are kept and shared one after the other: many clients meet on few of them.
  const clients = Array.from({ length: 60 }, async (_, n) => {
    const attacker = n % 2 === 0;
    const path = attacker ? `/env?attacker=${n}` : `/bundle.js?client=${n}`;
    const { status, body } = attacker
      ? await ask(cove.port, "api.shop.localhost", { method: "POST", path, body: hidden.repeat(3) })
      : await ask(cove.port, "web.shop.localhost", { path });
    return [attacker, status, body.includes("the secret")];
  });
  const answers = await Promise.all(clients);
  expect(answers.every(([, status, whole]) => status === 200 && whole === true)).toBe(true);
  const seen = [...(await cove.seen("api")), ...(await cove.seen("web"))].map(({ what }) => what);
  expect(seen.filter((what) => what.includes("smuggled"))).toEqual([]);
  expect(seen.filter((what) => /attacker=|client=/.test(what))).toHaveLength(60);
});

test("a service's HSTS doesn't leave the door, and other sites' pages are kept from what it serves", async () => {
  const { headers } = await ask(cove.port, "api.shop.localhost", { path: "/" });
  expect(headers["strict-transport-security"]).toBeUndefined();
  expect(headers["cross-origin-resource-policy"]).toBe("same-site");
  // The config lets a foreign page in: it may have elements too.
  const friendly = await ask(cove.port, "friendly.shop.localhost", { path: "/" });
  expect(friendly.headers["cross-origin-resource-policy"]).toBeUndefined();
});

test("children are told 127.0.0.1, whatever the shell says", async () => {
  for (const service of ["api", "web", "friendly"]) {
    const { body } = await ask(cove.port, `${service}.shop.localhost`, { path: "/env" });
    expect(JSON.parse(body)).toEqual({ HOST: "127.0.0.1", args: [] });
  }
});

test("the token can't be guessed: wrong ones are refused, slowly after the first few, and shut nobody out", async () => {
  const token = cove.token();
  const guess = (authorization: string | undefined, path = "/api/v1/snapshot") =>
    ask(cove.port, "cove.localhost", { path, headers: authorization === undefined ? {} : { authorization } });
  const near = `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`;
  const wrong = ["", "Bearer", "Bearer ", `Bearer ${near}`, `Bearer ${token}x`, `Bearer ${token.slice(0, -1)}`, token];
  for (const text of wrong) {
    const { status, body } = await guess(text === "" ? undefined : text);
    expect(status, text).toBe(401);
    expect(body).not.toContain(token);
  }
  const began = performance.now();
  const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => guess(`Bearer guess-${n}`)));
  expect(answers.every(({ status }) => status === 401)).toBe(true);
  expect(performance.now() - began).toBeGreaterThan(900);
  expect((await guess(`Bearer ${token}`)).status).toBe(200);
  expect((await guess("Bearer guess", "/api/v1/stop")).status).toBe(401);

  const { refusals } = await cove.guard();
  expect(refusals.filter(({ check }) => check === "token").length).toBeGreaterThan(0);
  expect(JSON.stringify(refusals)).not.toContain(near);
  // A flood is one line, not the end of all others.
  expect(refusals.find(({ what }) => what === "GET /api/v1/snapshot")?.count).toBeGreaterThan(100);
});

test("a refusal says what, why and how to allow it, as a page or as JSON", async () => {
  const headers = { origin: "https://app.example" };
  const json = await ask(cove.port, "api.shop.localhost", { method: "POST", path: "/x?a=1", headers });
  expect(json.status).toBe(403);
  expect(json.headers["access-control-allow-origin"]).toBeUndefined();
  expect(JSON.parse(json.body).error).toMatchObject({
    fault: "CROSS_SITE",
    message: expect.stringContaining("https://app.example"),
    hint: expect.stringContaining('guard: { origins: ["https://app.example"] }'),
  });
  const page = await ask(cove.port, "api.shop.localhost", {
    method: "POST",
    headers: { ...headers, accept: "text/html" },
  });
  expect(page.body).toContain("guard: { origins: [&quot;https://app.example&quot;] }");
  const [last] = (await cove.guard()).refusals;
  expect(last).toMatchObject({ check: "cross-site", service: "shop/api", what: expect.stringContaining("POST /") });
  expect(last?.what).not.toContain("a=1");
});

test("a thousand connections with endless heads leave the door to others", { timeout: 60_000 }, async () => {
  const slow: Socket[] = [];
  onTestFinished(() => {
    for (const socket of slow) socket.destroy();
  });
  const open = () =>
    new Promise<void>((resolve) => {
      const socket = connect(cove.port, "127.0.0.1", () => {
        socket.write("GET / HTTP/1.1\r\nHost: api.shop.localhost\r\n");
        resolve();
      });
      socket.on("error", () => resolve());
      slow.push(socket);
    });
  for (let batch = 0; batch < 20; batch++) await Promise.all(Array.from({ length: 50 }, open));
  for (let round = 0; round < 5; round++) {
    for (const socket of slow) socket.write(`X-${round}: drip\r\n`);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ask(cove.port, "api.shop.localhost", { path: "/good" })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
  }
  expect(slow.filter(({ destroyed }) => !destroyed).length).toBe(1_000);
});

/** Last of all: it ends home. */
test("a stop leaves no listener, socket or file that lets anyone in", async () => {
  const { services = [], edges = [] } = (await cove.snapshot()).stacks[0] ?? {};
  const ports = [
    cove.port,
    ...services.map(({ address }) => address.port),
    ...edges.map(({ address }) => address.port),
  ];
  expect(ports.length).toBeGreaterThan(4);
  expect((await cove.sandbox.cove(["stop", "--yes"])).code).toBe(0);
  const left = await Promise.all(
    ports.flatMap((port) =>
      ["127.0.0.1", "::1"].map((host) => answers(host, port).then((is) => (is ? `${host} ${port}` : null))),
    ),
  );
  expect(left.filter((one) => one !== null)).toEqual([]);
  vi.stubEnv("COVE_HOME", cove.sandbox.home);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await connectHome()).toBeNull();
});

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
