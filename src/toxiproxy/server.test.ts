import { expect, test } from "vitest";
import { orThrow } from "../fault/fault.ts";
import { openToxiproxy, type ToxiproxyOptions } from "./server.ts";

async function opened(options: ToxiproxyOptions = {}) {
  const server = orThrow(await openToxiproxy({ port: 0, ...options }));
  const base = `http://127.0.0.1:${server.address.port}`;
  const post = (path: string, body: unknown, method = "POST") =>
    fetch(`${base}${path}`, { method, body: typeof body === "string" ? body : JSON.stringify(body) });
  return { ...server, base, post, [Symbol.asyncDispose]: server.close };
}

test("changes that come at once are made one after another", async () => {
  await using server = await opened();
  const proxy = { name: "one", listen: "127.0.0.1:0", upstream: "127.0.0.1:1" };
  const made = await Promise.all(Array.from({ length: 8 }, () => server.post("/proxies", proxy)));
  expect(made.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 7 }, () => 409)]);
  const toxics = Array.from({ length: 20 }, (_, n) =>
    server.post("/proxies/one/toxics", { name: `t${n}`, type: "latency" }),
  );
  const toggles = Array.from({ length: 20 }, (_, n) => server.post("/proxies/one", { enabled: n % 2 === 1 }, "PATCH"));
  for (const { status } of await Promise.all([...toxics, ...toggles])) expect(status).toBe(200);
  const now = (await (await fetch(`${server.base}/proxies/one`)).json()) as { enabled: boolean; toxics: unknown[] };
  expect([now.enabled, now.toxics.length]).toEqual([true, 20]);
});

test("a body too large or not to be read is a client's error, and the server goes on", async () => {
  await using server = await opened();
  expect((await server.post("/proxies", " ".repeat(5 << 20))).status).toBe(413);
  expect((await server.post("/populate", '[{"name":"a"')).status).toBe(400);
  expect((await server.post("/proxies", '{"__proto__":{"name":"a"}}')).status).toBe(400);
  expect((await fetch(`${server.base}/proxies/%E0%A4%A`)).status).toBe(404);
  expect(await (await fetch(`${server.base}//proxies`)).text()).toBe("{}");
  expect((await fetch(`${server.base}/reset`)).headers.get("allow")).toBe("POST");
});

test("who isn't let in is reset", async () => {
  await using server = await opened({ admit: () => null });
  await expect(fetch(`${server.base}/version`)).rejects.toThrow("fetch failed");
});

test("exposed, a name that leads here may be asked for; pages still may not", async () => {
  await using server = await opened({ expose: true });
  const made = await server.post("/proxies", { name: "wide", listen: ":0", upstream: "127.0.0.1:1" });
  expect(await made.json()).toMatchObject({ listen: expect.stringMatching(/^\[::\]:\d+$/) });
  const page = await fetch(`${server.base}/proxies`, { headers: { origin: "http://localhost" } });
  expect(page.status).toBe(403);
});
