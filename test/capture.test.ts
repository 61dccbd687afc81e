import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import { coveSandbox, type Sandbox } from "./support/cove.ts";
import { ask, eventually } from "./support/door-request.ts";
import { scratch } from "./support/scratch.ts";

const require = createRequire(import.meta.url);

const API = `
const { Client } = require(process.env.PG);
const db = new Client({ connectionString: process.env.DATABASE_URL });
const ready = db.connect();
require("http").createServer(async (req, res) => {
  await ready;
  const { rows } = await db.query("select $1::text as tea, $2::int as cups", [req.headers["x-tea"] ?? "oolong", 2]);
  const body = JSON.stringify({ ...rows[0], path: req.url });
  res.writeHead(req.url === "/missing" ? 404 : 200, { "content-type": "application/json", "set-cookie": "sid=very-secret" });
  res.end(body);
}).listen(process.env.PORT, process.env.HOST);
`;
const WEB = `
require("http").createServer(async (req, res) => {
  const { traceparent } = req.headers;
  const headers = { ...(traceparent && { traceparent }), "x-tea": req.headers["x-tea"] ?? "green" };
  const answer = await fetch(process.env.API_URL + req.url, { headers });
  res.writeHead(answer.status, { "content-type": "application/json" });
  res.end(await answer.text());
}).listen(process.env.PORT, process.env.HOST);
`;

/** web → api → db, up. */
async function harbour(sandbox: Sandbox): Promise<string> {
  const cwd = scratch("capture");
  writeFileSync(join(cwd, "api.js"), API);
  writeFileSync(join(cwd, "web.js"), WEB);
  const env = { PG: require.resolve("pg") };
  const services = {
    db: { postgres: true },
    api: { command: ["node", "api.js"], needs: ["db"], env },
    web: { command: ["node", "web.js"], needs: ["api"] },
  };
  writeFileSync(join(cwd, "cove.json"), JSON.stringify({ name: "quay", services }));
  expect((await sandbox.cove(["up", "-d"], { cwd })).code).toBe(0);
  return cwd;
}

interface Line {
  readonly id: string;
  readonly short: string;
  readonly edge: string;
  readonly title: string;
  readonly status: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | null;
  readonly notes: readonly string[];
  readonly caller: { readonly process: { readonly pid: number; readonly program: string } | null };
}

const lines = (text: string): Line[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);

test("what is said in a stack is seen, shown, said again, kept and answered from", { timeout: 240_000 }, async () => {
  await using sandbox = await coveSandbox();
  const cwd = await harbour(sandbox);
  const cove = (...args: string[]) => sandbox.cove(args, { cwd });
  const watched = async (...filter: string[]) =>
    lines((await cove("watch", "--no-follow", "--json", "-n", "100", ...filter)).stdout);
  const headers = { authorization: "Bearer very-secret", "x-tea": "sencha" };
  await ask(sandbox.port, "web.quay.localhost", { path: "/tea?token=very-secret", headers });

  // One trace: browser, web, api, SQL, by the process that spoke.
  const trace = await eventually(async () => {
    const all = await watched("/tea");
    const one = all.find(({ edge }) => edge === "browser→web");
    const found = one === undefined ? [] : await watched(`trace:${one.traceId}`);
    return found.length === 3 ? found : undefined;
  });
  expect(trace.map(({ edge }) => edge)).toEqual(["browser→web", "web→api", "api→db"]);
  const [root, api, sql] = trace as [Line, Line, Line];
  expect(root).toMatchObject({ parentId: null, status: "200", title: "GET /tea?token=••••" });
  expect(api).toMatchObject({ parentId: root.spanId, status: "200" });
  expect(sql).toMatchObject({ parentId: api.spanId, status: "ok", title: "select $1::text as tea, $2::int as cups" });
  if (process.platform === "linux") expect(api.caller.process?.program).toBe("node");

  // All of one, credentials hidden unless asked for.
  const shown = (await cove("show", root.short)).stdout;
  expect(shown).toContain("GET http://web.quay.localhost");
  expect(shown).toContain('"tea": "sencha"');
  expect(shown).toMatch(/trace[\s\S]*browser→web[\s\S]* {2}web→api[\s\S]* {4}api→db/);
  expect(shown).not.toContain("very-secret");
  expect((await cove("show", root.short, "--reveal")).stdout).toContain("Bearer very-secret");
  expect((await cove("show", sql.short)).stdout).toMatch(/\$1 +sencha[\s\S]*SELECT 1/);
  const unknown = await cove("show", "ZZZZ");
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining("EXCHANGE_UNKNOWN")]);

  // Filters say what is wrong with them.
  expect(await watched("edge:api:db")).not.toHaveLength(0);
  expect(await watched("web", "status:404")).toEqual([]);
  const wrong = await cove("watch", "--no-follow", "ms:fast");
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining("FILTER_INVALID")]);

  // Said again, as it was and edited.
  const same = await cove("replay", root.short);
  expect(same.stdout).toMatch(/replay of .*\n[\s\S]*the answers are the same/);
  const other = await cove("replay", root.short, "--path", "/missing", "-H", "x-tea: assam", "--json");
  expect(JSON.parse(other.stdout)).toMatchObject({
    after: { status: "404", title: "GET /missing" },
    diff: { status: { before: expect.stringContaining("200"), after: expect.stringContaining("404") } },
  });
  const inner = await cove("replay", api.short, "--json");
  expect(JSON.parse(inner.stdout)).toMatchObject({ after: { edge: "web→api", status: "200" } });

  // As a command.
  const curl = (await cove("curl", root.short)).stdout;
  expect(curl).toContain("curl 'http://web.quay.localhost");
  expect(curl).not.toContain("very-secret");

  // Kept, and answered from by a stack of its own.
  expect((await cove("record", "tea", "web", "-d")).stdout).toContain("tea is running");
  await ask(sandbox.port, "web.quay.localhost", { path: "/kept", headers });
  await eventually(async () => ((await watched("web", "path:/kept")).length === 1 ? true : undefined));
  expect((await cove("record", "tea", "--stop")).stdout).toMatch(/tea is stopped: 1 exchange/);
  expect((await cove("record")).stdout).toMatch(/tea .*1 exchange.*service:web/);
  const mock = await sandbox.start(["mock", "--from", "tea", "--name", "tea"], { cwd });
  await mock.waitFor(/ready/);
  const answer = await ask(sandbox.port, "tea.localhost", { path: "/kept" });
  expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { tea: "sencha", cups: 2, path: "/kept" }]);
  expect((await ask(sandbox.port, "tea.localhost", { path: "/never" })).status).toBe(501);
  await mock.stop();

  // As an archive, and back.
  const file = join(cwd, "web.har");
  expect((await cove("har", "web", "-o", file)).code).toBe(0);
  const archive = readFileSync(file, "utf8");
  expect(archive).not.toContain("very-secret");
  const { log } = JSON.parse(archive) as { log: { entries: { request: { url: string } }[] } };
  expect(log.entries.length).toBeGreaterThanOrEqual(4);
  expect((await cove("har", "--import", file, "--json")).stdout).toContain(
    `"imported":${log.entries.length},"skipped":0,"reasons":[]`,
  );
  expect(await watched("stack:har", "path:/kept")).toHaveLength(1);
  const wild = join(cwd, "wild.har");
  const request = {
    method: "GET",
    url: "http://wild/",
    headers: [{ name: "x-wild", value: "\u001b]52;c;aGk=\u0007\u202e" }],
  };
  const entry = { startedDateTime: "2026-01-01T00:00:00Z", request };
  writeFileSync(
    wild,
    JSON.stringify({ log: { entries: [entry, { ...entry, request: { ...request, url: "\u001b[2J" } }] } }),
  );
  const taken = await cove("har", "--import", wild);
  expect(taken.stdout).toMatch(/^1 requests are there now/);
  expect(taken.stderr).toMatch(/^1 left out:\n {2}log\.entries\[1\]\.request\.url: must be a whole URL/);
  const [strange] = await watched("host:wild");
  const plain = (await cove("show", strange?.short ?? "")).stdout;
  expect(plain).toContain("x-wild: ␛]52;c;aGk=␇<U+202E>");
  expect((await cove("show", strange?.short ?? "", "--raw")).stdout).toContain("\u001b]52;c;aGk=\u0007\u202e");
  const none = await cove("har", "--import", "cove.json");
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining("HAR_INVALID")]);
});

test("what comes is told live, each trace as one", { timeout: 120_000 }, async () => {
  await using sandbox = await coveSandbox();
  const cwd = await harbour(sandbox);
  const watch = await sandbox.start(["watch", "-n", "0"], { cwd });
  await eventually(async () => {
    await ask(sandbox.port, "web.quay.localhost", { path: "/live" });
    await new Promise((resolve) => setTimeout(resolve, 300));
    return watch.output().includes("/live") ? true : undefined;
  });
  await ask(sandbox.port, "web.quay.localhost", { path: "/live" });
  await watch.waitFor(/browser→web .*GET \/live.*\n\S+ {4}web→api .*GET \/live.*\n\S+ {6}api→db .*select \$1/);
  expect(await watch.stop()).toBe(0);
});

test("capture: false writes nothing down, and what is skipped isn't there", { timeout: 120_000 }, async () => {
  await using sandbox = await coveSandbox();
  const cwd = scratch("capture-off");
  writeFileSync(
    join(cwd, "web.js"),
    "require('http').createServer((req, res) => res.end(req.headers.traceparent ?? 'none')).listen(process.env.PORT, process.env.HOST)",
  );
  const services = {
    quiet: { command: ["node", "web.js"], capture: false },
    loud: { command: ["node", "web.js"], capture: { skip: ["/health"], bodies: "1KB" } },
  };
  writeFileSync(join(cwd, "cove.json"), JSON.stringify({ name: "quay", services }));
  expect((await sandbox.cove(["up", "-d"], { cwd })).code).toBe(0);
  expect((await ask(sandbox.port, "quiet.quay.localhost")).body).toBe("none");
  for (const path of ["/health", "/health/db", "/health?deep=1"])
    expect((await ask(sandbox.port, "loud.quay.localhost", { path })).body).toBe("none");
  expect((await ask(sandbox.port, "loud.quay.localhost", { path: "/healthz" })).body).toMatch(/^00-/);
  expect((await ask(sandbox.port, "loud.quay.localhost", { path: "/x" })).body).toMatch(/^00-/);
  const all = lines((await sandbox.cove(["watch", "--no-follow", "--json"], { cwd })).stdout);
  expect(all.map(({ title }) => title)).toEqual(["GET /healthz", "GET /x"]);
});
