import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { eventually } from "../../../test/support/door-request.ts";
import { freePort } from "../../../test/support/free-port.ts";
import { sleep } from "../../async/sleep.ts";
import { isFault, orThrow } from "../../fault/fault.ts";
import type { Hello } from "../../stack/session/messages.ts";
import type { HomeClient } from "../client/client.ts";
import { ensureHome } from "../client/ensure.ts";
import { homeSandbox } from "../sandbox.fixture.ts";
import { echoServer, hello, service, testStack, webServer } from "../stack.fixture.ts";

const edge = async (from: string, to: string) => ({
  ...{ id: `${from}→${to}`, from, to },
  address: { host: "127.0.0.1", port: await freePort() },
});

test("conditions about HTTP are refused where another protocol is spoken, and the fault says what works there", async () => {
  await using _ = await homeSandbox();
  await using echo = await echoServer();
  const services = (["postgres", "redis", "tcp", "http"] as const).map((protocol) => {
    return service(protocol, echo.address, { protocol });
  });
  const edges = await Promise.all(services.map(({ name }) => edge("web", name)));
  const told = hello("shop", { services, edges });
  await using __ = await testStack(() => told);
  const home = orThrow(await ensureHome());
  for (const protocol of ["postgres", "redis"]) {
    for (const kind of ["http-status=500", "http-drop", "http-corrupt=1%", "ws-drop=5%", "latency=10 http-abort"]) {
      const given = await home.shape("shop", `web→${protocol}`, kind);
      if (!isFault(given)) throw new Error(`${kind} was taken on ${protocol}`);
      expect(given.fault).toBe("CONDITION_INVALID");
      expect(given.message).toMatch(new RegExp(`web→${protocol} carries ${protocol}, and (http|ws)-`));
      expect(given.hint).toMatch(/works there: .*latency.*reset/);
      expect(given.hint).not.toContain("http-");
    }
    expect(await home.shape("shop", protocol, "slow-3g")).toEqual([`web→${protocol}`]);
    const scenario = { target: protocol, name: "faults", parts: [{ for: 100, conditions: "http-status=500" }] };
    expect(await home.play("shop", scenario)).toMatchObject({ fault: "CONDITION_INVALID" });
  }
  // What travels over plain TCP isn't known; what can't have the condition is left out of all.
  expect(await home.shape("shop", "tcp", "http-status=500")).toEqual(["web→tcp"]);
  expect(await home.shape("shop", "all", "http-status=500")).toEqual(["browser→http", "web→tcp", "web→http"]);
  expect(await home.unshape("shop", "all")).toHaveLength(5);
});

test("where the protocol isn't known, that no HTTP is seen is told once, and shown with the edge", async () => {
  await using _ = await homeSandbox();
  await using echo = await echoServer();
  const way = await edge("web", "line");
  const told = hello("shop", { services: [service("line", echo.address, { protocol: "tcp" })], edges: [way] });
  await using __ = await testStack(() => told);
  const home = orThrow(await ensureHome());
  expect(await home.shape("shop", "line", "http-status=500")).toEqual(["web→line"]);
  for (let round = 0; round < 2; round++) {
    const socket = connect(way.address.port, way.address.host);
    socket.write("no request\n");
    const [got] = await once(socket, "data");
    expect(String(got)).toBe("no request\n");
    socket.destroy();
  }
  const stack = orThrow(await home.snapshot()).stacks[0];
  expect(stack?.edges.find(({ id }) => id === "web→line")?.shape).toMatchObject({ noHttp: "other" });
  const lines = orThrow(await home.logs("shop", null)).map(({ text }) => text);
  expect(lines.filter((line) => line.includes("web→line carries no HTTP/1"))).toHaveLength(1);
});

test("conditions of the config that can't be set are told in the stack's log", async () => {
  await using _ = await homeSandbox();
  await using echo = await echoServer();
  const services = [service("db", echo.address, { protocol: "postgres" })];
  const network = { conditions: { "web→db": "http-status=500" } };
  const told = hello("shop", { services, edges: [await edge("web", "db")], network });
  await using __ = await testStack(() => told);
  const home = orThrow(await ensureHome());
  const lines = orThrow(await home.logs("shop", null)).map(({ text }) => text);
  expect(lines).toEqual([expect.stringMatching(/the config's conditions for web→db: web→db carries postgres/)]);
});

test("a step of a scenario that fails is told in the stack's log, and shown with the edge", async () => {
  await using _ = await homeSandbox();
  await using api = await webServer("x");
  await using taken = await webServer("not yours");
  const home = orThrow(await ensureHome());
  const lost = await edge("web", "api");
  const first = hello("shop", { version: home.home.version, services: [service("api", api.address)], edges: [lost] });
  await register(home, first);
  // The first step lasts until the edge is lost, on a busy machine too.
  const parts = [
    { for: 3_000, conditions: "latency=1" },
    { for: 60_000, conditions: "latency=2" },
  ];
  orThrow(await home.play("shop", { target: "web→api", name: "commute", parts }));
  // The runner comes back with the edge at a port that somebody else has.
  await register(home, { ...first, granted: "shop", edges: [{ ...lost, address: taken.address }] });
  const shape = await eventually(async () => {
    const [stack] = orThrow(await home.snapshot()).stacks;
    const found = stack?.edges.find(({ id }) => id === "web→api")?.shape;
    return found?.failed === undefined ? undefined : found;
  });
  expect(shape).toMatchObject({ scenario: "commute", text: "latency=2ms" });
  expect(shape.failed).toMatch(/web→api has no relay: nothing could listen on 127\.0\.0\.1:\d+/);
  const lines = orThrow(await home.logs("shop", null)).map(({ text }) => text);
  expect(lines.filter((line) => /^commute failed on web→api: .*no relay/.test(line))).toHaveLength(1);
  // By hand it is the same fault, not a condition that nothing has.
  expect(await home.shape("shop", "web→api", "latency=5")).toMatchObject({ fault: "PORT_TAKEN" });
});

test("a scenario ends with its stack, on all its edges", async () => {
  await using _ = await homeSandbox();
  await using api = await webServer("x");
  const home = orThrow(await ensureHome());
  const edges = [await edge("web", "api"), await edge("worker", "api")];
  const told = hello("shop", { version: home.home.version, services: [service("api", api.address)], edges });
  const runner = await register(home, told);
  const parts = [{ repeat: 1_000, parts: [{ for: 50, conditions: "latency=1" }] }];
  orThrow(await home.play("shop", { target: "all", name: "flood", parts }));
  // What is set on one of them by hand ends it on the others.
  orThrow(await home.shape("shop", "web→api", "latency=5"));
  const shapes = async () => orThrow(await home.snapshot()).stacks[0]?.edges.map(({ shape }) => shape?.text ?? null);
  expect(await shapes()).toEqual([null, "latency=5ms", null]);
  orThrow(await home.play("shop", { target: "all", name: "flood", parts }));
  runner.send(JSON.stringify({ type: "bye" }));
  await once(runner, "close");
  const count = async () => orThrow(await home.logs(told.stack, null)).length;
  const before = await count();
  await sleep(300);
  expect(await count()).toBe(before);
});

/** Registers as a runner does, and waits for the welcome. */
async function register(home: HomeClient, told: Hello): Promise<WebSocket> {
  const headers = { authorization: `Bearer ${home.address.token}` };
  const createConnection = () => connect(home.address.socket);
  const socket = new WebSocket("ws://cove.localhost/api/v1/session", { headers, createConnection });
  await once(socket, "open");
  socket.send(JSON.stringify(told));
  const [message] = await once(socket, "message");
  expect(JSON.parse(String(message))).toMatchObject({ type: "welcome" });
  return socket;
}
