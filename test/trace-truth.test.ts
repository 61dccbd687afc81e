import { writeFileSync } from "node:fs";
import { request } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { ExchangeSummary } from "../src/inspect/summary.ts";
import { coveSandbox } from "./support/cove.ts";
import { ask, eventually } from "./support/door-request.ts";
import { scratch } from "./support/scratch.ts";

const require = createRequire(import.meta.url);

/**
 * Each statement tells in a comment which request it is of: what is drawn as a fact can be compared with that. What has no
 * request is of `job`.
 */
const API = `
const { Pool } = require(process.env.PG);
const db = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const say = (of, sql = "select count(*) from pg_class") => db.query(sql + " /* of " + of + " */");
let jobs = 0;
setInterval(() => jobs-- > 0 && say("job", "select 'job' as job, 1").catch(() => {}), 15).unref();
require("http").createServer(async (req, res) => {
  const { pathname, searchParams } = new URL(req.url, "http://a");
  const of = searchParams.get("of");
  if (pathname === "/jobs") jobs = Number(searchParams.get("n"));
  else if (pathname === "/slow") {
    // Nobody waits for it any more, and it goes on.
    await say(of, "select 'slow' as first, pg_sleep(0.15)");
    for (let n = 0; n < 4; n++) await say(of, "select 'slow' as then, " + n), await sleep(20);
  } else if (pathname === "/later") {
    res.end("soon");
    await sleep(30);
    return say(of, "select 'after the response' as audit");
  } else if (pathname === "/transaction") {
    const one = await db.connect();
    for (const sql of ["begin", "select 1 as a", "select 2 as b", "commit"]) await one.query(sql + " /* of " + of + " */"), await sleep(10);
    one.release();
  } else {
    for (let n = 0; n < Number(searchParams.get("n") ?? 3); n++) {
      await say(of, "select pg_sleep(" + Math.random() / 100 + ")");
      if (n % 2 === 0) await sleep(Math.random() * 8);
    }
  }
  res.end("done");
}).listen(process.env.PORT, process.env.HOST);
`;

interface Tally {
  /** Statements that are said to be of a request. */
  facts: number;
  wrong: number;
  guesses: number;
  /** Guesses that don't name the request that it was. */
  missed: number;
  none: number;
  /** Statements that were sent for no request. */
  jobs: number;
}

function tally(all: readonly ExchangeSummary[]): Tally {
  const ofRequest = new Map(all.map(({ spanId, title }) => [spanId, /[?&]of=(\w+)/.exec(title)?.[1] ?? null]));
  const found: Tally = { facts: 0, wrong: 0, guesses: 0, missed: 0, none: 0, jobs: 0 };
  for (const { to, title, how, parentId, guess } of all) {
    const of = /\/\* of (\w+) \*\//.exec(title)?.[1];
    if (to !== "db" || of === undefined) continue;
    if (of === "job") found.jobs++;
    if (how === "likely") {
      found.guesses++;
      const named = guess?.candidates.map(({ spanId }) => ofRequest.get(spanId)) ?? [];
      if (guess?.orNone !== true && named.length > 0 && !named.includes(of)) found.missed++;
    } else if (parentId === null) found.none++;
    else {
      found.facts++;
      if (ofRequest.get(parentId) !== of) found.wrong++;
    }
  }
  return found;
}

/** What is said of statements under several loads. `trace`: whether the service reports itself whose they are. */
async function toldOf(trace: "auto" | "off"): Promise<Record<string, Tally>> {
  await using sandbox = await coveSandbox();
  const cwd = scratch("truth");
  writeFileSync(join(cwd, "api.js"), API);
  const services = {
    db: { postgres: true },
    api: { command: ["node", "api.js"], needs: ["db"], env: { PG: require.resolve("pg") } },
  };
  writeFileSync(join(cwd, "cove.json"), JSON.stringify({ name: "truth", services }));
  expect((await sandbox.cove(["up", "-d"], { cwd, env: { COVE_TRACE: trace } })).code).toBe(0);
  let requests = 0;
  const get = async (path: string) => {
    const sign = path.includes("?") ? "&" : "?";
    return await ask(sandbox.port, "api.truth.localhost", { path: `${path}${sign}of=r${++requests}` });
  };
  let seen = 0;
  /** What came since the last call, once all of it is over. */
  const since = async (): Promise<Tally> =>
    await eventually(async () => {
      const { stdout } = await sandbox.cove(["watch", "--no-follow", "--json", "-n", "500"], { cwd });
      const all = stdout.split("\n").filter((line) => line !== "");
      const fresh = all.map((line) => JSON.parse(line) as ExchangeSummary).filter(({ seq }) => seq > seen);
      if (fresh.length === 0 || fresh.some(({ ms }) => ms === null)) return undefined;
      seen = Math.max(...fresh.map(({ seq }) => seq));
      return tally(fresh);
    });
  const told: Record<string, Tally> = {};

  for (let n = 0; n < 8; n++) await get("/one");
  told["one after the other"] = await since();
  for (let n = 0; n < 5; n++)
    await Promise.all(Array.from({ length: 6 }, (_, k) => get(`/part/${k}?n=${1 + (k % 4)}`)));
  told["page loads, 6 at once"] = await since();
  await Promise.all(Array.from({ length: 40 }, (_, k) => get(`/many?n=${3 + (k % 3)}`)));
  told["40 at once"] = await since();
  for (let n = 0; n < 5; n++) await get("/transaction");
  told.transactions = await since();
  // A client that leaves: its request is still worked on while others come.
  const slow = request({ host: "127.0.0.1", port: sandbox.port, path: `/slow?of=r${++requests}` });
  slow.setHeader("host", `api.truth.localhost:${sandbox.port}`);
  slow.on("error", () => {});
  slow.end();
  await sleep(80);
  slow.destroy();
  await sleep(20);
  for (let n = 0; n < 6; n++) await get("/one");
  told["beside an abandoned one"] = await since();
  // What was seen without a request is no fact under one: a timer's, and what follows a response.
  await get("/jobs?n=2");
  await get("/later");
  await sleep(150);
  await since();
  await get("/jobs?n=30");
  for (let n = 0; n < 4; n++) {
    await get("/later");
    await get("/one");
  }
  told["beside timers"] = await since();

  return told;
}

test("no statement is drawn under a request that didn't send it", { timeout: 240_000 }, async () => {
  const told = await toldOf("off");
  expect(told["one after the other"]).toEqual({ facts: 24, wrong: 0, guesses: 0, missed: 0, none: 0, jobs: 0 });
  for (const [name, { wrong, missed }] of Object.entries(told)) expect([name, wrong, missed]).toEqual([name, 0, 0]);
  expect(told["40 at once"]?.guesses).toBeGreaterThan(100);
});

test("each is drawn under the one that sent it, where the service reports that", { timeout: 240_000 }, async () => {
  const told = await toldOf("auto");
  expect(told["beside timers"]?.jobs).toBeGreaterThan(0);
  for (const [name, { wrong, guesses, none, jobs }] of Object.entries(told)) {
    expect([name, wrong, guesses, none]).toEqual([name, 0, 0, jobs]);
  }
});
