import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { coveSandbox, type Sandbox } from "./support/cove.ts";
import { ask } from "./support/door-request.ts";
import { freePort } from "./support/free-port.ts";
import { program } from "./support/programs.ts";
import { scratch } from "./support/scratch.ts";

const [REDIS, SETPRIV] = [program("redis-server"), program("setpriv")];

interface Listening {
  child: ChildProcess;
  pid: number;
  port: number;
}

/** A real server in a process of its own; `code` must print `port <number>` once it listens. */
async function started(command: string, args: string[], cwd: string): Promise<Listening> {
  const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  for await (const chunk of child.stdout) {
    output += chunk;
    const port = /port (\d+)/.exec(output)?.[1];
    if (port !== undefined) return { child, pid: child.pid ?? 0, port: Number(port) };
  }
  throw new Error(`${command} ended: ${output}`);
}

/** A Node server on `host`, at `port` or any. Its folder is a project of its own. */
function nodeServer(host = "127.0.0.1", port = 0, extra = ""): Promise<Listening> {
  const cwd = join(scratch("shop"), "shop-front");
  mkdirSync(cwd);
  writeFileSync(join(cwd, "package.json"), `{"name":"shop-front"}`);
  writeFileSync(
    join(cwd, "server.js"),
    `${extra};
    const server = require("node:http").createServer((_, response) => response.end("<title>The shop</title>"));
    server.on("error", (error) => console.log("failed", error.code));
    server.listen({ host: ${JSON.stringify(host)}, port: ${port}, ipv6Only: ${host === "::"} }, () => console.log("port", server.address().port));`,
  );
  return started(process.execPath, ["server.js"], cwd);
}

async function json(sandbox: Sandbox, args: string[]) {
  const { stdout, stderr } = await sandbox.cove([...args, "--json"]);
  expect(stderr, args.join(" ")).toBe("");
  return JSON.parse(stdout);
}

const me = userInfo().username;

describe("cove ports", () => {
  test("shows process, user, project and age of every listener, and finds by port, pid and name", async () => {
    await using sandbox = await coveSandbox();
    const { port, pid } = await nodeServer();
    const { listeners, seesAllProcesses } = await json(sandbox, ["ports", String(port)]);
    expect(listeners).toEqual([
      expect.objectContaining({
        protocol: "tcp",
        host: "127.0.0.1",
        port,
        exposure: "loopback",
        pids: [pid],
        user: me,
      }),
    ]);
    expect(listeners[0].process).toMatchObject({
      pid,
      program: "node",
      command: expect.stringMatching(/node server\.js$/),
      user: me,
      parent: process.pid,
      project: expect.stringMatching(/shop-front$/),
    });
    expect(Date.now() - listeners[0].process.startedAt).toBeLessThan(60_000);
    expect(seesAllProcesses).toBeTypeOf("boolean");

    const text = (await sandbox.cove(["ports", `pid ${pid}`])).stdout;
    expect(text).toMatch(
      new RegExp(
        `^address +process +pid +user +project +reached from +since\\n127\\.0\\.0\\.1:${port} +node server\\.js +${pid} +${me} .*shop-front +this machine +\\d+ s\\n`,
      ),
    );
    expect((await sandbox.cove(["ports", "shop-front"])).stdout).toContain(`127.0.0.1:${port}`);
    expect((await sandbox.cove(["ports", "no such thing"])).stdout).toBe(
      "Nothing that listens matches no such thing\n",
    );
    const tree = (await sandbox.cove(["ports", String(port), "--tree"])).stdout;
    expect(tree).toMatch(
      new RegExp(`shop-front\\n  .*\\(pid ${process.pid}\\)\\n    127\\.0\\.0\\.1:${port}  node server\\.js`),
    );
  });

  test("tells exposed listeners from those on loopback, and UDP on request", async () => {
    await using sandbox = await coveSandbox();
    const inside = await nodeServer();
    const outside = await nodeServer("0.0.0.0");
    const udp = await started(
      process.execPath,
      [
        "-e",
        `const s = require("dgram").createSocket("udp4").bind(0, "127.0.0.1", () => console.log("port", s.address().port))`,
      ],
      scratch("udp"),
    );
    const exposed: { port: number; exposure: string }[] = (await json(sandbox, ["ports", "--exposed"])).listeners;
    expect(exposed.find(({ port }) => port === outside.port)?.exposure).toBe("everywhere");
    expect(exposed.some(({ port }) => port === inside.port)).toBe(false);
    expect((await sandbox.cove(["ports", String(outside.port)])).stdout).toMatch(/every network/);
    expect((await json(sandbox, ["ports", String(udp.port)])).listeners).toEqual([]);
    expect((await json(sandbox, ["ports", String(udp.port), "--udp"])).listeners).toMatchObject([
      { protocol: "udp", port: udp.port, pids: [udp.pid] },
    ]);
  });

  test("points out a split localhost, a shadow, and nothing where one process has both families", async () => {
    await using sandbox = await coveSandbox();
    const first = await nodeServer();
    await nodeServer("::1", first.port);
    const split = await sandbox.cove(["ports", String(first.port)]);
    expect(split.stdout).toMatch(
      new RegExp(`clash  port ${first.port}: \`localhost\` means one process over IPv4 and another over IPv6`),
    );
    expect((await json(sandbox, ["ports", String(first.port)])).conflicts).toMatchObject([{ kind: "localhost" }]);

    const every = await nodeServer("0.0.0.0");
    await nodeServer("127.0.0.5", every.port).catch(() => {});
    const both = await nodeServer("::1", 0, "");
    expect((await json(sandbox, ["ports", String(both.port)])).conflicts).toEqual([]);
  });

  test("names Cove's door, services and edges", { timeout: 60_000 }, async () => {
    await using sandbox = await coveSandbox();
    const cwd = scratch("stack");
    writeFileSync(
      join(cwd, "server.js"),
      `require("node:http").createServer((_, r) => r.end("ok")).listen(process.env.PORT, process.env.HOST)`,
    );
    writeFileSync(
      join(cwd, "cove.json"),
      JSON.stringify({
        name: "demo",
        services: { api: { command: "node server.js" }, web: { command: "node server.js", needs: ["api"] } },
      }),
    );
    expect((await sandbox.cove(["up", "-d"], { cwd })).code).toBe(0);
    const { listeners } = await json(sandbox, ["ports"]);
    const labels = listeners.flatMap(({ cove }: { cove: { label: string } | null }) => cove?.label ?? []);
    expect(labels).toEqual(expect.arrayContaining(["Cove's door", "demo/api", "demo/web", "web → api"]));
    const text = (await sandbox.cove(["ports", "demo"])).stdout;
    expect(text).toMatch(/node server\.js .* demo\/api /);
    expect(text).toMatch(/ demo: web → api /);

    const api = listeners.find(({ cove }: { cove: { label: string } | null }) => cove?.label === "demo/api");
    const explained = (await sandbox.cove(["explain", "api"])).stdout;
    expect(explained).toMatch(/127\.0\.0\.1:\d+ {2}demo\/api, a service of Cove's/);
    expect(explained).toMatch(/cove open demo\/api/);
    const named = await json(sandbox, ["explain", "api.demo.localhost", "--probe"]);
    expect(named).toMatchObject({
      behind: { host: "127.0.0.1", port: api.port },
      probe: { protocol: "http", http: { status: 200 } },
    });
    expect((await sandbox.cove(["explain", "web → api"])).stdout).toMatch(/an edge of demo: web reaches api here/);
    const tour = (await sandbox.cove(["explain"])).stdout;
    expect(tour).toMatch(/^127\.0\.0\.1:\d+ {2}Cove's door\n/);
    expect(tour).not.toMatch(/careful/);

    const service = await sandbox.cove(["free", String(api.port), "--yes", "--force"]);
    expect([service.code, service.stderr]).toEqual([
      1,
      expect.stringMatching(/PORT_PROTECTED .*demo\/api, a service of a running stack\n.*cove restart demo\/api/),
    ]);
    const door = await sandbox.cove(["free", String(sandbox.port), "--yes", "--force"]);
    expect([door.code, door.stderr]).toEqual([1, expect.stringMatching(/PORT_PROTECTED .*Cove's own\n.*cove stop/)]);
    expect((await ask(sandbox.port, "api.demo.localhost")).body).toBe("ok");

    const { port } = api;
    await sandbox.cove(["down", "demo"]);
    expect((await sandbox.cove(["explain", String(port)])).stdout).toMatch(
      /The port is kept for .*\/api, which isn't running[\s\S]*cove -C .* up/,
    );
  });

  test("follows what comes and goes", async () => {
    await using sandbox = await coveSandbox();
    const watch = await sandbox.start(["ports", "--watch", "shop-front"]);
    const { port, child } = await nodeServer();
    await watch.waitFor(new RegExp(`\\+ {2}[0-9:]{8} {2}127\\.0\\.0\\.1:${port} {2}node server\\.js`));
    child.kill("SIGKILL");
    await watch.waitFor(new RegExp(`- {2}[0-9:]{8} {2}127\\.0\\.0\\.1:${port} {2}`));
    expect(await watch.stop()).toBe(0);
  });
});

describe("cove free", () => {
  test("says so when nothing holds the port", async () => {
    await using sandbox = await coveSandbox();
    const { child, port } = await nodeServer();
    child.kill("SIGKILL");
    await once(child, "exit");
    const { code, stdout } = await sandbox.cove(["free", String(port)]);
    expect([code, stdout]).toEqual([0, `Nothing has port ${port} open: it is free\n`]);
    expect(await json(sandbox, ["free", String(port)])).toEqual({
      version: 1,
      ...{ port, free: true, holders: [], done: [], left: [] },
    });
  });

  test("names the holder, asks for leave, ends it, and looks whether the port is free", async () => {
    await using sandbox = await coveSandbox();
    const { port, pid, child } = await nodeServer();
    const refused = await sandbox.cove(["free", String(port)]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      new RegExp(
        `^127\\.0\\.0\\.1:${port}  node server\\.js\\n  pid ${pid}, user ${me}, .*shop-front, since \\d+ s\\nNOT_CONFIRMED .*\\n.*cove free ${port} --yes\\n`,
      ),
    );
    expect(child.exitCode).toBeNull();
    const { code, stdout } = await sandbox.cove(["free", String(port), "--yes"]);
    expect([code, stdout]).toEqual([0, `Port ${port} is free: node (pid ${pid}) ended\n`]);
    await expect.poll(() => child.signalCode).toBe("SIGTERM");
  });

  test("is firm with what doesn't end politely", { timeout: 30_000 }, async () => {
    await using sandbox = await coveSandbox();
    const { port, pid } = await nodeServer("127.0.0.1", 0, `process.on("SIGTERM", () => {})`);
    const { code, stdout } = await sandbox.cove(["free", String(port), "--yes"]);
    expect([code, stdout]).toEqual([
      0,
      `Port ${port} is free: node (pid ${pid}) was killed: it did not end within 5 s\n`,
    ]);
  });

  test("ends every holder of the port, and no other port's", async () => {
    await using sandbox = await coveSandbox();
    const first = await nodeServer();
    const second = await nodeServer("::1", first.port);
    // kill-port once ended what listened on 20010 when asked for 2001.
    const other = await nodeServer();
    const answer = await json(sandbox, ["free", String(first.port), "--yes"]);
    expect(answer).toMatchObject({ free: true, left: [] });
    expect(answer.done.map(({ pid }: { pid: number }) => pid).sort()).toEqual([first.pid, second.pid].sort());
    expect(other.child.exitCode).toBeNull();
  });

  test("doesn't call a port free that is taken again by what starts its server anew", { timeout: 30_000 }, async () => {
    await using sandbox = await coveSandbox();
    const cwd = scratch("restarter");
    const port = await freePort();
    writeFileSync(join(cwd, "server.js"), `require("net").createServer().listen(${port}, "127.0.0.1")`);
    writeFileSync(
      join(cwd, "restarter.js"),
      `const { spawn } = require("node:child_process");
      const start = () => spawn(process.execPath, ["server.js"]).on("exit", () => setTimeout(start, 400));
      start();
      console.log("port", ${port});`,
    );
    const { child } = await started(process.execPath, ["restarter.js"], cwd);
    await expect.poll(() => reaches(port)).toBe(true);
    const freed = await sandbox.cove(["free", String(port), "--yes"]);
    expect([freed.code, freed.stderr]).toEqual([1, expect.stringMatching(/was freed and taken again/)]);
    child.kill("SIGKILL");
    expect((await sandbox.cove(["free", String(port), "--yes"])).code).toBe(0);
  });

  test("counts UDP", async () => {
    await using sandbox = await coveSandbox();
    const cwd = scratch("udp");
    const code = `const s = require("dgram").createSocket("udp4").bind(0, "127.0.0.1", () => console.log("port", s.address().port))`;
    const { port, pid } = await started(process.execPath, ["-e", code], cwd);
    const answer = await json(sandbox, ["free", String(port), "--yes"]);
    expect(answer).toMatchObject({
      free: true,
      holders: [{ pid, addresses: [{ host: "127.0.0.1", port, protocol: "udp" }] }],
    });
  });

  test("ends several holders that take their time together", { timeout: 30_000 }, async () => {
    await using sandbox = await coveSandbox();
    const deaf = `process.on("SIGTERM", () => {})`;
    const first = await nodeServer("127.0.0.1", 0, deaf);
    await nodeServer("::1", first.port, deaf);
    const began = performance.now();
    expect(await json(sandbox, ["free", String(first.port), "--yes"])).toMatchObject({ free: true });
    // Each is given 5 s.
    expect(performance.now() - began).toBeLessThan(9_500);
  });

  test("leaves what it must not end: the program that it was called from", async () => {
    await using sandbox = await coveSandbox();
    const cwd = scratch("ancestor");
    writeFileSync(
      join(cwd, "caller.js"),
      `const { spawnSync } = require("node:child_process");
      const server = require("node:net").createServer().listen(0, "127.0.0.1", () => {
        const { port } = server.address();
        // A shell stands between, as it does for people.
        const done = spawnSync("sh", ["-c", '"$@"; exit $?', "sh", ...process.argv.slice(2), "free", String(port), "--yes", "--force"]);
        console.log(JSON.stringify([done.status, String(done.stderr)]));
        process.exit();
      });`,
    );
    const bin = fileURLToPath(new URL("../bin/cove.js", import.meta.url));
    const output = execFileSync(process.execPath, ["caller.js", process.execPath, bin], { cwd, env: sandbox.env });
    const [status, stderr] = JSON.parse(String(output));
    expect([status, stderr]).toEqual([1, expect.stringMatching(/PORT_PROTECTED .*which this command runs in/)]);
  });

  test.skipIf(REDIS === null)("asks twice for a database", async () => {
    await using sandbox = await coveSandbox();
    const { child: placeholder, port } = await nodeServer();
    placeholder.kill("SIGKILL");
    await once(placeholder, "exit");
    const child = spawn(REDIS ?? "", ["--port", String(port), "--bind", "127.0.0.1", "--save", ""], {
      stdio: "ignore",
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    await expect.poll(() => reaches(port), { timeout: 10_000 }).toBe(true);
    const refused = await sandbox.cove(["free", String(port), "--yes"]);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/PORT_PROTECTED .*a database.*\n.*redis-cli -p \d+ shutdown/),
    ]);
    const explained = await sandbox.cove(["explain", String(port), "--probe"]);
    expect(explained.stdout).toMatch(/answers +Redis, without a password/);
    expect((await sandbox.cove(["free", String(port), "--yes", "--force"])).code).toBe(0);
  });

  test.skipIf(process.getuid?.() !== 0 || SETPRIV === null)("leaves other users' processes alone", async () => {
    await using sandbox = await coveSandbox();
    const cwd = scratch("other");
    const code = `const s = require("net").createServer().listen(0, "127.0.0.1", () => console.log("port", s.address().port))`;
    const args = ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath, "-e", code];
    const { port } = await started(SETPRIV ?? "", args, cwd);
    const refused = await sandbox.cove(["free", String(port), "--yes"]);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/PORT_PROTECTED .*another user's/)]);
    expect((await sandbox.cove(["free", String(port), "--yes", "--force"])).code).toBe(0);
  });
});

describe("cove explain", () => {
  test("tells what listens, who is connected and what answers", async () => {
    await using sandbox = await coveSandbox();
    const { port, pid } = await nodeServer();
    const client = connect(port, "127.0.0.1");
    await once(client, "connect");
    onTestFinished(() => void client.destroy());
    const { stdout } = await sandbox.cove(["explain", `127.0.0.1:${port}`, "--probe"]);
    expect(stdout).toMatch(
      new RegExp(
        `now +node server\\.js \\(pid ${pid}, user ${me}\\)\\n +since \\d+ s, in .*shop-front\\n +on 127\\.0\\.0\\.1:${port}, reached from: this machine`,
      ),
    );
    expect(stdout).toMatch(new RegExp(`connected .*\\(pid ${process.pid}\\)`));
    expect(stdout).toMatch(/answers +HTTP: 200 OK, “The shop”/);
    expect(stdout).toMatch(new RegExp(`next +cove free ${port}`));
    const facts = await json(sandbox, ["explain", `127.0.0.1:${port}`]);
    expect(facts).toMatchObject({
      address: { class: "loopback", reach: "this machine" },
      listeners: [{ port, pids: [pid] }],
      clients: [{ process: { pid: process.pid } }],
      probe: null,
      troubles: [],
    });
  });

  test("tells why a connection is refused", async () => {
    await using sandbox = await coveSandbox();
    const { port } = await nodeServer("::1");
    const wrong = await sandbox.cove(["explain", `127.0.0.1:${port}`]);
    expect(wrong.stdout).toMatch(/careful +node server\.js \(pid \d+\) listens over IPv6 only/);
    expect(wrong.stdout).toContain(`cove explain [::1]:${port}`);
    expect((await sandbox.cove(["explain", `localhost:${port}`])).stdout).toMatch(/only \[::1\]:\d+ +answers/s);
  });

  test("explains ports, addresses, names and pids without anything there", async () => {
    await using sandbox = await coveSandbox();
    const cases: [string[], RegExp][] = [
      [["5432"], /IANA: postgresql/],
      [["127.0.0.1:62893"], /Cove's door|every service you run/],
      [["0.0.0.0"], /answers on every address/],
      [["10.0.0.7"], /RFC 1918/],
      [["api.example"], /RFC 6761/],
      [["pid", String(process.pid)], new RegExp(`process +.*\\n(.*\\n)*? +user ${me}`)],
      [["postgres://ann:hush@127.0.0.1/shop"], /127\.0\.0\.1:5432/],
      [[], /127\.0\.0\.1[\s\S]*cove run -- npm run dev/],
    ];
    for (const [args, said] of cases) {
      const { code, stdout } = await sandbox.cove(["explain", ...args]);
      expect(stdout, args.join(" ")).toMatch(said);
      expect(stdout).not.toContain("hush");
      expect(code).toBe(0);
    }
    const unknown = await sandbox.cove(["explain", "nosuchthing"]);
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringMatching(/^NAME_UNKNOWN/)]);
    // Explaining makes nothing: no state, no home.
    expect(execFileSync("ls", ["-A", sandbox.home], { encoding: "utf8" })).toBe("");
  });
});

function reaches(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true));
    socket.on("error", () => resolve(false));
    socket.on("close", () => socket.destroy());
    socket.on("connect", () => socket.end());
  });
}
