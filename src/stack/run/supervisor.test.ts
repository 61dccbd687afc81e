import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { isFault } from "../../fault/fault.ts";
import { machine } from "../../machine/machine.ts";
import { command } from "../../services/command/command.ts";
import type { AnyKind } from "../../services/kind/kind.ts";
import { bench, PROGRAMS, runs, until } from "./runner.fixture.ts";

const ONCE = { when: "never", max: 1 } as const;
const body = async (port: number) => (await fetch(`http://127.0.0.1:${port}/`)).text();

describe("crashes", () => {
  test("a crashed service comes back by itself, after a wait, on its address", async () => {
    const { run } = bench();
    const { stack, states, port } = run({ web: { node: PROGRAMS.server } });
    await stack.settled();
    const first = stack.status("web").process?.pid ?? 0;
    process.kill(first, "SIGKILL");
    await until(() => stack.status("web").restarts === 1 && stack.status("web").state === "ready");
    expect(states).toEqual(["web starting", "web ready", "web restarting", "web starting", "web ready"]);
    const second = stack.status("web").process?.pid;
    expect(second).not.toBe(first);
    expect(await body(port("web"))).toBe(`pid ${second}`);
  });

  test("one that crashes again and again is given up, with its exit code and last lines", async () => {
    const { run } = bench();
    const { stack } = run({
      web: {
        node: `console.log("reading config"); console.error("\\u001b[31mno DATABASE_URL\\u001b[0m"); process.exit(7);`,
        restart: { when: "on-failure", max: 3 },
      },
    });
    expect(await stack.settled()).toMatchObject({
      fault: "CRASH_LOOP",
      message: expect.stringMatching(/^web ended with exit code 7, 3 times in a row\n(.*\n)*. no DATABASE_URL/),
      hint: expect.stringContaining("cove logs web"),
      detail: { exitCode: 7, signal: null, crashes: 3 },
    });
    expect(stack.status("web")).toMatchObject({ state: "failed", restarts: 2, process: null });
  });

  test("the holder of its port is named when that is why", async () => {
    const { run } = bench();
    const blocker = createServer();
    const { stack, port } = run({
      first: { node: "setTimeout(() => {}, 300);", ready: { type: "exit" } },
      web: { node: PROGRAMS.server, needs: ["first"], restart: { when: "on-failure", max: 2 } },
    });
    await new Promise<void>((resolve) => blocker.listen(port("web"), "127.0.0.1", resolve));
    onTestFinished(() => void blocker.close());
    const outcome = await stack.settled();
    expect(outcome?.fault).toBe("CRASH_LOOP");
    expect(outcome?.message).toContain(`port ${port("web")} is held by`);
    expect(outcome?.message).toContain(`pid ${process.pid}`);
    expect(outcome?.message).toContain("EADDRINUSE");
  });

  test("what a crashed service had started doesn't outlive it and hold its port", async () => {
    const { run } = bench();
    // The child listens, the parent dies: as when npm is killed and the server it started isn't.
    const { stack, log } = run({
      web: {
        node: `import { spawn } from "node:child_process"; import { writeFileSync, existsSync } from "node:fs";
          writeFileSync("child.mjs", ${JSON.stringify(PROGRAMS.server)});
          spawn(process.execPath, ["child.mjs"], { stdio: "inherit" });
          if (!existsSync("once")) { writeFileSync("once", ""); setTimeout(() => process.exit(1), 1_000); }`,
      },
    });
    await stack.settled();
    await until(() => stack.status("web").restarts === 1 && stack.status("web").state === "ready");
    const pids = [...log().matchAll(/up as (\d+)/g)].map(([, pid]) => Number(pid));
    expect(pids).toHaveLength(2);
    expect(pids.map(runs)).toEqual([false, true]);
  });

  test("never: a crash is the end of it; always: also a clean end is followed by a new start", async () => {
    const { run, project } = bench();
    const { stack } = run({
      never: { node: "process.exit(1);", restart: ONCE },
      always: {
        node: `import { existsSync, writeFileSync } from "node:fs";
          if (!existsSync("again")) writeFileSync("again", "");
          else setInterval(() => {}, 1_000);`,
        ready: { type: "log", pattern: "never" },
        restart: { when: "always", max: 8 },
      },
    });
    await until(() => stack.status("always").restarts === 1 && stack.status("always").process !== null);
    expect(stack.status("never")).toMatchObject({ state: "failed", restarts: 0 });
    expect(readFileSync(join(project.root, "again"), "utf8")).toBe("");
    await stack.stop();
  });
});

describe("stop", () => {
  test("goes from consumers to what they need, and says bye at the end", async () => {
    const { run } = bench();
    const { stack, states, sent } = run({
      db: { node: PROGRAMS.server },
      api: { node: PROGRAMS.server, needs: ["db"] },
      web: { node: PROGRAMS.server, needs: ["api"] },
    });
    await stack.settled();
    const from = states.length;
    await Promise.all([stack.stop(), stack.stop()]);
    expect(states.slice(from)).toEqual([
      "web stopping",
      "web stopped",
      "api stopping",
      "api stopped",
      "db stopping",
      "db stopped",
    ]);
    expect(sent.at(-1)).toEqual({ type: "bye" });
    expect(await stack.ended).toBeNull();
    expect(await stack.restart("web")).toMatchObject({ fault: "NOT_READY" });
  });

  test("reaches grandchildren behind a wrapper, in the group and out of it", async () => {
    const { run, project } = bench();
    writeFileSync(join(project.root, "server.mjs"), PROGRAMS.server);
    writeFileSync(join(project.root, "apart.mjs"), `console.log("apart " + process.pid); setInterval(() => {}, 1000);`);
    const { stack, log } = run({
      web: {
        // Like npx: a shell that starts a node that starts the server; and one process in a session of its own.
        node: `import { spawn } from "node:child_process";
          spawn("sh", ["-c", "node server.mjs; true"], { stdio: "inherit" });
          spawn(process.execPath, ["apart.mjs"], { stdio: "inherit", detached: true });`,
      },
    });
    expect(await stack.settled()).toBeNull();
    await until(() => /apart \d+/.test(log()) && /up as \d+/.test(log()));
    const pids = [...log().matchAll(/(?:apart|up as) (\d+)/g)].map(([, pid]) => Number(pid));
    expect(pids.map(runs)).toEqual([true, true]);
    await stack.stop();
    expect(pids.map(runs)).toEqual([false, false]);
  });

  test("kills what ignores SIGTERM, after its stopTimeout", async () => {
    const { run } = bench();
    const { stack, log } = run({ web: { node: PROGRAMS.deaf, stopTimeout: 400 } });
    await stack.settled();
    const pid = stack.status("web").process?.pid ?? 0;
    const began = performance.now();
    await stack.stop();
    expect(performance.now() - began).toBeGreaterThanOrEqual(400);
    expect(runs(pid)).toBe(false);
    expect(log()).toContain("web stdout not now");
    expect(log()).toContain("web cove did not end within 0.4 s of SIGTERM: killed");
  });

  test("lets a service finish what it does on SIGTERM, and on another signal if it asks for that", async () => {
    const { run, project } = bench();
    const last = (signal: string) => `import { writeFileSync } from "node:fs";
      process.on("${signal}", () => setTimeout(() => { writeFileSync("${signal}", "done"); process.exit(0); }, 200));
      setInterval(() => {}, 1000); console.log("up");`;
    const ready = { type: "log", pattern: "up" } as const;
    const { stack } = run({
      one: { node: last("SIGTERM"), ready },
      two: {
        node: last("SIGINT"),
        ready,
        options: { command: [process.execPath, join(project.root, "two.mjs")], stopSignal: "SIGINT" },
      },
    });
    await stack.settled();
    await stack.stop();
    expect(readFileSync(join(project.root, "SIGTERM"), "utf8")).toBe("done");
    expect(readFileSync(join(project.root, "SIGINT"), "utf8")).toBe("done");
  });

  test("works at once while a service starts, and while it waits out its back-off", async () => {
    const { run } = bench();
    const { stack } = run({
      starting: { node: "setInterval(() => {}, 1000);" },
      crashing: { node: "process.exit(1);" },
      after: { node: PROGRAMS.server, needs: ["starting"] },
    });
    await until(() => stack.status("starting").process !== null && stack.status("crashing").restarts >= 2);
    const pid = stack.status("starting").process?.pid ?? 0;
    const began = performance.now();
    await stack.stop();
    expect(performance.now() - began).toBeLessThan(4_000);
    expect(runs(pid)).toBe(false);
    expect(await stack.settled()).toMatchObject({ fault: "NOT_READY" });
    expect(["starting", "crashing", "after"].map((name) => stack.status(name).state)).toEqual([
      "stopped",
      "stopped",
      "stopped",
    ]);
  });

  test("isn't held up by a kind whose set-up never ends", async () => {
    const { run } = bench();
    const stuck: AnyKind = {
      ...command,
      launch: async (ctx) => {
        const launch = await command.launch(ctx);
        return launch === null || isFault(launch) ? launch : { ...launch, afterReady: () => new Promise(() => {}) };
      },
    };
    const { stack } = run({ web: { kind: stuck, node: PROGRAMS.server } });
    await until(() => machine.listeners(stack.plan().services[0]?.address.port).length > 0);
    await stack.stop();
    expect(stack.status("web").state).toBe("stopped");
  });

  test("down, asked for by home, ends the stack", async () => {
    const { run } = bench();
    const { stack, handlers } = run({ web: { node: PROGRAMS.server } });
    await stack.settled();
    expect(await handlers().act("down", null, [])).toEqual([]);
    expect(await stack.ended).toBeNull();
    expect(stack.status("web").state).toBe("stopped");
  });
});
