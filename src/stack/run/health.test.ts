import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { bench, PROGRAMS, runs, until } from "./runner.fixture.ts";

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

  test("log: a line without its end counts once nothing follows, and so does what is drawn over; half of a line doesn't", async () => {
    const { run } = bench();
    const says = (...steps: string[]) =>
      `for (const [n, text] of ${JSON.stringify(steps)}.entries()) setTimeout(() => process.stdout.write(text), n * 30); setInterval(() => {}, 1000);`;
    const { stack } = run({
      prompt: { node: says("listening on ", "4000"), ready: { type: "log", pattern: "on 4000$" } },
      bar: { node: says("building\r", "built in 3 s\r", "\r"), ready: { type: "log", pattern: "^built" } },
      half: {
        node: says("almost ready", " but not quite\n"),
        ready: { type: "log", pattern: "^almost ready$" },
        readyTimeout: 1_000,
        restart: { when: "never", max: 1 },
      },
    });
    expect(await stack.settled()).toMatchObject({ fault: "NOT_READY", message: expect.stringContaining("almost") });
    expect(["prompt", "bar", "half"].map((name) => stack.status(name).state)).toEqual(["ready", "ready", "starting"]);
  });

  test("a probe says what it got", async () => {
    const { run } = bench();
    const answering = (code: number) => `import { createServer } from "node:http";
      createServer((_, res) => res.writeHead(${code}).end()).listen(process.env.PORT, process.env.HOST);`;
    const { stack } = run({
      closed: { node: answering(401), ready: { type: "http", path: "/health" }, readyTimeout: 500 },
      other: { node: answering(204), ready: { type: "http", path: "/", status: 200 }, readyTimeout: 500 },
      odd: {
        node: `import { createServer } from "node:net";
          createServer((socket) => socket.on("error", () => {}).end("hello\\n")).listen(process.env.PORT, process.env.HOST);`,
        ready: { type: "http", path: "/" },
        readyTimeout: 500,
      },
      command: {
        node: "setInterval(() => {}, 1000);",
        ready: { type: "command", command: "echo first >&2; echo no such table: users >&2; exit 3" },
        readyTimeout: 500,
      },
    });
    await stack.settled();
    const why = (name: string) => stack.status(name).cause?.message ?? "";
    // On a busy machine a program listens later than that; what it says then counts.
    await until(() => /^GET \/health .*answered 401, not a status below 400/.test(why("closed")));
    await until(() => /answered 204, not 200/.test(why("other")));
    await until(() => /answered with something that is not HTTP\/1\.1/.test(why("odd")));
    await until(() => /ended with exit code 3: no such table: users/.test(why("command")));
    for (const name of ["closed", "other", "odd", "command"]) {
      expect(stack.status(name)).toMatchObject({ state: "starting", overdue: true });
    }
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
      fault: "SERVICE_CRASHED",
      message: "api ended with exit code 0, though web needs it as a server",
    });
    expect(stack.status("web").state).toBe("waiting");
  });

  test("a service that isn't ready in time is told so, but not ended", async () => {
    const { run } = bench();
    const { stack, log } = run({ web: { node: "setInterval(() => {}, 1000);", readyTimeout: 500 } });
    expect(await stack.settled()).toMatchObject({
      fault: "NOT_READY",
      message: expect.stringMatching(/^nothing answered at 127\.0\.0\.1:\d+ within 0\.5 s$/),
    });
    const { state, overdue, cause, process } = stack.status("web");
    expect({ state, overdue, cause: cause?.fault }).toEqual({ state: "starting", overdue: true, cause: "NOT_READY" });
    expect(runs(process?.pid ?? 0)).toBe(true);
    expect(log()).toContain("it is left running");
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
