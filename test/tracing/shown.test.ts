import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import { coveSandbox } from "../support/cove.ts";
import { ask, eventually } from "../support/door-request.ts";
import { scratch } from "../support/scratch.ts";

const require = createRequire(import.meta.url);

const API = `
if (process.env.PG) require(process.env.PG);
require("http").createServer(async (req, res) => {
  const { pathname } = new URL(req.url, "http://a");
  if (pathname === "/fan") await Promise.all([1, 2, 3].map((n) => fetch(process.env.PAGES_URL + "/" + n + ".txt").then((r) => r.text())));
  res.end("done");
}).listen(process.env.PORT, process.env.HOST);
`;

interface Line {
  readonly edge: string;
  readonly title: string;
  readonly how: string;
  readonly traceId: string;
  readonly parentId: string | null;
  readonly spanId: string;
}

test("it is said which services report, and why others don't; calls are under their requests", {
  timeout: 120_000,
}, async () => {
  await using sandbox = await coveSandbox();
  const cwd = scratch("shown");
  mkdirSync(join(cwd, "pages"));
  for (const n of [1, 2, 3]) writeFileSync(join(cwd, "pages", `${n}.txt`), "x");
  writeFileSync(join(cwd, "api.js"), API);
  const services = {
    pages: { files: "pages" },
    api: { command: ["node", "api.js"], needs: ["pages"], env: { PG: require.resolve("pg") } },
    calls: { command: ["node", "api.js"], needs: ["pages"] },
    quiet: { command: ["node", "api.js"], needs: ["pages"], trace: "off" },
  };
  writeFileSync(join(cwd, "cove.json"), JSON.stringify({ name: "shown", services }));
  expect((await sandbox.cove(["up", "-d"], { cwd })).code).toBe(0);

  const texts = await eventually(async () => {
    const { stdout } = await sandbox.cove(["doctor", "--json"], { cwd });
    const { checks } = JSON.parse(stdout) as { checks: { check: string; text: string }[] };
    const told = checks.filter(({ check }) => check === "traces").map(({ text }) => text);
    return told.filter((text) => text.includes("reported by")).length === 2 ? told : undefined;
  });
  expect(texts).toEqual([
    expect.stringMatching(/^api in shown: reported by node [\d.]+ \(pid \d+\): pg$/),
    expect.stringMatching(/^calls in shown: reported by node [\d.]+ \(pid \d+\), by traceparent$/),
    "quiet in shown: guessed by time: trace is off in the config",
  ]);

  await Promise.all(Array.from({ length: 8 }, () => ask(sandbox.port, "calls.shown.localhost", { path: "/fan" })));
  const lines = await eventually(async () => {
    const { stdout } = await sandbox.cove(["watch", "--no-follow", "--json", "-n", "100"], { cwd });
    const all = stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Line]));
    return all.filter(({ edge }) => edge === "calls→pages").length === 24 ? all : undefined;
  });
  const requests = new Map(
    lines.filter(({ title }) => title === "GET /fan").map(({ spanId, traceId }) => [spanId, traceId]),
  );
  const calls = lines.filter(({ edge }) => edge === "calls→pages");
  for (const { how, parentId, traceId } of calls) {
    expect([how, requests.get(parentId ?? "")]).toEqual(["header", traceId]);
  }
  const counts = [...requests.keys()].map((spanId) => calls.filter(({ parentId }) => parentId === spanId).length);
  expect(counts).toEqual(Array(8).fill(3));
});
