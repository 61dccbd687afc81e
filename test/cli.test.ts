import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { coveSandbox } from "./support/cove.ts";
import { ask } from "./support/door-request.ts";
import { scratch } from "./support/scratch.ts";

const SERVER = `const http = require("node:http");
console.log("\\x1b[32mgreen\\x1b[0m hello from " + process.env.NAME);
http.createServer((_, res) => res.end(process.env.NAME)).listen(process.env.PORT, process.env.HOST);`;

function stack(): string {
  const cwd = scratch("cli");
  writeFileSync(join(cwd, "server.js"), SERVER);
  writeFileSync(
    join(cwd, "cove.yaml"),
    `name: demo
services:
  api: { command: node server.js, env: { NAME: api, API_TOKEN: abc123 } }
  web: { command: node server.js, needs: [api], env: { NAME: web } }
`,
  );
  return cwd;
}

describe("the command line", () => {
  test("answers wrong words with what is wrong and the next step, and exit code 2", async () => {
    await using sandbox = await coveSandbox();
    const cases: [string[], RegExp][] = [
      [["frob"], /^USAGE {2}unknown command 'frob'/],
      [["statu"], /did you mean status/],
      [["up", "--detahc"], /USAGE {2}unknown option '--detahc'; did you mean --detach/],
      [["run"], /missing required argument 'command'/],
      [["run", "--port", "0", "--", "true"], /--port takes a number from 1 to 65535, not 0/],
      [["up", "--detahc"], /see: cove up --help/],
      [["logs", "-n", "x"], /--lines takes a whole number, not x/],
      [["logs", "-n", "3000"], /--lines takes a whole number from 0 to 2000, not 3000\n.*cove logs -n 50/],
      [["watch", "-n", "501"], /--lines takes a whole number from 0 to 500, not 501/],
      [["logs", "-n", "-1"], /--lines takes a whole number from 0 to 2000, not -1/],
      [["lease", "x", "--port", "99999"], /--port takes a number from 1 to 65535, not 99999/],
      [["-C", "/nowhere", "down"], /there is no folder \/nowhere/],
      [["completion", "tcsh"], /there is one for bash, zsh and fish/],
      [["alias", "x"], /what is to be called x\?/],
    ];
    for (const [args, said] of cases) {
      const { code, stdout, stderr } = await sandbox.cove(args);
      expect(stderr, args.join(" ")).toMatch(said);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect([code, stdout]).toEqual([2, ""]);
    }
    const { code, stdout, stderr } = await sandbox.cove(["frob", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, error: { code: "USAGE", hint: "see: cove --help" } });
    expect([code, stderr]).toEqual([2, ""]);
  });

  test("says what to do where there is no stack, or nothing runs", async () => {
    await using sandbox = await coveSandbox();
    const none = await sandbox.cove(["up"], { cwd: scratch("empty") });
    expect(none.code).toBe(1);
    expect(none.stderr).toMatch(/^CONFIG_MISSING .*\n\nStart one command without a config: cove run -- <command>/);
    for (const command of ["logs", "down", "restart"]) {
      const { code, stderr } = await sandbox.cove([command]);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^STACK_UNKNOWN {2}nothing runs\n.*cove up/)]);
    }
    expect((await sandbox.cove([])).stdout).toContain("Nothing runs yet.");
    expect(JSON.parse((await sandbox.cove(["--json"])).stdout)).toEqual({
      version: 1,
      home: null,
      stacks: [],
      aliases: [],
    });
  });

  test("runs a stack in the background, shows it, restarts it, takes it down", { timeout: 120_000 }, async () => {
    await using sandbox = await coveSandbox();
    const cwd = stack();
    const up = await sandbox.cove(["up", "-d"], { cwd });
    expect(up.code, up.stderr).toBe(0);
    expect(up.stdout).toMatch(/api +node server\.js +ready +[0-9.]+ s +http:\/\/api\.demo\.localhost:\d+\n/);
    expect((await ask(sandbox.port, "web.demo.localhost")).body).toBe("web");

    const status = JSON.parse((await sandbox.cove(["--json"])).stdout);
    expect(status.stacks[0].services.map(({ name, state }: { name: string; state: string }) => [name, state])).toEqual([
      ["api", "ready"],
      ["web", "ready"],
    ]);
    const logs = await sandbox.cove(["logs"], { cwd });
    expect(logs.stdout).toMatch(/^api {2}.*hello from api$/m);
    expect(logs.stdout).toMatch(/^web {2}.*hello from web$/m);
    expect((await sandbox.cove(["logs", "demo/web", "-n", "1"])).stdout).toMatch(/^[^\n]*hello from web\n$/);

    const pid = status.stacks[0].services[1].pid;
    expect((await sandbox.cove(["restart", "web"], { cwd })).stdout).toBe("web is ready again\n");
    const later = JSON.parse((await sandbox.cove(["--json"])).stdout).stacks[0].services[1];
    expect(later.pid).not.toBe(pid);
    expect(later.address).toEqual(status.stacks[0].services[1].address);

    expect((await sandbox.cove(["url", "web"], { cwd })).stdout).toBe(`http://web.demo.localhost:${sandbox.port}\n`);
    expect((await sandbox.cove(["restart", "wbe"], { cwd })).stderr).toMatch(
      /^SERVICE_UNKNOWN {2}demo has no service wbe\n +it has: api, web/,
    );
    expect((await sandbox.cove(["down"], { cwd })).stdout).toBe("demo is down\n");
    expect((await ask(sandbox.port, "web.demo.localhost")).status).toBe(421);
  });

  test("tells why a stack failed, with the service's last words", { timeout: 60_000 }, async () => {
    await using sandbox = await coveSandbox();
    const cwd = scratch("crash");
    writeFileSync(
      join(cwd, "cove.json"),
      JSON.stringify({
        services: { bad: { command: ["node", "-e", "console.error('no key'); process.exit(3)"], restart: "never" } },
      }),
    );
    const { code, stdout } = await sandbox.cove(["up", "-d"], { cwd });
    expect(code).toBe(1);
    expect(stdout).toMatch(/bad .* failed[\s\S]*exit code 3[\s\S]*no key/);
  });

  test("comes back when what the others wait for has failed", { timeout: 60_000 }, async () => {
    await using sandbox = await coveSandbox();
    const cwd = scratch("waiting");
    const bad = { command: ["node", "-e", "process.exit(3)"], restart: "never" };
    const web = { command: ["node", "server.js"], needs: ["api"] };
    const services = { bad, api: { command: ["node", "server.js"], needs: ["bad"] }, web };
    writeFileSync(join(cwd, "cove.json"), JSON.stringify({ services }));
    const { code, stdout } = await sandbox.cove(["up", "-d"], { cwd });
    expect(code).toBe(1);
    expect(stdout).toMatch(/bad .* failed[\s\S]*api .* waiting[\s\S]*web .* waiting/);
  });

  test("names the line and key of a mistake in the config", async () => {
    await using sandbox = await coveSandbox();
    const cwd = scratch("mistake");
    writeFileSync(join(cwd, "cove.yaml"), "services:\n  api:\n    command: node x.js\n    need: [db]\n");
    const { code, stderr } = await sandbox.cove(["up"], { cwd });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^CONFIG_INVALID/);
    expect(stderr).toMatch(/cove\.yaml:4:5/);
    expect(stderr).toMatch(/needs/);
  });

  test("gives the command's exit code, and passes its output on", { timeout: 60_000 }, async () => {
    await using sandbox = await coveSandbox();
    const cwd = scratch("exit");
    const done = await sandbox.cove(
      ["run", "--", "node", "-e", "console.log('out'); console.error('err'); process.exit(7)"],
      { cwd },
    );
    expect(done.code).toBe(7);
    expect(done.stdout).toBe("out\n");
    expect(done.stderr).toContain("err");
  });

  test("gives names to what runs already, and ports to what asks", async () => {
    await using sandbox = await coveSandbox();
    const server = createServer((_, response) => response.end("already here"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const alias = await sandbox.cove(["alias", "grafana", String(port)]);
    expect(alias.stdout).toBe(`http://grafana.localhost:${sandbox.port}\n`);
    expect((await ask(sandbox.port, "grafana.localhost")).body).toBe("already here");
    await sandbox.cove(["alias", "--remove", "grafana"]);
    expect((await ask(sandbox.port, "grafana.localhost")).status).toBe(421);

    const cwd = scratch("lease");
    const first = (await sandbox.cove(["lease", "tests"], { cwd })).stdout;
    expect(first).toMatch(/^\d{5}\n$/);
    expect((await sandbox.cove(["lease", "tests"], { cwd })).stdout).toBe(first);
    expect((await sandbox.cove(["lease", "other"], { cwd })).stdout).not.toBe(first);
    expect((await sandbox.cove(["lease"])).stdout).toContain(`127.0.0.1:${first.trim()}  service:tests`);
    expect((await sandbox.cove(["lease", "--release", "tests"], { cwd })).stdout).toBe("1 given up\n");
    expect((await sandbox.cove(["lease", "--release", "tests"], { cwd })).stderr).toMatch(/^LEASE_UNKNOWN/);
    const taken = await sandbox.cove(["lease", "fixed", "--port", String(port)], { cwd });
    expect(taken.stderr).toMatch(new RegExp(`^PORT_TAKEN {2}port ${port} is held by .*pid ${process.pid}`));
  });

  test("names who holds the door's port", async () => {
    await using sandbox = await coveSandbox();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(sandbox.port, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { code, stderr } = await sandbox.cove(["open", "--print"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^PORT_TAKEN {2}port ${sandbox.port} is held by .*pid ${process.pid}`));
    expect(stderr).toContain("COVE_PORT=");
  });

  test("checks the machine", async () => {
    await using sandbox = await coveSandbox();
    const { code, stdout } = await sandbox.cove(["doctor"]);
    expect(stdout).toMatch(/ok +node/);
    expect(stdout).toMatch(/ok +postgres/);
    expect(code).toBe(0);
    const { checks } = JSON.parse((await sandbox.cove(["doctor", "--json"])).stdout);
    expect(checks.map(({ check }: { check: string }) => check)).toEqual(
      expect.arrayContaining(["home", "door", "leases", "names"]),
    );
  });

  test("serves a folder, and prints its version", { timeout: 60_000 }, async () => {
    await using sandbox = await coveSandbox();
    const cwd = scratch("serve");
    writeFileSync(join(cwd, "a & b.txt"), "hello");
    const running = await sandbox.start(["serve", "--name", "files"], { cwd });
    await running.waitFor(/files\.localhost/);
    expect((await ask(sandbox.port, "files.localhost")).body).toContain("a &#38; b.txt");
    expect((await ask(sandbox.port, "files.localhost", { path: "/a%20%26%20b.txt" })).body).toBe("hello");
    expect((await ask(sandbox.port, "files.localhost", { path: "/../../etc/passwd" })).status).toBe(404);
    expect(await running.stop()).toBe(0);
    expect((await sandbox.cove(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

test("help is the same whichever way it is asked for, and fits 80 columns", async () => {
  await using sandbox = await coveSandbox();
  const [whole, asked] = await Promise.all([sandbox.cove(["--help"]), sandbox.cove(["help"])]);
  expect(asked).toEqual(whole);
  expect(await sandbox.cove(["help", "help"])).toEqual(whole);
  for (const name of ["down", "up", "watch", "env", "postgres"]) {
    const [of, about] = await Promise.all([sandbox.cove([name, "--help"]), sandbox.cove(["help", name])]);
    expect(about).toEqual({ ...of, code: 0, stderr: "" });
    expect(of.stdout).toContain("Examples:");
    expect(of.stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  }
  const wrong = await sandbox.cove(["help", "dwon"]);
  expect([wrong.code, wrong.stdout, wrong.stderr]).toEqual([2, "", expect.stringContaining("did you mean down?")]);
});
