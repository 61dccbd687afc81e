import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scratch } from "../test/support/scratch.ts";
import { orThrow } from "./fault/fault.ts";
import { CoveError } from "./index.ts";
import { openLeases } from "./lease/leases.ts";
import { lease } from "./library/lease.ts";
import { openState } from "./state/state.ts";

const before = process.env.COVE_HOME;
beforeAll(() => {
  delete process.env.COVE_HOME;
});
afterAll(() => {
  if (before !== undefined) process.env.COVE_HOME = before;
});

/** A state folder of the test's own. */
function ownState(): string {
  const folder = scratch("library");
  process.env.COVE_HOME = folder;
  return folder;
}

function held(folder: string): number {
  const state = orThrow(openState({ folder }));
  try {
    return openLeases(state).list().length;
  } finally {
    state.close();
  }
}

test("a test takes an address that it can listen on, and gives it up at the end of its block", async () => {
  const folder = ownState();
  {
    using at = await lease();
    using other = await lease();
    expect(at.port).not.toBe(other.port);
    expect(`${at}`).toBe(`127.0.0.1:${at.port}`);
    const server = createServer().listen(at.port, at.host);
    await once(server, "listening");
    server.close();
    expect(held(folder)).toBe(2);
  }
  expect(held(folder)).toBe(0);
});

test("a named lease stays from run to run, until it is released", async () => {
  const folder = ownState();
  const first = await lease("api");
  first[Symbol.dispose]();
  const again = await lease("api");
  expect(again.port).toBe(first.port);
  again.release();
  expect(held(folder)).toBe(0);
});

test("what a process leaves is given up when it exits; many leases are no burden", () => {
  const folder = ownState();
  const index = fileURLToPath(new URL("index.ts", import.meta.url));
  const code = `const { lease } = await import(${JSON.stringify(index)});
    const all = await Promise.all(Array.from({ length: 30 }, () => lease()));
    await lease("kept");
    console.log(new Set(all.map(String)).size);`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" });
  expect([stdout, stderr]).toEqual(["30\n", ""]);
  expect(held(folder)).toBe(1);
});

test("what can't be is thrown, with its code", async () => {
  ownState();
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const refused = await lease("x", { port }).catch((error: unknown) => error);
  server.close();
  expect(refused).toBeInstanceOf(CoveError);
  expect(refused).toMatchObject({ code: "PORT_TAKEN", detail: { port, pid: process.pid } });
});
