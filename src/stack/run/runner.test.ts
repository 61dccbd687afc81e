import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { sleep } from "../../async/sleep.ts";
import { localNamesResolve } from "../../machine/local-names.ts";
import { machine } from "../../machine/machine.ts";
import { bench, PROGRAMS, until } from "./runner.fixture.ts";

const ONCE = { when: "never", max: 1 } as const;
const body = async (port: number) => (await fetch(`http://127.0.0.1:${port}/`)).text();

describe("start", () => {
  test("a service starts once all that it needs is ready, and not before", async () => {
    const { run } = bench();
    const { stack, states } = run({
      db: { node: `await new Promise((done) => setTimeout(done, 300));\n${PROGRAMS.server}` },
      cache: { node: PROGRAMS.server },
      web: { node: PROGRAMS.server, needs: ["db", "cache"] },
    });
    expect(await stack.settled()).toBeNull();
    expect(states.indexOf("web starting")).toBeGreaterThan(states.indexOf("db ready"));
    expect(states.indexOf("web starting")).toBeGreaterThan(states.indexOf("cache ready"));
    // What doesn't wait for each other starts together.
    expect(states.indexOf("cache starting")).toBeLessThan(states.indexOf("db ready"));
    expect(stack.status("web")).toMatchObject({ state: "ready", restarts: 0, cause: null });
  });

  test("home is told of every process by pid and start time, and of the environment handed over", async () => {
    const { run } = bench();
    const { stack, sent, port } = run({
      api: { node: PROGRAMS.server },
      web: { node: PROGRAMS.server, needs: ["api"], env: { FLAVOUR: "mint" } },
    });
    await stack.settled();
    const { process: identity } = stack.status("web");
    expect(identity).toMatchObject({ pid: expect.any(Number), started: machine.startStamp(identity?.pid ?? 0) });
    expect(sent[0]).toMatchObject({ type: "hello", base: "shop", runner: { pid: process.pid } });
    const told = sent.findLast((message) => message.type === "service" && message.service.name === "web");
    expect(told).toMatchObject({
      service: {
        env: {
          PORT: String(port("web")),
          HOST: "127.0.0.1",
          FLAVOUR: "mint",
          COVE_URL: (await localNamesResolve()) ? "http://web.shop.localhost:62893" : `http://127.0.0.1:${port("web")}`,
          API_PORT: String(stack.plan.edges[0]?.address.port),
        },
      },
    });
    expect(sent).toContainEqual(
      expect.objectContaining({ type: "status", service: "web", status: expect.objectContaining({ state: "ready" }) }),
    );
  });

  test("a new home is told everything anew: states, processes, the last lines, the granted name", async () => {
    const { run } = bench();
    const { stack, handlers, log } = run({ web: { node: PROGRAMS.server } });
    await stack.settled();
    await until(() => log().includes("up as"));
    handlers().lost();
    const hello = handlers().hello();
    const { process: identity } = stack.status("web");
    expect(hello).toMatchObject({
      granted: "shop",
      services: [{ name: "web", status: { state: "ready", process: identity } }],
    });
    expect(hello.logs.map(({ text }) => text)).toContain(`up as ${identity?.pid}`);
    expect(await body(hello.services[0]?.address.port ?? 0)).toBe(`pid ${identity?.pid}`);
  });

  test("what needs a failed service doesn't start, says why, and does once the service is fixed", async () => {
    const { run, project } = bench();
    const { stack, log, states } = run({
      api: { node: "process.exit(3);", restart: ONCE },
      web: { node: PROGRAMS.server, needs: ["api"] },
    });
    expect(await stack.settled()).toMatchObject({ fault: "SERVICE_CRASHED", detail: { exitCode: 3 } });
    expect(stack.status("web").state).toBe("waiting");
    expect(log()).toContain("web cove not started: api ended with exit code 3");

    writeFileSync(join(project.root, "api.mjs"), PROGRAMS.server);
    expect(await stack.restart("api")).toBeNull();
    await until(() => stack.status("web").state === "ready");
    expect(states.at(-1)).toBe("web ready");
  });

  test("a program that is missing fails at once, with the command that brings it", async () => {
    const { run, project } = bench();
    writeFileSync(join(project.root, "package.json"), JSON.stringify({ devDependencies: { "no-such-vite": "1" } }));
    const { stack } = run({
      list: { options: { command: ["no-such-vite", "dev"] } },
      line: { options: { command: "no-such-vite dev" } },
    });
    await stack.settled();
    for (const service of ["list", "line"]) {
      expect(stack.status(service)).toMatchObject({
        state: "failed",
        restarts: 0,
        cause: {
          fault: "COMMAND_MISSING",
          message: expect.stringContaining("no-such-vite was not found"),
          hint: expect.stringContaining("npm install"),
        },
      });
    }
  });
});

describe("one service of several", () => {
  test("is restarted alone: its consumers keep running, and it is ready again when the restart is done", async () => {
    const { run } = bench();
    const running = run({ api: { node: PROGRAMS.server }, web: { node: PROGRAMS.server, needs: ["api"] } });
    const { stack } = running;
    await stack.settled();
    const before = { api: stack.status("api").process?.pid, web: stack.status("web").process?.pid };
    expect(await running.handlers().act("restart", "api")).toBeNull();
    expect(stack.status("api").state).toBe("ready");
    expect(stack.status("api").process?.pid).not.toBe(before.api);
    expect(stack.status("web").process?.pid).toBe(before.web);
    expect(await body(running.port("api"))).toBe(`pid ${stack.status("api").process?.pid}`);
  });

  test("is stopped and started again, with what it needs", async () => {
    const { run } = bench();
    const { stack } = run({ api: { node: PROGRAMS.server }, web: { node: PROGRAMS.server, needs: ["api"] } });
    await stack.settled();
    expect(await stack.stopService(null)).toBeNull();
    expect(stack.status("api").state).toBe("stopped");
    expect(await stack.start("web")).toBeNull();
    expect([stack.status("api").state, stack.status("web").state]).toEqual(["ready", "ready"]);
    expect(await stack.start("nothing")).toMatchObject({ fault: "SERVICE_UNKNOWN", hint: "it has: api, web" });
  });

  test("survives any hurry of starts and stops with one process at most", async () => {
    const { run } = bench();
    const { stack, port } = run({ web: { node: PROGRAMS.server } });
    await stack.settled();
    const all: Promise<unknown>[] = [];
    for (let round = 0; round < 6; round++) {
      all.push(stack.restart("web"), stack.stopService("web"), stack.start("web"));
      await sleep(round * 30);
    }
    await Promise.all(all);
    await stack.start("web");
    expect(stack.status("web").state).toBe("ready");
    const { pid } = stack.status("web").process ?? { pid: 0 };
    expect(await body(port("web"))).toBe(`pid ${pid}`);
    expect(machine.listeners(port("web")).map((one) => one.pid)).toEqual([pid]);
    await stack.stop();
    expect(machine.listeners(port("web"))).toEqual([]);
  });
});

describe("logs", () => {
  test("come in order by stream, in whole lines, the last 2,000 kept, sent to home in batches", async () => {
    const { run } = bench();
    const { stack, sent, log } = run({
      web: {
        node: `for (let n = 1; n <= 5000; n++) console.log("line " + n);
          process.stderr.write("no newline at the end"); setTimeout(() => {}, 300);`,
        ready: { type: "exit" },
      },
    });
    expect(await stack.settled()).toBeNull();
    await stack.stop();
    expect(log()).toContain("web stderr no newline at the end");
    const batches = sent.flatMap((message) => (message.type === "log" ? [message.lines] : []));
    const lines = batches.flat().filter(({ stream }) => stream === "stdout");
    expect(lines.map(({ text }) => text)).toEqual(Array.from({ length: 5_000 }, (_, n) => `line ${n + 1}`));
    expect(batches.length).toBeLessThan(100);
    // A line that comes with the end is sent before bye.
    expect(sent.at(-1)).toEqual({ type: "bye" });
  });

  test("a service's variables are its own: the runner's PORT and HOST don't reach it", async () => {
    const { run } = bench();
    process.env.PORT = "1";
    onTestFinished(() => {
      delete process.env.PORT;
    });
    const { stack, log, port } = run({
      web: { node: `console.log("PORT " + process.env.PORT);`, ready: { type: "exit" } },
    });
    await stack.settled();
    expect(log()).toContain(`PORT ${port("web")}`);
  });
});
