import type { RequestListener } from "node:http";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { capture } from "./capture.ts";
import { openService } from "./service.fixture.ts";

const echo: RequestListener = (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    response.setHeader("content-type", "application/json");
    response.statusCode = request.url === "/missing" ? 404 : 200;
    response.end(JSON.stringify({ path: request.url, got: Buffer.concat(chunks).toString() }));
  });
};

test("requests and answers of a test, in order", async () => {
  using http = await openService(echo);
  await using api = await capture({ to: http.port });
  await fetch(`${api.url}/a?x=1`, { headers: { "x-tag": "one" } }).then((answer) => answer.text());
  await fetch(`${api.url}/b`, { method: "POST", body: JSON.stringify({ tea: 2 }) }).then((answer) => answer.text());
  await fetch(`${api.url}/missing`).then((answer) => answer.text());
  await api.settled(3);
  expect(api.requests).toHaveLength(3);
  const [first, second, third] = api.requests;
  expect(first).toMatchObject({ method: "GET", path: "/a?x=1", body: "", headers: { "x-tag": "one" }, error: null });
  expect(second?.json()).toEqual({ tea: 2 });
  expect(second?.response?.json()).toEqual({ path: "/b", got: '{"tea":2}' });
  expect(third?.response).toMatchObject({ status: 404, headers: { "content-type": "application/json" } });
  expect(third?.ms).toBeGreaterThan(0);
  api.forget();
  expect(api.requests).toEqual([]);
});

test("what got no answer says why", async () => {
  using http = await openService((request) => request.socket.destroy());
  await using api = await capture({ to: http.port });
  await expect(fetch(`${api.url}/gone`)).rejects.toThrow();
  await api.settled(1);
  expect(api.requests[0]).toMatchObject({ path: "/gone", response: null, error: { code: "closed" } });
  await expect(api.settled(5, { timeout: 20 })).rejects.toThrow("1 of 5 exchanges were over after 20 ms");
});

test("bodies are kept up to a limit, and pass whole", async () => {
  using http = await openService((_, response) => response.end(Buffer.alloc(300_000, "x")));
  await using api = await capture({ to: http.port, bodies: 1_000 });
  expect((await fetch(api.url).then((answer) => answer.text())).length).toBe(300_000);
  await api.settled(1);
  expect(api.requests[0]?.response?.body).toBe("x".repeat(1_000));
});

test("compressed bodies are read as what they say", async () => {
  using http = await openService((_, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
    response.end(gzipSync(JSON.stringify({ tea: "sencha" })));
  });
  await using api = await capture({ to: http.port });
  expect(await fetch(api.url).then((answer) => answer.json())).toEqual({ tea: "sencha" });
  await api.settled(1);
  expect(api.requests[0]?.response?.json()).toEqual({ tea: "sencha" });
});
