import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratch } from "../../test/support/scratch.ts";
import { CoveError } from "../fault/fault.ts";
import { bandwidth, latency, loss, profile, relay } from "./relay.ts";

const INDEX = new URL("../index.ts", import.meta.url).href;
const DOCS = new URL("../../docs/testing.md", import.meta.url);

async function service() {
  const server = createServer((_, response) => response.end("hello"));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.dispose]: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const get = async (url: string) => (await fetch(url, { headers: { connection: "close" } })).text();

test("a relay in a test: shaped, changed, cleared, counted and closed", async () => {
  using http = await service();
  await using edge = await relay({ to: http.port, conditions: [latency({ ms: 60, jitter: 10 })], seed: 7 });
  const start = performance.now();
  expect(await get(edge.url)).toBe("hello");
  expect(performance.now() - start).toBeGreaterThanOrEqual(50);
  edge.set("refuse");
  await expect(get(edge.url)).rejects.toThrow();
  edge.clear();
  expect(await get(edge.url)).toBe("hello");
  edge.set([...profile("cable"), bandwidth({ rate: 1e6 }), loss({ rate: 0.01 })]);
  expect(await get(edge.url)).toBe("hello");
  expect(edge.stats()).toMatchObject({ accepted: 4 });
  expect(edge.stats().bytesDown).toBeGreaterThan(100);
  expect(edge.seed).toBe(7);
  expect(edge.url).toBe(`http://127.0.0.1:${edge.port}`);
});

test("a scenario plays to its end and leaves no conditions", async () => {
  using http = await service();
  await using edge = await relay({ to: http.port });
  const playing = edge.play({ parts: [{ for: 150, conditions: "offline" }] });
  await expect(get(edge.url)).rejects.toThrow();
  expect(await playing).toBe(true);
  expect(await get(edge.url)).toBe("hello");
});

test("what can't be is thrown, with its code", async () => {
  expect(() => latency({ ms: -1 })).toThrow(CoveError);
  await expect(relay({ to: 1, conditions: "latency=soon" })).rejects.toMatchObject({ code: "CONDITION_INVALID" });
});

test("the documentation's example runs, in node:test", { timeout: 60_000 }, () => {
  const [, example = ""] = /```ts\n(import assert[\s\S]*?)```/.exec(readFileSync(DOCS, "utf8")) ?? [];
  const file = join(scratch("documentation"), "retry.test.mts");
  writeFileSync(file, example.replace('from "cove"', `from ${JSON.stringify(INDEX)}`));
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--test", file], { encoding: "utf8", env });
  expect([status, stderr], stdout).toEqual([0, ""]);
  expect(stdout).toMatch(/pass 4/);
});
