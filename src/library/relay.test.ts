import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratch } from "../../test/support/scratch.ts";
import { CoveError } from "../fault/fault.ts";
import { capture } from "./capture.ts";
import { bandwidth, latency, loss, profile, relay } from "./relay.ts";
import { openService } from "./service.fixture.ts";

const INDEX = new URL("../index.ts", import.meta.url).href;
const DOCS = new URL("../../docs/testing.md", import.meta.url);

const service = () => openService((_, response) => void response.end("hello"));

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

test("profiles' names, texts, data and both in a list, wherever conditions are given", async () => {
  using http = await service();
  await using edge = await relay({ to: http.port, conditions: "offline" });
  await expect(get(edge.url)).rejects.toThrow();
  edge.set("fios");
  expect(await get(edge.url)).toBe("hello");
  edge.set(["offline", latency({ ms: 1 })]);
  await expect(get(edge.url)).rejects.toThrow();
});

test.each<[unknown, string, RegExp]>([
  [undefined, "USAGE", /options must be an object, not undefined/],
  [5432, "USAGE", /options must be an object, not 5432/],
  [{}, "ADDRESS_INVALID", /to is missing/],
  [{ to: 70_000 }, "ADDRESS_INVALID", /to must name a port from 1 to 65535, not 70000/],
  [{ to: 0 }, "ADDRESS_INVALID", /not 0/],
  [{ to: 80.5 }, "ADDRESS_INVALID", /not 80.5/],
  [{ to: Number.NaN }, "ADDRESS_INVALID", /not NaN/],
  [{ to: "5432" }, "ADDRESS_INVALID", /to must be a port or an address, not "5432"/],
  [{ to: null }, "ADDRESS_INVALID", /not null/],
  [{ to: {} }, "ADDRESS_INVALID", /to.host must be a host, not undefined/],
  [{ to: { host: "127.0.0.1" } }, "ADDRESS_INVALID", /port from 1 to 65535, not undefined/],
  [{ to: { port: 1 } }, "ADDRESS_INVALID", /to.host must be a host/],
  [{ to: { path: "" } }, "ADDRESS_INVALID", /to.path must be a socket's path/],
  [{ to: { path: "/x", port: 1 } }, "ADDRESS_INVALID", /either a path or host and port/],
  [{ to: 1, host: "0.0.0.0" }, "ADDRESS_INVALID", /host must be a loopback address .*, not "0.0.0.0"/],
  [{ to: 1, host: "::" }, "ADDRESS_INVALID", /loopback/],
  [{ to: 1, host: "192.168.1.5" }, "ADDRESS_INVALID", /loopback/],
  [{ to: 1, host: "example.com" }, "ADDRESS_INVALID", /loopback/],
  [{ to: 1, host: 5 }, "ADDRESS_INVALID", /loopback/],
  [{ to: 1, port: -1 }, "ADDRESS_INVALID", /port must be a whole number from 0 to 65535, not -1/],
  [{ to: 1, port: "80" }, "ADDRESS_INVALID", /not "80"/],
  [{ to: 1, seed: 1.5 }, "USAGE", /seed must be/],
  [{ to: 1, seed: -1 }, "USAGE", /seed must be/],
  [{ to: 1, condition: "offline" }, "USAGE", /no option condition; did you mean "conditions"\?/],
  [{ to: 1, conditions: 5 }, "CONDITION_INVALID", /must be a text or a list, not 5/],
  [{ to: 1, conditions: "slow-3h" }, "CONDITION_INVALID", /no profile slow-3h/],
  [{ to: 1, conditions: [null] }, "CONDITION_INVALID", /not null/],
])("relay(%j) says what is wrong", async (options, code, expected) => {
  const failed = await relay(options as never).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(CoveError);
  expect(failed).toMatchObject({ code, hint: expect.stringMatching(/./), message: expect.stringMatching(expected) });
  // What is built on a relay checks the same.
  await expect(capture(options as never)).rejects.toMatchObject({ code });
});

test("capture's own options are checked as well", async () => {
  await expect(capture({ to: 1, protocol: "smtp" as never })).rejects.toMatchObject({ code: "USAGE" });
  await expect(capture({ to: 1, bodies: -1 })).rejects.toMatchObject({ code: "USAGE" });
  await expect(relay({ to: 1, bodies: 1 } as never)).rejects.toMatchObject({ code: "USAGE" });
});

test("other loopback addresses will do", async () => {
  using http = await service();
  for (const host of ["127.0.0.2", "::1", "localhost"]) {
    await using edge = await relay({ to: { host: "127.0.0.1", port: http.port }, host });
    expect(await get(edge.url)).toBe("hello");
  }
});

test("what is given later is checked, too, and a wrong scenario rejects", async () => {
  await using edge = await relay({ to: 1 });
  expect(() => edge.set("latency=soon")).toThrow(CoveError);
  expect(() => edge.set(undefined as never)).toThrow(/must be a text or a list, not undefined/);
  await expect(edge.play({ parts: "offline" } as never)).rejects.toMatchObject({ code: "CONDITION_INVALID" });
  await expect(edge.play(null as never)).rejects.toMatchObject({ code: "CONDITION_INVALID" });
  expect(() => profile("slow-3h")).toThrow(/did you mean slow-3g/);
});

test("another scenario, and closing, end the one that plays", async () => {
  const edge = await relay({ to: 1 });
  const long = { parts: [{ for: 60_000, conditions: "offline" }] };
  const first = edge.play(long);
  const second = edge.play(long);
  expect(await first).toBe(false);
  await edge.close();
  expect(await second).toBe(false);
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
