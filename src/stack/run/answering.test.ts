import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { bench, PROGRAMS, until } from "./runner.fixture.ts";

/** A watcher as nodemon is one: it runs server.mjs, starts it anew when a file `again` appears, and outlives its death. */
const WATCHER = `import { spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
let child = null;
const start = () => {
  child = spawn(process.execPath, ["server.mjs"], { stdio: "inherit" });
  child.on("exit", (code) => console.log("server ended with " + code + ", waiting for changes"));
};
start();
setInterval(() => {
  if (!existsSync("again")) return;
  rmSync("again");
  child.kill();
  start();
}, 50);`;
/** Listens after so many ms. */
const later = (ms: number) => `setTimeout(() => { ${PROGRAMS.server.replaceAll(/^import .*$/gm, "")} }, ${ms});`;

describe("a watcher whose server has died", () => {
  function setUp() {
    const { run, project } = bench();
    const write = (name: string, text: string) => writeFileSync(join(project.root, name), text);
    write("server.mjs", PROGRAMS.server);
    const { stack, states, log, port } = run({ web: { node: WATCHER } });
    return { stack, states, log, port, write };
  }

  test("isn't ready: it is restarting, then unready with what is known; after an edit it is ready again", async () => {
    const { stack, states, log, port, write } = setUp();
    expect(await stack.settled()).toBeNull();
    write("server.mjs", "process.exit(1);");
    write("again", "");
    await until(() => stack.status("web").state === "unready");
    expect(stack.status("web")).toMatchObject({
      readyAt: null,
      process: { pid: expect.any(Number) },
      restarts: 0,
      cause: {
        fault: "NOT_READY",
        message: expect.stringMatching(
          new RegExp(`^nothing listens at 127\\.0\\.0\\.1:${port("web")} any more, though .* runs$`),
        ),
        hint: expect.stringContaining("cove logs web"),
      },
    });
    expect(log()).toContain("web cove nothing listens at");
    write("server.mjs", PROGRAMS.server);
    write("again", "");
    await until(() => stack.status("web").state === "ready");
    expect(stack.status("web").cause).toBeNull();
    expect(log()).toContain("web cove answers again at");
    expect([...new Set(states)]).toEqual(["web starting", "web ready", "web restarting", "web unready"]);
  });

  test("is restarting for as long as a new server is on its way", async () => {
    const { stack, states, write } = setUp();
    await stack.settled();
    const [imports = ""] = PROGRAMS.server.match(/^import .*$/gm) ?? [];
    write("server.mjs", `${imports}\n${later(5_000)}`);
    write("again", "");
    await until(() => stack.status("web").state === "restarting");
    await until(() => stack.status("web").state === "ready");
    expect(states).toEqual(["web starting", "web ready", "web restarting", "web ready"]);
  });

  test("isn't ready by a stranger on its port", async () => {
    const { stack, port, write } = setUp();
    await stack.settled();
    write("server.mjs", "process.exit(1);");
    write("again", "");
    await until(() => stack.status("web").state === "unready");
    const stranger = createServer();
    await new Promise<void>((resolve) => stranger.listen(port("web"), "127.0.0.1", resolve));
    onTestFinished(() => void stranger.close());
    await until(() => stack.status("web").cause?.fault === "PORT_TAKEN");
    expect(stack.status("web").state).toBe("unready");
  });
});

test("one without a probe that crashes at once was never ready", async () => {
  const { run } = bench();
  const { stack, states } = run({
    worker: {
      node: "setTimeout(() => process.exit(1), 300);",
      ready: { type: "none" },
      restart: { when: "on-failure", max: 3 },
    },
  });
  expect(await stack.settled()).toMatchObject({ fault: "CRASH_LOOP" });
  expect(states).not.toContain("worker ready");
});
