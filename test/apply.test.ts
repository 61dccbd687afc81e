import { execFile } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { coveSandbox, type Sandbox } from "./support/cove.ts";
import { ask } from "./support/door-request.ts";
import { freePort } from "./support/free-port.ts";
import { program } from "./support/programs.ts";
import { scratch } from "./support/scratch.ts";

const SERVER = `const http = require("node:http");
http.createServer((req, res) => {
  if (req.url === "/stream") return void res.write("open");
  res.end(JSON.stringify({ pid: process.pid, level: process.env.LEVEL, token: process.env.TOKEN }));
}).listen(process.env.PORT, process.env.HOST);`;

const SLOW = `setTimeout(() => require("./server.js"), 60_000);`;
const server = { command: "node server.js" };
const TERMINAL = fileURLToPath(new URL("support/terminal.py", import.meta.url));
const BIN = fileURLToPath(new URL("../bin/cove.js", import.meta.url));

interface Service {
  name: string;
  state: string;
  pid: number;
  readyAt: number;
  address: { port: number };
}

function project(services: object): { cwd: string; edit: (next: object | string, name?: string) => void } {
  const cwd = scratch("apply");
  writeFileSync(join(cwd, "server.js"), SERVER);
  writeFileSync(join(cwd, "slow.js"), SLOW);
  const edit = (next: object | string, name = "demo") =>
    writeFileSync(join(cwd, "cove.json"), typeof next === "string" ? next : JSON.stringify({ name, services: next }));
  edit(services);
  return { cwd, edit };
}

async function services({ cove }: Sandbox): Promise<Record<string, Service>> {
  const { stacks } = JSON.parse((await cove(["--json"])).stdout) as { stacks: { services: Service[] }[] };
  const all = stacks.flatMap((stack) => stack.services);
  // Which of its processes report is told a moment later.
  return Object.fromEntries(all.map((service) => [service.name, { ...service, tracing: undefined }]));
}

/** A response through the door that goes on until it is cut. */
function openStream(port: number, host: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = get({ host: "127.0.0.1", port, path: "/stream", headers: { host } }, (response) => {
      response.once("data", () => resolve(response));
    });
    request.on("error", reject);
  });
}

/** `cove …` in a terminal of its own. */
async function inTerminal(
  { env }: Sandbox,
  cwd: string,
  args: string[],
  steps: ({ wait: string } | { key: string })[],
): Promise<string> {
  const command = [TERMINAL, JSON.stringify(steps), process.execPath, BIN, ...args];
  return (await promisify(execFile)("python3", command, { cwd, env, timeout: 90_000 })).stdout;
}

describe("an edited config", { timeout: 120_000 }, () => {
  test("cove up -d adds, changes, removes, and leaves the rest with its connections", async () => {
    await using sandbox = await coveSandbox();
    const { cwd, edit } = project({ api: server, web: { ...server, needs: ["api"] }, old: server });
    expect((await sandbox.cove(["up", "-d"], { cwd })).code).toBe(0);
    const before = await services(sandbox);
    const stream = await openStream(sandbox.port, "web.demo.localhost");
    edit({ api: { ...server, env: { TOKEN: "hunter2" } }, web: { ...server, needs: ["api"] }, more: server });
    const up = await sandbox.cove(["up", "-d"], { cwd });
    expect([up.code, up.stderr]).toEqual([0, ""]);
    expect(up.stdout).toMatch(
      /^old: stopped, not in the config any more\napi: restarted, env TOKEN added\nmore: started, new\n/,
    );
    expect(up.stdout).not.toContain("hunter2");
    const after = await services(sandbox);
    expect(Object.keys(after)).toEqual(["api", "more", "web"]);
    expect(after.web).toEqual(before.web);
    expect(after.api?.pid).not.toBe(before.api?.pid);
    expect(after.api?.address).toEqual(before.api?.address);
    expect(stream.destroyed).toBe(false);
    stream.destroy();
    expect((await ask(sandbox.port, "more.demo.localhost")).status).toBe(200);
    expect((await ask(sandbox.port, "old.demo.localhost")).status).toBe(421);
    const again = await sandbox.cove(["up", "-d", "--json"], { cwd });
    expect(JSON.parse(again.stdout)).toMatchObject({ version: 1, stack: { name: "demo" }, changes: [] });
    expect(await services(sandbox)).toEqual(after);
  });

  test("an env file and the script count; a broken config changes nothing; restart uses the new one", async () => {
    await using sandbox = await coveSandbox();
    const { cwd, edit } = project({ api: { ...server, envFile: "dev.env" }, web: { command: "node web.js" } });
    writeFileSync(join(cwd, "dev.env"), "LEVEL=one\n");
    writeFileSync(join(cwd, "web.js"), SERVER);
    expect((await sandbox.cove(["up", "-d"], { cwd })).code).toBe(0);
    writeFileSync(join(cwd, "dev.env"), "LEVEL=two\n");
    writeFileSync(join(cwd, "web.js"), `${SERVER}\n`);
    expect((await sandbox.cove(["up", "-d"], { cwd })).stdout).toMatch(
      /^api: restarted, env LEVEL changed\nweb: restarted, file web\.js changed\n/,
    );
    expect(JSON.parse((await ask(sandbox.port, "api.demo.localhost")).body).level).toBe("two");
    const before = await services(sandbox);
    edit("{");
    for (const args of [["up"], ["up", "-d"], ["restart"], ["restart", "api"]]) {
      const { code, stderr } = await sandbox.cove(args, { cwd });
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^CONFIG_INVALID .*[\s\S]*demo goes on as it was/)]);
    }
    rmSync(join(cwd, "dev.env"));
    edit({ api: { ...server, envFile: "dev.env" } });
    expect(await sandbox.cove(["up", "-d"], { cwd })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("dev.env"),
    });
    expect(await services(sandbox)).toEqual(before);
    edit({ api: { ...server, env: { LEVEL: "three" } }, web: { ...server, env: { LEVEL: "w" } } });
    expect((await sandbox.cove(["restart", "api"], { cwd })).stdout).toBe(
      "api: restarted, env LEVEL changed\napi is ready again\n",
    );
    expect(JSON.parse((await ask(sandbox.port, "api.demo.localhost")).body).level).toBe("three");
    expect((await services(sandbox)).web).toEqual(before.web);
  });

  test("a part first, then the rest; a fixed port goes to the service's new name; the stack's name changes", async () => {
    await using sandbox = await coveSandbox();
    const port = await freePort();
    const { cwd, edit } = project({ db: server, web: { ...server, needs: ["db"] }, docs: { ...server, port } });
    expect((await sandbox.cove(["up", "-d", "web"], { cwd })).code).toBe(0);
    const part = await services(sandbox);
    expect(Object.keys(part)).toEqual(["db", "web"]);
    expect((await sandbox.cove(["up", "-d"], { cwd })).stdout).toMatch(/^docs: started, new\n/);
    const before = await services(sandbox);
    expect([before.db, before.web]).toEqual([part.db, part.web]);
    edit({ db: server, web: { ...server, needs: ["db"] }, guide: { ...server, port } });
    expect((await sandbox.cove(["up", "-d"], { cwd })).stdout).toMatch(/guide: started, new\n/);
    expect((await services(sandbox)).guide?.address.port).toBe(port);
    edit({ db: server, web: { ...server, needs: ["db"] }, guide: { ...server, port } }, "shop");
    const renamed = await sandbox.cove(["up", "-d"], { cwd });
    expect(renamed.stdout).toMatch(/^shop: updated, name demo → shop\n/);
    expect((await ask(sandbox.port, "web.shop.localhost")).status).toBe(200);
    expect((await ask(sandbox.port, "web.demo.localhost")).status).toBe(421);
  });

  test("two cove up at once run one stack; a runner that was killed is replaced", async () => {
    await using sandbox = await coveSandbox();
    const { cwd } = project({ web: server });
    const both = await Promise.all([1, 2].map(() => sandbox.cove(["up", "-d"], { cwd })));
    expect(both.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ""],
      [0, ""],
    ]);
    const status = JSON.parse((await sandbox.cove(["--json"])).stdout);
    expect(status.stacks).toHaveLength(1);
    process.kill(status.stacks[0].runner.pid, "SIGKILL");
    expect((await sandbox.cove(["up", "-d"], { cwd })).code).toBe(0);
    expect((await services(sandbox)).web?.state).toBe("ready");
  });
});

describe("a second cove up", { timeout: 120_000 }, () => {
  test("attaches; without a terminal Ctrl-C detaches it; the owner's end ends it", async () => {
    await using sandbox = await coveSandbox();
    const { cwd, edit } = project({ web: server });
    const owner = await sandbox.start(["up"], { cwd });
    await owner.waitFor(/web .* ready .* http/);
    edit({ web: { ...server, env: { LEVEL: "2" } } });
    const second = await sandbox.start(["up"], { cwd });
    await second.waitFor(/attached to demo \(runner pid \d+\); Ctrl-C detaches/);
    expect(second.output()).toMatch(/^web: restarted, env LEVEL added\n/);
    await owner.waitFor(/web: restarted, env LEVEL added/);
    expect(await second.stop()).toBe(0);
    expect(second.output()).toMatch(/detached from demo: it goes on/);
    const third = await sandbox.start(["up"], { cwd });
    const ended = once(third.child, "close");
    await third.waitFor(/attached to demo/);
    expect((await services(sandbox)).web?.state).toBe("ready");
    expect(await owner.stop()).toBe(0);
    await third.waitFor(/demo has ended/);
    expect(await ended).toEqual([0, null]);
  });

  test.skipIf(program("python3") === null)(
    "in a terminal asks: detach or stop; Ctrl-C during start-up shows no table (needs python3)",
    async () => {
      await using sandbox = await coveSandbox();
      const { cwd, edit } = project({ web: server });
      expect((await sandbox.cove(["up", "-d"], { cwd })).code).toBe(0);
      const question = [{ wait: "attached to demo" }, { key: "\x03" }, { wait: "Enter: detach" }];
      const detached = await inTerminal(sandbox, cwd, ["up"], [...question, { key: "\r" }]);
      expect(detached).toMatch(/detached from demo: it goes on[\s\S]*exit 0/);
      expect((await services(sandbox)).web?.state).toBe("ready");
      const stopped = await inTerminal(sandbox, cwd, ["up"], [...question, { key: "s" }]);
      expect(stopped).toMatch(/demo has ended[\s\S]*exit 0/);
      expect(await services(sandbox)).toEqual({});
      edit({ web: { command: "node slow.js" } });
      const cut = await inTerminal(sandbox, cwd, ["up"], [{ wait: "starting" }, { key: "\x03" }]);
      expect(cut).toMatch(/stopping …/);
      expect(cut).not.toMatch(/http:\/\/web\.demo/);
    },
  );
});
