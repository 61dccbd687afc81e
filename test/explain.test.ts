import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { callGuard } from "../src/confine/calls/launch.ts";
import { isFault } from "../src/fault/fault.ts";
import { coveSandbox, type Sandbox } from "./support/cove.ts";
import { scratch } from "./support/scratch.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await coveSandbox();
});
afterAll(() => sandbox[Symbol.asyncDispose]());

async function json(...args: string[]) {
  const { stdout, stderr } = await sandbox.cove(["explain", ...args, "--json"]);
  return JSON.parse(stdout === "" ? stderr : stdout);
}

/** Listens, and accepts nobody but its own test. */
async function listening(host: string, port = 0): Promise<number> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

const [outer] = Object.values(networkInterfaces())
  .flat()
  .filter((one) => one !== undefined && !one.internal && one.family === "IPv4");

describe("cove explain tells whose an address is", () => {
  test.each([
    ["8.8.8.8", "other"],
    ["10.254.253.252", "other"],
    ["203.0.113.9", "other"],
    ["169.254.1.2", "other"],
    ["100.64.9.9", "other"],
    ["224.0.0.1", "other"],
    ["[::ffff:8.8.8.8]", "other"],
    ["[2001:db8::1]", "other"],
    ["[fe80::1%nosuch0]", "other"],
    ["http://127.0.0.1@8.8.8.8", "other"],
    ["127.9.9.9", "this"],
    ["0.0.0.0", "this"],
    ["[::ffff:127.0.0.1]", "this"],
  ])("%s", async (host, machine) => {
    const port = await listening("0.0.0.0");
    const found = await json(`${host}:${port}`);
    expect(found.where.machine).toBe(machine);
    const commands = found.next.map(({ command }: { command: string }) => command).join("\n");
    if (machine === "this") expect(found.answering).toHaveLength(1);
    else {
      expect([found.listeners, found.answering, found.probe]).toEqual([[], [], null]);
      expect(commands).not.toMatch(/cove free|--probe/);
    }
  });

  test("a name that nobody can resolve belongs to nobody here", async () => {
    const port = await listening("127.0.0.1");
    const found = await json(`nothing.invalid:${port}`);
    expect(found).toMatchObject({ where: { machine: "unknown" }, listeners: [], answering: [] });
  });

  test.skipIf(outer === undefined)("the machine's own address: whether a listener is reached at it", async () => {
    const [every, loopback] = [await listening("0.0.0.0"), await listening("127.0.0.1")];
    const address = outer?.address ?? "";
    const open = await sandbox.cove(["explain", `${address}:${every}`]);
    expect(open.stdout).toMatch(/This machine's own address, on \S+\./);
    expect(open.stdout).toContain(`reached at ${address}:${every}: `);
    const closed = await sandbox.cove(["explain", `${address}:${loopback}`]);
    expect(closed.stdout).toContain(`nobody is reached at ${address}:${loopback}`);
    expect(closed.stdout).toMatch(/connecting to \S+ is refused/);
  });

  test("a backslash ends a web address's host, as in browsers", async () => {
    expect((await json("http://evil.invalid\\@127.0.0.1:8080")).about).toBe("evil.invalid:80");
  });
});

describe("cove explain takes ranges", () => {
  test("of ports: who listens, and what is free", async () => {
    const port = await listening("127.0.0.1");
    const [first, last] = [port - 1, port + 1];
    const found = await json(`127.0.0.1:${first}-${last}`);
    expect(found.listeners).toMatchObject([{ port, host: "127.0.0.1", pids: [process.pid] }]);
    expect(found.free).toContainEqual([first, first]);
    expect((await json(`${first}-${last}`)).about).toBe(`ports ${first}–${last}`);
    expect((await json(`8.8.8.8:${first}-${last}`)).listeners).toEqual([]);
    const { stdout } = await sandbox.cove(["explain", `${first}-${last}`]);
    expect(stdout).toMatch(new RegExp(`Nobody listens on .*${first}`));
  });

  test("of addresses", async () => {
    const port = await listening("127.0.0.1");
    const found = await json("127.0.0.0/8");
    expect(found.text[0]).toBe("127.0.0.0 to 127.255.255.255: 16,777,216 addresses.");
    expect(found.listeners.map((row: { port: number }) => row.port)).toContain(port);
    expect((await json("203.0.113.0/24")).text.join(" ")).toMatch(/no address in it/);
    expect((await json("[fd00::]/8")).about).toBe("fd00::/8");
  });

  test.each([
    ["3010-3000", /ends before it begins\n.*3000-3010/],
    ["3000-70000", /beyond 65535/],
    ["10.0.0.0/33", /33 bits\n.*0 to 32/],
    ["１２７.０.０.１:80", /digits other than 0 to 9.*\n.*127\.0\.0\.1/],
    ["٣٠٠٠", /digits other than 0 to 9.*\n.*Write 3000/],
    ["0x7f.1:80", /no strict IPv4 address.*\n.*127\.0\.0\.1/],
    ["0177.0.0.1:80", /no strict IPv4 address.*\n.*127\.0\.0\.1/],
    ["2130706433", /no port\n.*127\.0\.0\.1/],
  ])("not %s", async (text, says) => {
    const { code, stderr } = await sandbox.cove(["explain", text]);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/^ADDRESS_INVALID/);
    expect(stderr).toMatch(says);
  });
});

const guarded = process.platform === "linux" && !isFault(await callGuard());
test.skipIf(!guarded)("the ::1 that Cove opens beside a service is no clash", { timeout: 60_000 }, async () => {
  const cwd = scratch("twins");
  writeFileSync(
    join(cwd, "server.js"),
    `require("http").createServer((_, r) => r.end("ok")).listen(process.env.PORT, "::")`,
  );
  writeFileSync(join(cwd, "cove.yaml"), "name: twins\nservices:\n  web:\n    command: node server.js\n");
  expect(await sandbox.cove(["up", "-d"], { cwd })).toMatchObject({ code: 0 });
  onTestFinished(async () => void (await sandbox.cove(["down", "twins"], { cwd })));
  const seen = JSON.parse((await sandbox.cove(["ports", "--json"])).stdout);
  const web = seen.listeners.filter(({ cove }: { cove: { label: string } | null }) => cove?.label === "twins/web");
  expect(web.map(({ host }: { host: string }) => host).sort()).toEqual(["::1", "::ffff:127.0.0.1"]);
  const port = web[0].port;
  expect(seen.conflicts.filter((one: { port: number }) => one.port === port)).toEqual([]);
  expect((await sandbox.cove(["explain", String(port)])).stdout).not.toMatch(/careful/);
});
