import { writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { scratch } from "../support/scratch.ts";
import { askAll, tally, traceService, type Upstream } from "./traced-service.ts";
import { postgresUpstream } from "./upstreams.ts";

const require = createRequire(import.meta.url);
const resolved = (name: string) => JSON.stringify(require.resolve(name));

/** Reads a body, then asks the database, and `next` in several ways. */
const WORK = `
const { Pool } = require(${resolved("pg")});
const db = new Pool({ connectionString: process.env.DB_URL, max: 10 });
const next = process.env.NEXT_URL;
const viaHttp = (id) => new Promise((done, failed) => require("http").get(next + "?http=" + id, (r) => r.resume().on("end", done)).on("error", failed));
async function work(id) {
  await db.query("select 1 /* " + id + " */");
  await Promise.all([viaHttp(id), fetch(next + "?fetch=" + id).then((r) => r.text()), viaHttp(id)]);
  await db.query("select 2 /* " + id + " */");
}
`;

const SERVERS = {
  express: `const app = require(${resolved("express")})();
app.get("/up", (_, res) => res.end());
app.get("/", async (req, res, next) => { try { await work(req.query.id); res.send("done"); } catch (error) { next(error); } });
app.listen(process.env.PORT, "127.0.0.1");`,
  fastify: `const app = require(${resolved("fastify")})();
app.get("/up", async () => "");
app.get("/", async (req) => { await work(req.query.id); return "done"; });
app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });`,
  "a body, by callbacks": `require("http").createServer((req, res) => {
  const { pathname, searchParams } = new URL(req.url, "http://a");
  if (pathname === "/up") return res.end();
  req.on("data", () => {}).on("end", () => db.query("select 0 /* " + searchParams.get("id") + " */", () =>
    work(searchParams.get("id")).then(() => res.end("done"), (error) => { res.statusCode = 500; res.end(String(error)); })));
}).listen(process.env.PORT, "127.0.0.1");`,
};

/** The next service: it keeps the headers that it got. */
async function nextService(): Promise<Upstream & { readonly got: IncomingHttpHeaders[] }> {
  const got: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    got.push(request.headers);
    response.end("ok");
  });
  await new Promise<void>((listening) => void server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { to: { host: "127.0.0.1", port }, protocol: "http", url: `http://127.0.0.1:${port}/`, got };
}

test.each(Object.entries(SERVERS))(
  "calls and statements of 200 requests at once are under theirs: %s",
  {
    timeout: 120_000,
  },
  async (_, server) => {
    const next = await nextService();
    const cwd = scratch("api");
    writeFileSync(join(cwd, "api.cjs"), WORK + server);
    const upstreams = { db: await postgresUpstream(), next };
    const api = await traceService({ command: [process.execPath, "api.cjs"], cwd, upstreams });
    expect(await askAll(api.port, "/", 200, 200), api.output()).toBe(0);
    const statements = server.includes("select 0") ? 3 : 2;
    const right = 200 * (statements + 3);
    await expect.poll(() => tally(api.exchanges())).toEqual({ right, wrong: 0, guessed: 0 });
    // Each call has a span of its own.
    expect(new Set(next.got.map(({ traceparent }) => traceparent)).size).toBe(600);
  },
);

test("a third party gets no header, and a program's own header stays", { timeout: 120_000 }, async () => {
  const [edge, other] = [await nextService(), await nextService()];
  const cwd = scratch("api");
  writeFileSync(
    join(cwd, "api.cjs"),
    `const http = require("http");
const own = { traceparent: "00-" + "9".repeat(32) + "-" + "8".repeat(16) + "-01" };
const get = (url, headers) => new Promise((done, failed) => http.get(url, { headers }, (r) => r.resume().on("end", done)).on("error", failed));
http.createServer(async (req, res) => {
  if (req.url === "/up") return res.end();
  await get(process.env.OTHER, {}); await fetch(process.env.OTHER);
  await get(process.env.EDGE_URL, own); await fetch(process.env.EDGE_URL, { headers: own });
  res.end();
}).listen(process.env.PORT, "127.0.0.1");
fetch(process.env.EDGE_URL);`,
  );
  const command = [process.execPath, "api.cjs"];
  const api = await traceService({ command, cwd, upstreams: { edge }, env: { OTHER: other.url } });
  expect(await askAll(api.port, "/", 1, 1), api.output()).toBe(0);
  const said = ({ traceparent, tracestate }: IncomingHttpHeaders) => [traceparent, tracestate];
  expect(other.got.map(said)).toEqual(Array(2).fill([undefined, undefined]));
  const own = `00-${"9".repeat(32)}-${"8".repeat(16)}-01`;
  // The first is sent at the program's start, for no request.
  expect(edge.got.map(said)).toEqual([
    [undefined, undefined],
    [own, undefined],
    [own, undefined],
  ]);
});
