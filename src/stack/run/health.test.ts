import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { bench, PROGRAMS, runs } from "./runner.fixture.ts";

describe("readiness", () => {
  test("http: the path must answer well; log: a line must match; command: it must exit with 0; none: at once", async () => {
    const { run, project } = bench();
    const slow = `import { createServer } from "node:http";
      import { writeFileSync } from "node:fs";
      const began = Date.now();
      createServer((req, res) => {
        res.statusCode = req.url !== "/healthz" ? 404 : Date.now() - began < 400 ? 503 : 204;
        if (res.statusCode === 204) writeFileSync("healthy", "");
        res.end();
      }).listen(process.env.PORT, process.env.HOST);`;
    const { stack } = run({
      http: { node: slow, ready: { type: "http", path: "/healthz" } },
      status: { node: slow, ready: { type: "http", path: "/nothing", status: 404 } },
      log: {
        node: `setTimeout(() => console.log("\\u001b[32mready\\u001b[0m in 12 ms"), 200); setInterval(() => {}, 1000);`,
        ready: { type: "log", pattern: "^ready in \\d+ ms$" },
      },
      command: {
        node: `import { writeFileSync } from "node:fs"; setTimeout(() => writeFileSync("made", ""), 200); setInterval(() => {}, 1000);`,
        ready: { type: "command", command: "test -e made" },
      },
      none: { node: "setInterval(() => {}, 1000);", ready: { type: "none" } },
    });
    expect(await stack.settled()).toBeNull();
    expect(readFileSync(join(project.root, "healthy"), "utf8")).toBe("");
    expect(stack.status("log").readyMs).toBeGreaterThanOrEqual(200);
    expect(stack.status("command").readyMs).toBeGreaterThanOrEqual(200);
    expect(stack.status("none").state).toBe("ready");
  });

  test("log: a pattern made for backtracking holds nothing up, whatever the line", async () => {
    const { run } = bench();
    const { stack } = run({
      log: {
        node: `console.log("a".repeat(5_000) + "!"); setTimeout(() => console.log("aaa"), 200); setInterval(() => {}, 1000);`,
        ready: { type: "log", pattern: "^(a+)+$" },
      },
    });
    expect(await stack.settled()).toBeNull();
  });

  test("exit: it is done when it ended with 0, and its consumers start after that", async () => {
    const { run } = bench();
    const { stack, states } = run({
      migrate: { node: "setTimeout(() => {}, 200);", ready: { type: "exit" } },
      web: { node: PROGRAMS.server, needs: ["migrate"] },
    });
    expect(await stack.settled()).toBeNull();
    expect(states.indexOf("web starting")).toBeGreaterThan(states.indexOf("migrate completed"));
    expect(stack.status("migrate")).toMatchObject({ state: "completed", process: null });
  });

  test("one that ends with 0 before it ever listened is no use to its consumers", async () => {
    const { run } = bench();
    const { stack } = run({ api: { node: "" }, web: { node: PROGRAMS.server, needs: ["api"] } });
    expect(await stack.settled()).toMatchObject({
      fault: "NOT_READY",
      message: "api ended (exit code 0) before it was ready",
    });
    expect(stack.status("web").state).toBe("waiting");
  });

  test("a service that doesn't become ready in time has failed, and is ended", async () => {
    const { run } = bench();
    const { stack } = run({ web: { node: "setInterval(() => {}, 1000);", readyTimeout: 500 } });
    const starting = new Promise<number>((resolve) => {
      stack.on("status", (_, status) => status.process !== null && resolve(status.process.pid));
    });
    expect(await stack.settled()).toMatchObject({
      fault: "NOT_READY",
      message: expect.stringMatching(/^nothing answered at 127\.0\.0\.1:\d+ within 0\.5 s$/),
    });
    expect(runs(await starting)).toBe(false);
  });

  test("one that listens on a port of its own choice is told so by number", async () => {
    const { run } = bench();
    const { stack, port } = run({
      web: {
        node: `import { createServer } from "node:net"; createServer().listen(0, "127.0.0.1", function () { console.log("at " + this.address().port); });`,
        readyTimeout: 1_000,
      },
    });
    const outcome = await stack.settled();
    expect(outcome).toMatchObject({ fault: "NOT_READY", hint: expect.stringContaining("PORT") });
    expect(outcome?.message).toMatch(
      new RegExp(`^it listens on 127\\.0\\.0\\.1:\\d+, not on 127\\.0\\.0\\.1:${port("web")}$`),
    );
  });

  test("a stranger on the port isn't taken for the service", async () => {
    const { run } = bench();
    const blocker = createServer((_, res) => res.end("stranger"));
    const web = { node: "setInterval(() => {}, 1000);", ready: { type: "http", path: "/" } as const };
    const stranger = run({ web: { ...web, ready: { type: "none" } } });
    await stranger.stack.settled();
    await stranger.stack.stop();
    await new Promise<void>((resolve) => blocker.listen(stranger.port("web"), "127.0.0.1", resolve));
    onTestFinished(() => void blocker.close());
    const { stack, port } = run({ web: { ...web, address: { host: "127.0.0.1", port: stranger.port("web") } } });
    expect(await stack.settled()).toMatchObject({
      fault: "PORT_TAKEN",
      message: expect.stringMatching(new RegExp(`^port ${port("web")} is held by .*\\(pid ${process.pid}, `)),
    });
  });
});
