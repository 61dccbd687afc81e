import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { ask, eventually } from "../../test/support/door-request.ts";
import { freePort } from "../../test/support/free-port.ts";
import { sleep } from "../async/sleep.ts";
import { isFault, orThrow } from "../fault/fault.ts";
import { machine } from "../machine/machine.ts";
import { connectHome } from "./client/client.ts";
import { ensureHome } from "./client/ensure.ts";
import { readHomeFile } from "./client/home-file.ts";
import { homeSocket } from "./client/socket.ts";
import { ensureToken } from "./client/token.ts";
import { endHome, type HomeSandbox, homeSandbox } from "./sandbox.fixture.ts";
import { echoServer, hello, service, status, testStack, webServer } from "./stack.fixture.ts";
import type { HomeEvent } from "./view/view.ts";

/** Starts a fixture in a process of its own and reads the one line of JSON that it prints. */
async function fixture<T>(
  sandbox: HomeSandbox,
  name: string,
  ...args: string[]
): Promise<{ child: ChildProcess; said: T }> {
  const path = fileURLToPath(new URL(`./${name}.fixture.ts`, import.meta.url));
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", path, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  sandbox.children.push(child);
  const ended = once(child, "exit").then(([code]) => Promise.reject(new Error(`${name} ended with ${code}`)));
  const [line] = (await Promise.race([once(createInterface(child.stdout), "line"), ended])) as [string];
  return { child, said: JSON.parse(line) as T };
}

/** Sends text through a TCP address and waits for as much to come back. */
function echoed(address: { host: string; port: number }, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(address.port, address.host, () => socket.write(text));
    let got = "";
    socket.on("data", (chunk) => {
      got += String(chunk);
      if (got.length >= text.length) socket.end();
    });
    socket.on("close", () => resolve(got));
    socket.on("error", reject);
  });
}

describe("home starts", () => {
  test("once, however many processes want it at the same moment", { timeout: 90_000 }, async () => {
    await using sandbox = await homeSandbox();
    const all = await Promise.all(Array.from({ length: 20 }, () => fixture<{ pid: number }>(sandbox, "client/ensure")));
    const pids = new Set(all.map(({ said }) => said.pid));
    expect([...pids]).toEqual([readHomeFile(sandbox.folder)?.pid]);
  });

  test("and leaves only files that are this user's alone", async () => {
    await using sandbox = await homeSandbox();
    const home = orThrow(await ensureHome());
    expect(readHomeFile(sandbox.folder)).toMatchObject({ pid: home.home.pid, port: sandbox.port });
    for (const name of ["home.json", "token", "home.log", "home.lock", "start.lock", "cove.sqlite", "home.sock"]) {
      expect(statSync(join(sandbox.folder, name)).mode & 0o777, name).toBe(0o600);
    }
    expect(statSync(sandbox.folder).mode & 0o777).toBe(0o700);
  });

  test("not where another process holds the door's port, and names that process", async () => {
    await using sandbox = await homeSandbox();
    const squatter = createTcpServer().listen(sandbox.port, "127.0.0.1");
    await once(squatter, "listening");
    try {
      const taken = await ensureHome();
      expect(taken).toMatchObject({ fault: "PORT_TAKEN" });
      expect(isFault(taken) && taken.message).toContain(String(sandbox.port));
      expect(isFault(taken) && taken.message).toContain(`pid ${process.pid}`);
      expect(isFault(taken) && taken.hint).toContain("COVE_PORT");
      expect(await connectHome()).toBeNull();
    } finally {
      squatter.close();
    }
    expect(isFault(await ensureHome())).toBe(false);
  });

  test("not by asking whether it runs", async () => {
    await using sandbox = await homeSandbox();
    expect(await connectHome()).toBeNull();
    expect(readHomeFile(sandbox.folder)).toBeNull();
    orThrow(await ensureHome());
    await endHome(sandbox.folder);
    expect(readHomeFile(sandbox.folder)).not.toBeNull();
    expect(await connectHome()).toBeNull();
  });
});

test("a home of another version is named, not used", async () => {
  await using sandbox = await homeSandbox();
  ensureToken(sandbox.folder);
  const health = { version: "0.0.0-other", pid: process.pid, started: "x", port: sandbox.port, stopping: false };
  const other = createServer((_, response) => response.end(JSON.stringify(health)));
  other.listen(homeSocket(sandbox.folder));
  await once(other, "listening");
  try {
    for (const answer of [await ensureHome(), await connectHome()]) {
      expect(answer).toMatchObject({ fault: "HOME_MISMATCH", detail: { running: "0.0.0-other" } });
      expect(isFault(answer) && answer.hint).toContain("cove stop");
    }
    expect(await connectHome({ anyVersion: true })).toMatchObject({ home: health });
  } finally {
    other.close();
    other.closeAllConnections();
  }
});

test("a state folder whose path is too long for a socket gets one elsewhere", async () => {
  await using sandbox = await homeSandbox();
  const deep = join(sandbox.folder, "d".repeat(120));
  process.env.COVE_HOME = deep;
  const home = orThrow(await ensureHome());
  try {
    expect(home.address.socket.startsWith(deep)).toBe(false);
    expect(statSync(dirname(home.address.socket)).mode & 0o777).toBe(0o700);
    expect(orThrow(await home.snapshot()).home.pid).toBe(home.home.pid);
  } finally {
    expect(await home.stop()).toBeNull();
    rmSync(dirname(home.address.socket), { recursive: true, force: true });
  }
});

describe("a stack", () => {
  test("answers by name, and over its edges, and is shown", async () => {
    await using sandbox = await homeSandbox();
    await using web = await webServer("the shop");
    await using db = await echoServer();
    const edge = { id: "web→db", from: "web", to: "db", address: { host: "127.0.0.1", port: await freePort() } };
    const url = `postgres://u:secret-pw@127.0.0.1:${db.address.port}/shop`;
    const told = hello("shop", {
      services: [
        service("db", db.address, { protocol: "postgres", kind: "postgres", url }),
        service("web", web.address, {
          needs: ["db"],
          names: ["front", "*.shop-front.localhost"],
          env: { DB_URL: url },
        }),
      ],
      edges: [edge],
      logs: [{ service: "web", stream: "stdout", time: 1, text: `up with ${url}` }],
    });
    await using stack = await testStack(() => told);
    const names = ["web.shop.localhost", "front.localhost", "*.shop-front.localhost"];
    expect(stack.opened).toEqual({
      type: "welcome",
      telemetry: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/otlp\/[\w-]{24}$/),
      base: "shop",
      port: sandbox.port,
      names: { web: names, db: [] },
      broken: [],
    });
    for (const name of ["web.shop.localhost", "FRONT.localhost", "any.shop-front.localhost"]) {
      expect((await ask(sandbox.port, name)).body).toBe("the shop");
    }
    expect(await echoed(edge.address, "select 1")).toBe("select 1");

    const home = orThrow(await ensureHome());
    const snapshot = orThrow(await home.snapshot());
    expect(snapshot.stacks).toHaveLength(1);
    const [shown] = snapshot.stacks;
    expect(shown).toMatchObject({ id: told.stack, name: "shop", root: "/projects/shop", runner: { pid: process.pid } });
    expect(shown?.services[0]?.url).toBe(url.replace("secret-pw", "••••••"));
    expect(shown?.services[1]).toMatchObject({
      url: `http://web.shop.localhost:${sandbox.port}`,
      names,
      state: "ready",
    });
    expect(shown?.edges.map((one) => one.id)).toEqual(["browser→web", "web→db"]);
    expect(shown?.edges[1]).toMatchObject({ bytesUp: 8, bytesDown: 8 });

    const lines = orThrow(await home.logs("shop", "web"));
    expect(lines.map((line) => line.text)).toEqual([`up with ${url.replace("secret-pw", "••••••")}`]);
    expect(await home.logs("shop", "nope")).toMatchObject({ fault: "SERVICE_UNKNOWN" });
    expect(await home.logs("nope", null)).toMatchObject({ fault: "STACK_UNKNOWN" });

    await stack.link.close();
    expect((await ask(sandbox.port, "web.shop.localhost")).status).toBe(421);
    expect(orThrow(await home.snapshot()).stacks).toEqual([]);
    expect(orThrow(await home.logs("shop", null))).toHaveLength(1);
    await expect(echoed(edge.address, "x")).rejects.toThrow("ECONNREFUSED");
  });

  test("that is starting lets requests wait until it is ready", async () => {
    await using sandbox = await homeSandbox();
    await using web = await webServer("at last");
    const late = service("web", web.address, { status: status("starting") });
    await using stack = await testStack(() => hello("late", { services: [late] }));
    const answer = ask(sandbox.port, "web.late.localhost");
    const early = await Promise.race([answer, sleep(300).then(() => "waits")]);
    expect(early).toBe("waits");
    stack.link.send({ type: "status", service: "web", status: status("ready") });
    expect((await answer).body).toBe("at last");
    stack.link.send({ type: "status", service: "web", status: status("failed") });
    await eventually(async () => ((await ask(sandbox.port, "web.late.localhost")).status === 502 ? true : undefined));
  });

  test("a service that listens nowhere says so at its name, not that it is down", async () => {
    await using sandbox = await homeSandbox();
    const worker = service("worker", { host: "127.0.0.1", port: await freePort() }, { portless: true });
    await using _ = await testStack(() => hello("shop", { services: [worker] }));
    const { status: code, body } = await ask(sandbox.port, "worker.shop.localhost");
    expect(code).toBe(502);
    expect(body).toContain("worker listens on no port, so it has no address");
  });

  test("says in its log why a service's response was refused, once for many", async () => {
    await using _ = await homeSandbox();
    const nonsense = createTcpServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"));
    });
    nonsense.listen(0, "127.0.0.1");
    await once(nonsense, "listening");
    const { port } = nonsense.address() as AddressInfo;
    const web = service("web", { host: "127.0.0.1", port });
    await using stack = await testStack(() => hello("shop", { services: [web] }));
    orThrow(stack.opened);
    const home = orThrow(await ensureHome());
    for (let n = 0; n < 5; n++) {
      expect((await ask(home.home.port, "web.shop.localhost", { path: "/cart" })).status).toBe(502);
    }
    const lines = orThrow(await home.logs("shop", "web"));
    expect(lines).toMatchObject([{ service: "web", stream: "cove" }]);
    expect(lines[0]?.text).toMatch(/^its response to GET \/cart was refused: .*length/i);
    nonsense.close();
  });

  test("whose name another project has gets a number, and keeps it", async () => {
    await using sandbox = await homeSandbox();
    await using one = await webServer("one");
    await using two = await webServer("two");
    const single = (address: { host: string; port: number }) => ({ single: true, services: [service("app", address)] });
    const [first, second] = [hello("app", single(one.address)), hello("app", single(two.address))];
    await using a = await testStack(() => first);
    await using b = await testStack(() => second);
    expect([a.opened, b.opened]).toMatchObject([{ base: "app" }, { base: "app-2" }]);
    expect((await ask(sandbox.port, "app-2.localhost")).body).toBe("two");
    await a.link.close();
    await endHome(sandbox.folder);
    await eventually(() => (b.welcomes.length === 2 ? true : undefined));
    expect(b.welcomes[1]?.base).toBe("app-2");
  });

  test("is up once: a second runner is refused, and the name of the first told", async () => {
    await using sandbox = await homeSandbox();
    const told = hello("shop");
    await using first = await testStack(() => told);
    const other = await fixture<{ fault: string; message: string }>(sandbox, "runner", told.stack, "shop", "1");
    expect(isFault(first.opened)).toBe(false);
    expect(other.said).toMatchObject({ fault: "STACK_RUNNING" });
    expect(other.said.message).toContain(String(process.pid));
  });

  test("does what home is asked to ask of it", async () => {
    await using _ = await homeSandbox();
    await using web = await webServer("x");
    const told = hello("shop", { services: [service("web", web.address)] });
    await using stack = await testStack(
      () => told,
      async (action) => (action === "start" ? { fault: "COMMAND_MISSING", message: "no such program" } : []),
    );
    const home = orThrow(await ensureHome());
    expect(await home.act("shop", "web", "restart")).toBeNull();
    expect(await home.act(told.stack, null, "restart")).toBeNull();
    expect(await home.act("shop", "web", "start")).toMatchObject({ fault: "COMMAND_MISSING" });
    expect(await home.act("shop", "db", "stop")).toMatchObject({ fault: "SERVICE_UNKNOWN" });
    expect(await home.act("other", null, "down")).toMatchObject({ fault: "STACK_UNKNOWN" });
    expect(await home.act("shop", null, "down")).toBeNull();
    expect(orThrow(await home.snapshot()).stacks).toEqual([]);
    expect(stack.asked).toEqual([
      { action: "restart", service: "web" },
      { action: "restart", service: null },
      { action: "start", service: "web" },
      { action: "down", service: null },
    ]);
  });
});

describe("when something is killed", () => {
  test("a runner that loses home starts it again, on the same addresses", { timeout: 60_000 }, async () => {
    await using sandbox = await homeSandbox();
    await using web = await webServer("still here");
    await using db = await echoServer();
    const edge = { id: "web→db", from: "web", to: "db", address: { host: "127.0.0.1", port: await freePort() } };
    const services = [service("db", db.address, { protocol: "tcp" }), service("web", web.address)];
    const told = hello("shop", { services, edges: [edge] });
    await using stack = await testStack(() => told);
    for (let round = 1; round <= 3; round++) {
      const pid = readHomeFile(sandbox.folder)?.pid;
      await endHome(sandbox.folder);
      await eventually(() => (stack.welcomes.length === round + 1 ? true : undefined), 10_000);
      expect(readHomeFile(sandbox.folder)?.pid).not.toBe(pid);
      expect(stack.welcomes[round]).toEqual(stack.welcomes[0]);
      expect((await ask(sandbox.port, "web.shop.localhost")).body).toBe("still here");
      expect(await echoed(edge.address, "again")).toBe("again");
    }
    expect(stack.lost).toBe(3);
  });

  test("a runner leaves nothing behind, and its stack can come up again", { timeout: 60_000 }, async () => {
    await using sandbox = await homeSandbox();
    const port = String(await freePort());
    const first = await fixture<{ service: { pid: number; started: string } }>(
      sandbox,
      "runner",
      "ab12",
      "orphan",
      port,
    );
    expect((await eventually(() => served(sandbox.port, "orphan.localhost"))).body).toBe("served");
    first.child.kill("SIGKILL");
    const second = await fixture<{ service: { pid: number; started: string } }>(
      sandbox,
      "runner",
      "ab12",
      "orphan",
      port,
    );
    expect(machine.isRunning(first.said.service)).toBe(false);
    expect((await eventually(() => served(sandbox.port, "orphan.localhost"))).body).toBe("served");
    second.child.kill("SIGKILL");
    await eventually(() => (machine.isRunning(second.said.service) ? undefined : true));
    expect((await ask(sandbox.port, "orphan.localhost")).status).toBe(421);
  });

  test("only the connection of a runner, its names stay for a while, and come back with it", async () => {
    await using sandbox = await homeSandbox();
    await using web = await webServer("served");
    const home = orThrow(await ensureHome());
    const told = { ...hello("away", { services: [service("web", web.address)] }), version: home.home.version };
    const register = async () => {
      const headers = { authorization: `Bearer ${home.address.token}` };
      const createConnection = () => connect(home.address.socket);
      const socket = new WebSocket("ws://cove.localhost/api/v1/session", { headers, createConnection });
      await once(socket, "open");
      socket.send(JSON.stringify(told));
      await once(socket, "message");
      return socket;
    };
    const first = await register();
    first.terminate();
    await once(first, "close");
    expect((await ask(sandbox.port, "web.away.localhost")).body).toBe("served");
    expect(await home.act("away", null, "restart")).toMatchObject({ fault: "HOME_UNREACHABLE" });
    await eventually(async () => ((await ask(sandbox.port, "web.away.localhost")).status === 421 ? true : undefined));
    const second = await register();
    expect((await ask(sandbox.port, "web.away.localhost")).body).toBe("served");
    second.send(JSON.stringify({ type: "bye" }));
    await once(second, "close");
    expect(orThrow(await home.snapshot()).stacks).toEqual([]);
  });

  test("home by an error that nobody handles, it says which, and the next one takes over", async () => {
    await using sandbox = await homeSandbox();
    await using web = await webServer("still here");
    // A network's code is no excuse: whose socket it was should have known what to do.
    const broken = `process.on("SIGUSR2", () => {
      const error = Object.assign(new Error("nobody's socket"), { code: "ECONNRESET" });
      setImmediate(function culprit() { throw error; });
    });`;
    const preload = `data:text/javascript,${encodeURIComponent(broken)}`;
    const main = fileURLToPath(new URL("./main.ts", import.meta.url));
    ensureToken(sandbox.folder);
    const home = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "--import", preload, main], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    sandbox.children.push(home);
    let log = "";
    home.stderr.on("data", (chunk) => {
      log += chunk;
    });
    await eventually(() => (log.includes("answers at") ? true : undefined));
    const told = hello("shop", { services: [service("web", web.address)] });
    await using stack = await testStack(() => told);
    expect((await ask(sandbox.port, "web.shop.localhost")).body).toBe("still here");
    home.kill("SIGUSR2");
    const [code] = await once(home, "exit");
    expect(code).toBe(1);
    expect(log).toMatch(/uncaught: Error: nobody's socket\n +at /);
    await eventually(() => (stack.welcomes.length === 2 ? true : undefined));
    expect(stack.asked).toEqual([]);
    expect((await ask(sandbox.port, "web.shop.localhost")).body).toBe("still here");
  });

  test("home, names that it knew wait for their runner, unless that is dead", { timeout: 60_000 }, async () => {
    await using sandbox = await homeSandbox();
    const [alive, dead] = await Promise.all(
      ["alive", "dead"].map(async (base) => {
        return await fixture(sandbox, "runner", base, base, String(await freePort()));
      }),
    );
    // Stopped first, so that neither can start a home again in between.
    for (const runner of [alive, dead]) runner?.child.kill("SIGSTOP");
    await endHome(sandbox.folder);
    dead?.child.kill("SIGKILL");
    if (dead !== undefined) await once(dead.child, "exit");
    orThrow(await ensureHome());
    const waits = ask(sandbox.port, "alive.localhost");
    expect((await ask(sandbox.port, "dead.localhost")).status).toBe(421);
    alive?.child.kill("SIGCONT");
    const answer = await waits;
    expect([answer.status, answer.body]).toEqual([200, "served"]);
  });

  test("home and runner both, the next home ends what is left", { timeout: 60_000 }, async () => {
    await using sandbox = await homeSandbox();
    const port = String(await freePort());
    const runner = await fixture<{ service: { pid: number; started: string } }>(
      sandbox,
      "runner",
      "cd34",
      "both",
      port,
    );
    // Stopped first, so that the runner can't start a home again in between.
    runner.child.kill("SIGSTOP");
    await endHome(sandbox.folder);
    runner.child.kill("SIGKILL");
    await once(runner.child, "exit");
    expect(machine.isRunning(runner.said.service)).toBe(true);
    orThrow(await ensureHome());
    expect((await ask(sandbox.port, "both.localhost")).status).toBe(421);
    await eventually(() => (machine.isRunning(runner.said.service) ? undefined : true));
  });
});

test("stop takes stacks down, then home; and nothing starts it again", async () => {
  await using sandbox = await homeSandbox();
  await using stack = await testStack(() => hello("shop"));
  const home = orThrow(await ensureHome());
  expect(await home.stop()).toBeNull();
  expect(stack.asked).toEqual([{ action: "down", service: null }]);
  expect(await connectHome()).toBeNull();
  expect(readHomeFile(sandbox.folder)).toBeNull();
  await sleep(300);
  expect(await connectHome()).toBeNull();
  await expect(ask(sandbox.port, "cove.localhost")).rejects.toThrow("ECONNREFUSED");
});

test("events: a snapshot first, then changes and log lines as they come", async () => {
  await using _ = await homeSandbox();
  await using web = await webServer("x");
  const home = orThrow(await ensureHome());
  const leave = new AbortController();
  const events: HomeEvent[] = [];
  const quiet: HomeEvent[] = [];
  const followed = home.follow((event) => events.push(event), leave.signal);
  const followedQuietly = home.follow((event) => quiet.push(event), leave.signal, { logs: false });
  await eventually(() => (events.length === 1 && quiet.length === 1 ? true : undefined));
  expect(events[0]).toMatchObject({ type: "snapshot", snapshot: { stacks: [] } });

  const told = hello("shop", { services: [service("web", web.address, { status: status("starting") })] });
  await using stack = await testStack(() => told);
  const line = { service: "web", stream: "stdout" as const, time: 1, text: "GET http://u:pw@h/" };
  stack.link.send({ type: "log", lines: [line] });
  stack.link.send({ type: "status", service: "web", status: status("ready") });
  await eventually(() =>
    events.some((event) => event.type === "snapshot" && event.snapshot.stacks[0]?.services[0]?.state === "ready")
      ? true
      : undefined,
  );
  const logs = events.filter((event) => event.type === "log");
  expect(logs).toEqual([{ type: "log", stack: told.stack, lines: [{ ...line, text: "GET http://u:••••••@h/" }] }]);
  expect(quiet.some((event) => event.type === "log")).toBe(false);
  leave.abort();
  expect(await followed).toBeUndefined();
  expect(await followedQuietly).toBeUndefined();
});

test("an alias answers by name, also with the next home, until it is removed", async () => {
  await using sandbox = await homeSandbox();
  await using web = await webServer("by alias");
  const home = orThrow(await ensureHome());
  const set = orThrow(await home.setAlias("Legacy", web.address));
  expect(set).toEqual({
    name: "legacy",
    names: ["legacy.localhost"],
    url: `http://legacy.localhost:${sandbox.port}`,
    address: web.address,
  });
  expect((await ask(sandbox.port, "legacy.localhost")).body).toBe("by alias");
  for (const [name, to, code] of [
    ["a b", web.address, "USAGE"],
    ["*.x", web.address, "USAGE"],
    ["cove", web.address, "NAME_TAKEN"],
    ["x", { host: "0.0.0.0", port: 80 }, "ADDRESS_INVALID"],
    ["x", { host: "127.0.0.1", port: sandbox.port }, "LOOP_DETECTED"],
    ["x", { host: "127.0.0.1", port: 0 }, "REQUEST_INVALID"],
  ] as const) {
    expect(await home.setAlias(name, to), name).toMatchObject({ fault: code });
  }
  await endHome(sandbox.folder);
  const next = orThrow(await ensureHome());
  expect((await ask(sandbox.port, "legacy.localhost")).body).toBe("by alias");
  expect(orThrow(await next.snapshot()).aliases).toEqual([set]);
  expect(await next.removeAlias("legacy")).toBeNull();
  expect(await next.removeAlias("legacy")).toMatchObject({ fault: "NAME_UNKNOWN" });
  expect((await ask(sandbox.port, "legacy.localhost")).status).toBe(421);
});

async function served(port: number, name: string) {
  const answer = await ask(port, name);
  return answer.status === 200 ? answer : undefined;
}
