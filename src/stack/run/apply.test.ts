import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bench, PROGRAMS, until } from "./runner.fixture.ts";

const server = { node: PROGRAMS.server };
/** Listens only once there is a file `go`. */
const LATE = `import { existsSync } from "node:fs";
  const timer = setInterval(() => {
    if (!existsSync("go")) return;
    clearInterval(timer);
    import("./listen.mjs");
  }, 20);`;

describe("an edited config", () => {
  test("starts what is new, restarts what changed and what needs another address, stops what is gone", async () => {
    const { run } = bench();
    const running = run({ db: server, api: { ...server, needs: ["db"] }, web: server, old: server });
    const { stack } = running;
    expect(await stack.settled()).toBeNull();
    const before = Object.fromEntries(["db", "api", "web"].map((name) => [name, stack.status(name)]));
    running.edit({
      db: server,
      cache: server,
      api: { ...server, needs: ["db", "cache"] },
      web: { ...server, env: { LOG_LEVEL: "debug", TOKEN: "s3cret" } },
    });
    expect(await stack.apply([])).toEqual([
      { service: "old", action: "stopped", reasons: ["not in the config any more"] },
      { service: "cache", action: "started", reasons: ["new"] },
      {
        service: "api",
        action: "restarted",
        reasons: ["needs cache added", "env CACHE_HOST, CACHE_PORT, CACHE_URL and 1 more added"],
      },
      { service: "web", action: "restarted", reasons: ["env LOG_LEVEL, TOKEN added"] },
    ]);
    await until(() => ["cache", "api", "web"].every((name) => stack.status(name).state === "ready"));
    expect(stack.status("db")).toEqual(before.db);
    expect(stack.status("api").process).not.toEqual(before.api?.process);
    expect(stack.status("web").process).not.toEqual(before.web?.process);
    expect(running.states.at(running.states.indexOf("old stopped"))).toBe("old stopped");
    expect(running.states.lastIndexOf("api ready")).toBeGreaterThan(running.states.indexOf("cache ready"));
    expect(await stack.apply([])).toEqual([]);
  });

  test("a fault changes nothing and is told, also by a restart", async () => {
    const { run } = bench();
    const running = run({ web: server });
    const { stack } = running;
    expect(await stack.settled()).toBeNull();
    const before = stack.status("web");
    running.edit({ fault: "CONFIG_INVALID", message: "cove.yaml:1:1 is wrong", hint: "Correct it" });
    const told = { fault: "CONFIG_INVALID", hint: "Correct it; shop goes on as it was" };
    expect(await stack.apply([])).toMatchObject(told);
    expect(await stack.restart("web")).toMatchObject(told);
    expect(await stack.restart(null)).toMatchObject(told);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as a config has it
    running.edit({ web: { ...server, env: { A: "${SET_NOWHERE_AT_ALL}" } } });
    expect(await stack.apply([])).toMatchObject({ fault: "CONFIG_INVALID" });
    expect(stack.status("web")).toEqual(before);
  });

  test("during the start-up: what hasn't started yet starts as it is now, and the start-up's outcome counts that", async () => {
    const { run, project } = bench();
    const listen = PROGRAMS.server;
    const first = { node: LATE };
    const running = run({
      listen: server,
      db: first,
      api: { ...server, needs: ["db"] },
      gone: { ...server, needs: ["db"] },
    });
    const { stack } = running;
    writeFileSync(join(project.root, "listen.mjs"), listen);
    await until(() => stack.status("listen").state === "ready" && stack.status("db").process !== null);
    running.edit({ listen: server, db: first, api: { ...server, needs: ["db"], env: { LEVEL: "2" } } });
    expect(await stack.apply([])).toEqual([
      { service: "gone", action: "stopped", reasons: ["not in the config any more"] },
      { service: "api", action: "updated", reasons: ["env LEVEL added"] },
    ]);
    expect(stack.status("api").state).toBe("waiting");
    const { process } = stack.status("db");
    writeFileSync(join(project.root, "go"), "");
    expect(await stack.settled()).toBeNull();
    expect(stack.status("db").process).toEqual(process);
    expect(stack.status("api").state).toBe("ready");
    expect(running.states.filter((state) => state.startsWith("gone"))).not.toContain("gone starting");
  });

  test("during the start-up: one that is starting with the wrong probe is started again with the right one", async () => {
    const { run } = bench();
    const running = run({
      api: { ...server, ready: { type: "log", pattern: "never" } },
      web: { ...server, needs: ["api"] },
    });
    const { stack } = running;
    await until(() => running.log().includes("up as"));
    running.edit({ api: { ...server, ready: { type: "tcp" } }, web: { ...server, needs: ["api"] } });
    expect(await stack.apply([])).toEqual([{ service: "api", action: "restarted", reasons: ["ready changed"] }]);
    expect(await stack.settled()).toBeNull();
    expect([stack.status("api").state, stack.status("web").state]).toEqual(["ready", "ready"]);
    expect(running.log()).not.toContain("not started");
  });

  test("ends the back-off of one that was mended, and starts what failed or was stopped again", async () => {
    const { run } = bench();
    const crash = { node: "process.exit(3)" };
    const never = { when: "never", max: 0 } as const;
    const running = run({
      api: crash,
      job: { ...crash, restart: never },
      web: { ...server, needs: ["job"] },
      by: server,
    });
    const { stack } = running;
    await until(() => stack.status("job").state === "failed" && running.states.includes("api restarting"));
    await until(() => stack.status("by").state === "ready");
    await stack.stopService("by");
    expect(stack.status("web").state).toBe("waiting");
    running.edit({
      api: { ...server },
      job: { ...server, restart: never },
      web: { ...server, needs: ["job"] },
      by: server,
    });
    expect(await stack.apply([])).toMatchObject([
      { service: "api" },
      { service: "job", action: "started", reasons: expect.arrayContaining(["was failed"]) },
      { service: "by", action: "started", reasons: ["was stopped"] },
    ]);
    await until(() => ["api", "job", "web", "by"].every((name) => stack.status(name).state === "ready"));
  });

  test("names, guards and limits take effect without a restart, and home is told", async () => {
    const { run } = bench();
    const running = run({ web: server });
    const { stack } = running;
    expect(await stack.settled()).toBeNull();
    const before = stack.status("web");
    running.edit({
      web: {
        ...server,
        names: ["admin.localhost"],
        stopTimeout: 1_000,
        guard: { origins: ["*"], uids: [], programs: null },
      },
    });
    expect(await stack.apply([])).toEqual([
      { service: "web", action: "updated", reasons: ["stopTimeout changed", "names changed", "guard changed"] },
    ]);
    expect(stack.status("web")).toEqual(before);
    const said = running.sent.findLast((message) => message.type === "hello");
    expect(said?.services[0]).toMatchObject({ names: ["admin.localhost"], guard: { origins: ["*"] } });
  });

  test("only the services named, with what they need, while others stay as they run", async () => {
    const { run } = bench();
    const running = run({ web: server });
    const { stack } = running;
    expect(await stack.settled()).toBeNull();
    const before = stack.status("web");
    running.edit({ db: server, api: { ...server, needs: ["db"] }, web: { ...server, env: { A: "1" } }, docs: server });
    expect(await stack.apply(["api"])).toMatchObject([{ service: "db" }, { service: "api" }]);
    await until(() => stack.status("api").state === "ready");
    expect(stack.status("web")).toEqual(before);
    expect(
      stack
        .plan()
        .services.map(({ name }) => name)
        .sort(),
    ).toEqual(["api", "db", "web"]);
    expect(await stack.apply(["nothing"])).toMatchObject({ fault: "SERVICE_UNKNOWN" });
    expect(await stack.apply([])).toMatchObject([{ service: "web", action: "restarted" }, { service: "docs" }]);
  });

  test("one apply after another; a restart of one takes its own new definition alone", async () => {
    const { run } = bench();
    const running = run({ api: server, web: server });
    const { stack } = running;
    expect(await stack.settled()).toBeNull();
    running.edit({ api: { ...server, env: { A: "1" } }, web: { ...server, env: { A: "1" } }, more: server });
    expect(await stack.restart("web")).toEqual([{ service: "web", action: "restarted", reasons: ["env A added"] }]);
    const [first, second] = await Promise.all([stack.apply([]), stack.apply([])]);
    expect(first).toMatchObject([
      { service: "api", action: "restarted" },
      { service: "more", action: "started" },
    ]);
    expect(second).toEqual([]);
    expect(await stack.restart(null)).toHaveLength(3);
    expect(["api", "web", "more"].map((name) => stack.status(name).state)).toEqual(["ready", "ready", "ready"]);
  });

  test("an edited script restarts its service; the same text written again doesn't", async () => {
    const { run, project } = bench();
    const running = run({ web: server });
    const { stack } = running;
    expect(await stack.settled()).toBeNull();
    writeFileSync(join(project.root, "web.mjs"), PROGRAMS.server);
    expect(await stack.apply([])).toEqual([]);
    writeFileSync(join(project.root, "web.mjs"), `${PROGRAMS.server}\n// edited`);
    expect(await stack.apply([])).toEqual([{ service: "web", action: "restarted", reasons: ["file web.mjs changed"] }]);
  });

  test("a stack that ends takes nothing in", async () => {
    const { run } = bench();
    const running = run({ web: { node: PROGRAMS.deaf, stopTimeout: 500 } });
    const { stack } = running;
    expect(await stack.settled()).toBeNull();
    running.edit({ web: server, more: server });
    const applied = stack.apply([]);
    await until(() => running.states.includes("web stopping"));
    await stack.stop();
    await applied;
    expect(["web", "more"].map((name) => stack.status(name).process)).toEqual([null, null]);
    expect(await stack.apply([])).toMatchObject({ fault: "NOT_READY" });
  });
});
