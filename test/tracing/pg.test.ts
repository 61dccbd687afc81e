import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratch } from "../support/scratch.ts";
import { askAll, tally, traceService } from "./traced-service.ts";
import { postgresUpstream } from "./upstreams.ts";

const require = createRequire(import.meta.url);

const API = `
const { Pool } = require(${JSON.stringify(require.resolve("pg"))});
const db = new Pool({ connectionString: process.env.DB_URL, max: 10 });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
require("http").createServer(async (req, res) => {
  const { pathname, searchParams } = new URL(req.url, "http://a");
  const id = searchParams.get("id");
  if (pathname === "/up") return res.end();
  try {
    await db.query("select 1 /* " + id + " */");
    await sleep(Math.random() * 4);
    await db.query("select $1::text", [id]);
    await new Promise((resolve, reject) => db.query({ name: "named", text: "select 2, $1::text", values: [id] }, (error) => {
      if (error) return reject(error);
      db.query("select 3 /* " + id + " */", (error) => error ? reject(error) : resolve());
    }));
    res.end("done");
  } catch (error) {
    res.statusCode = 500;
    res.end(String(error));
  }
}).listen(process.env.PORT, "127.0.0.1");
`;

async function service(broken?: "no preload" | "nobody reads" | "stalled") {
  const db = await postgresUpstream();
  const cwd = scratch("api");
  writeFileSync(join(cwd, "api.cjs"), API);
  return await traceService({
    ...{ command: [process.execPath, "api.cjs"], cwd },
    upstreams: { db },
    ...(broken !== undefined && { broken }),
  });
}

test("each statement of 200 requests at once is under its own", { timeout: 120_000 }, async () => {
  const api = await service();
  expect(await askAll(api.port, "/", 400, 200)).toBe(0);
  await expect.poll(() => tally(api.exchanges())).toEqual({ right: 1600, wrong: 0, guessed: 0 });
  expect(api.processes()).toMatchObject([{ runtime: "node", libraries: ["pg"] }]);
});

test.each(["no preload", "nobody reads", "stalled"] as const)(
  "nothing is claimed wrongly, and the service goes on: %s",
  { timeout: 120_000 },
  async (broken) => {
    const api = await service(broken);
    expect(await askAll(api.port, "/", 400, 200)).toBe(0);
    expect(tally(api.exchanges())).toEqual({ right: 0, wrong: 0, guessed: 1600 });
  },
);
