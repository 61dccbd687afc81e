import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { callGuard } from "../src/confine/calls/launch.ts";
import { isFault } from "../src/fault/fault.ts";
import { coveSandbox, type Sandbox } from "./support/cove.ts";
import { program } from "./support/programs.ts";
import { scratch } from "./support/scratch.ts";
import { emulate } from "./support/terminal.ts";

const BIN = join(dirname(dirname(fileURLToPath(import.meta.url))), "bin/cove.js");
const python = program("python3");
const unix = process.platform !== "win32";
const guarded = process.platform === "linux" && !isFault(await callGuard());

/** A stack of node programs; `more` is what else a service says. */
function stack(services: Record<string, { code: string; more?: object }>): string {
  const folder = scratch("attach");
  const config = Object.entries(services).map(([name, { code, more }]) => {
    writeFileSync(join(folder, `${name}.cjs`), code);
    return [name, { command: [process.execPath, `${name}.cjs`], ready: "none", ...more }];
  });
  writeFileSync(join(folder, "cove.json"), JSON.stringify({ name: "sit", services: Object.fromEntries(config) }));
  return folder;
}

/** As esbuild and Tailwind watch: they end with their input. */
const WATCHER = `console.log("watching"); process.stdin.resume(); process.stdin.on("end", () => process.exit(0));`;
const LISTENER = `process.stdin.on("data", (data) => console.log("heard", JSON.stringify(String(data))));
  process.stdout.write("prompt> ");`;
const TERMINAL = `const { stdin, stdout } = process;
  console.log("terminal", String([stdin.isTTY, stdout.isTTY, stdout.columns, stdout.rows]));
  stdout.on("resize", () => console.log("size", String([stdout.columns, stdout.rows])));
  stdin.setRawMode?.(true);
  stdin.on("data", (data) => {
    console.log("heard", JSON.stringify(String(data)));
    if (String(data) === "x") process.exit(3);
  });`;

function attach(sandbox: Sandbox, cwd: string, service: string) {
  return emulate([process.execPath, BIN, "attach", service], {
    cwd,
    env: { ...sandbox.env, CI: undefined, TERM: "xterm-256color" },
  });
}

async function state(sandbox: Sandbox, service: string): Promise<string> {
  const { stacks } = JSON.parse((await sandbox.cove(["status", "--json"])).stdout);
  return stacks[0].services.find(({ name }: { name: string }) => name === service).state;
}

describe.skipIf(!unix)("the input of a stack's services", () => {
  test("stays open, so that watchers live on; a job's has ended", { timeout: 60_000 }, async () => {
    await using sandbox = await coveSandbox();
    const cwd = stack({
      watch: { code: WATCHER },
      job: { code: `process.stdin.resume().on("end", () => console.log("all read"));`, more: { ready: "exit" } },
    });
    // As from cron or a service manager: nothing to read, and nobody there.
    const up = await sandbox.cove(["up", "-d"], { cwd });
    expect(up.code, up.stderr).toBe(0);
    expect((await sandbox.cove(["logs"], { cwd })).stdout).toMatch(/watching[\s\S]*all read|all read[\s\S]*watching/);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect([await state(sandbox, "watch"), await state(sandbox, "job")]).toEqual(["ready", "completed"]);
  });

  test("takes what is piped into cove attach, which returns and says what it couldn't do", {
    timeout: 60_000,
  }, async () => {
    await using sandbox = await coveSandbox();
    const big = `let size = 0; process.stdin.on("data", (data) => { size += data.length; if (size === 3 << 20) console.log("all there"); });`;
    const cwd = stack({
      plain: { code: LISTENER },
      big: { code: big },
      terminal: { code: TERMINAL, more: { tty: true } },
      over: { code: "", more: { restart: "never" } },
    });
    await sandbox.cove(["up", "-d"], { cwd });
    const said = await sandbox.cove(["attach", "plain"], { cwd, input: "rs\n" });
    expect([said.code, said.stdout]).toEqual([0, 'heard "rs\\n"\n']);
    expect((await sandbox.cove(["attach", "terminal"], { cwd, input: "rs" })).stdout).toContain('heard "rs"');
    expect((await sandbox.cove(["attach", "big", "--json"], { cwd, input: "x".repeat(3 << 20) })).stdout).toBe(
      `{"version":1,"service":"big","bytes":${3 << 20}}\n`,
    );
    await expect.poll(async () => (await sandbox.cove(["logs", "big"], { cwd })).stdout).toContain("all there");
    // Its input is still open.
    expect((await sandbox.cove(["attach", "plain"], { cwd, input: "again" })).stdout).toContain('heard "again"');
    const late = await sandbox.cove(["attach", "over"], { cwd, input: "rs\n" });
    expect([late.code, late.stderr]).toEqual([1, expect.stringContaining("over doesn't run, or reads no input")]);
    const unknown = await sandbox.cove(["attach", "nobody"], { cwd, input: "" });
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining("SERVICE_UNKNOWN")]);
  });

  test("can be reached with home's token alone", { timeout: 60_000 }, async () => {
    await using sandbox = await coveSandbox();
    const cwd = stack({ plain: { code: LISTENER } });
    await sandbox.cove(["up", "-d"], { cwd });
    const token = readFileSync(join(sandbox.home, "token"), "utf8").trim();
    const path = "/api/v1/stacks/sit/services/plain/console";
    const answer = (authorization: string | undefined, at: object, host: string) =>
      new Promise<number | undefined>((resolve) => {
        const asked = request({
          ...{ ...at, path },
          headers: {
            ...{ host, connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" },
            ...{ "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==", ...(authorization && { authorization }) },
          },
        });
        asked.on("upgrade", (response, socket) => {
          socket.destroy();
          resolve(response.statusCode);
        });
        asked.on("response", (response) => {
          response.destroy();
          resolve(response.statusCode);
        });
        asked.on("error", () => resolve(undefined));
        asked.end();
      });
    const socket = { socketPath: join(sandbox.home, "home.sock") };
    const door = { host: "127.0.0.1", port: sandbox.port };
    expect(await answer(`Bearer ${token}`, socket, "cove.localhost")).toBe(101);
    expect(await answer(undefined, socket, "cove.localhost")).toBe(401);
    expect(await answer("Bearer made-up", socket, "cove.localhost")).toBe(401);
    expect(await answer(undefined, door, `cove.localhost:${sandbox.port}`)).toBe(401);
    expect(await answer(undefined, door, `evil.example:${sandbox.port}`)).not.toBe(101);
  });
});

describe.skipIf(!unix || python === null)("cove attach in a terminal", () => {
  test("shows the last screen, gives it keys and size, goes on through restarts, and leaves it running", {
    timeout: 90_000,
  }, async () => {
    await using sandbox = await coveSandbox();
    const cwd = stack({ term: { code: TERMINAL, more: { tty: true } } });
    await sandbox.cove(["up", "-d"], { cwd });
    const one = attach(sandbox, cwd, "term");
    await one.waitFor(/attached to term: Ctrl-\] leaves it[\s\S]*terminal true,true,120,30[\s\S]*size 80,24/);
    const two = attach(sandbox, cwd, "term");
    await two.waitFor(/size 80,24/);
    one.resize(90, 20);
    await two.waitFor(/size 90,20/);
    one.type("\x03");
    await Promise.all([one.waitFor(/heard "\\u0003"/), two.waitFor(/heard "\\u0003"/)]);
    two.type("x");
    await Promise.all(
      [one, two].map((each) => each.waitFor(/exit code 3[\s\S]*term starts again[\s\S]*terminal true,true,90,20/)),
    );
    one.type("k");
    await two.waitFor(/heard "k"/);
    one.type("\x1d");
    expect(await one.ended).toBe(0);
    expect(one.screen()).toContain("left term; it goes on");
    two.type("m");
    await two.waitFor(/heard "m"/);
    await sandbox.cove(["down"], { cwd });
    expect(await two.ended).toBe(1);
    expect(two.screen()).toContain("sit has ended");
  });

  test("a service without a terminal gets lines, and Ctrl-C leaves it", { timeout: 60_000 }, async () => {
    await using sandbox = await coveSandbox();
    const cwd = stack({ plain: { code: LISTENER } });
    await sandbox.cove(["up", "-d"], { cwd });
    const seat = attach(sandbox, cwd, "plain");
    // A prompt is no line, and is seen all the same.
    await seat.waitFor(/lines go to it, Ctrl-C leaves it[\s\S]*prompt> /);
    seat.type("rs\r");
    await seat.waitFor(/heard "rs\\n"/);
    seat.type("\x03");
    expect(await seat.ended).toBe(0);
    expect(await state(sandbox, "plain")).toBe("ready");
  });

  test.skipIf(!guarded)(
    "a terminal changes nothing about the guard of binds, in either way of it",
    { timeout: 90_000 },
    async () => {
      await using sandbox = await coveSandbox();
      const code = `console.log("terminal", String(process.stdin.isTTY), require("node:child_process").execSync("tty", { stdio: [0, "pipe", 2] }).toString().trim());
      const server = require("node:http").createServer((_, response) => response.end("hello"));
      server.listen(process.env.PORT, "0.0.0.0", () => console.log("at", JSON.stringify(server.address())));
      process.stdin.on("data", (data) => console.log("heard", JSON.stringify(String(data))));`;
      const cwd = stack({
        fix: { code, more: { tty: true, ready: "tcp" } },
        box: { code, more: { tty: true, ready: "tcp", guard: { bind: "box" } } },
      });
      const up = await sandbox.cove(["up", "-d"], { cwd });
      if (/BOX_FAILED/.test(up.stdout)) return;
      expect(up.code, up.stdout).toBe(0);
      const log = async () => (await sandbox.cove(["logs"], { cwd })).stdout;
      // It is told once it has stayed open for a second.
      await expect.poll(log).toMatch(/fix +turned 0\.0\.0\.0:\d+ to 127\.0\.0\.1/);
      const logs = await log();
      expect(logs).not.toMatch(/box +turned/);
      for (const name of ["fix", "box"]) {
        expect(logs).toMatch(new RegExp(`${name} +terminal true /dev/`));
        expect((await sandbox.cove(["attach", name], { cwd, input: "rs\n" })).stdout).toContain('heard "rs\\n"');
      }
      await sandbox.cove(["down"], { cwd });
      expect((await sandbox.cove(["status"])).stdout).toContain("Nothing runs");
    },
  );
});

describe.skipIf(!unix)("what a service writes", () => {
  const SECRET = "postgres://ann:geheim@127.0.0.1/shop";

  test("has its passwords hidden wherever it is shown", { timeout: 90_000 }, async () => {
    await using sandbox = await coveSandbox();
    const cwd = stack({
      says: { code: `console.log("to ${SECRET}"); console.error("err ${SECRET}"); setInterval(() => {}, 1000);` },
      dies: { code: `console.error("lost ${SECRET}"); process.exit(3);`, more: { restart: "never" } },
      sits: {
        code: `console.log("at ${SECRET}"); process.stdin.on("data", () => console.log("now ${SECRET}"));`,
        more: { tty: true },
      },
    });
    const up = spawn(process.execPath, [BIN, "up", "--logs"], {
      cwd,
      env: sandbox.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let shown = "";
    for (const output of [up.stdout, up.stderr]) output.on("data", (text) => (shown += text));
    await expect.poll(() => shown, { timeout: 30_000 }).toMatch(/to postgres[\s\S]*exit code 3/);
    await expect.poll(() => shown).toContain("at postgres");
    for (const args of [
      ["logs"],
      ["logs", "--raw"],
      ["logs", "--json"],
      ["status"],
      ["status", "--json"],
      ["attach", "sits"],
    ]) {
      const { stdout, stderr } = await sandbox.cove(args, { cwd, input: args[0] === "attach" ? "x\n" : "" });
      expect(stdout, args.join(" ")).toContain("ann:••••••@");
      shown += stdout + stderr;
    }
    const ended = new Promise((resolve) => up.on("close", resolve));
    up.kill("SIGINT");
    await ended;
    expect(shown).not.toContain("geheim");
    const detached = await sandbox.cove(["up", "-d", "--json"], { cwd });
    expect(detached.stdout).toContain("ann:••••••@");
    expect(detached.stdout + readFileSync(join(sandbox.home, "runner.log"), "utf8")).not.toContain("geheim");
  });
});

test("one that ends well though others need it as a server, or that never answered, has failed", {
  timeout: 60_000,
}, async () => {
  await using sandbox = await coveSandbox();
  const cwd = stack({
    server: { code: "" },
    user: { code: "setInterval(() => {}, 1000);", more: { needs: ["server"] } },
    mute: { code: "", more: { ready: "tcp" } },
    task: { code: "" },
    job: { code: "", more: { ready: "exit" } },
    after: { code: "setInterval(() => {}, 1000);", more: { needs: ["job"] } },
  });
  expect((await sandbox.cove(["up", "-d"], { cwd })).code).toBe(1);
  await expect
    .poll(async () => (await sandbox.cove(["status"])).stdout, { timeout: 20_000 })
    .toMatch(/server .*failed/);
  const { stdout } = await sandbox.cove(["status"]);
  expect(stdout).toContain("server ended with exit code 0, though user needs it as a server");
  expect(stdout).toContain("mute ended with exit code 0, though it never answered at its port");
  expect(stdout).toContain("ready: exit");
  for (const calm of ["task", "job"]) expect(stdout).toMatch(new RegExp(`${calm} .*completed`));
  expect(stdout).toMatch(/after .*ready/);
});
