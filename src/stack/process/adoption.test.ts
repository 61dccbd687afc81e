import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { program } from "../../../test/support/programs.ts";
import { bench, runs, until } from "../run/runner.fixture.ts";

const python = program("python3");

/** Leaves its group, its session and its parents, as daemon(3) has it, and listens on PORT. */
const DAEMON = `import os, signal, socket, sys, time
if os.fork(): sys.exit(0)
os.setsid()
if os.fork(): os._exit(0)
for fd in (0, 1, 2): os.close(fd)
open("daemon.pid", "w").write(str(os.getpid()))
if len(sys.argv) > 1: signal.signal(signal.SIGTERM, signal.SIG_IGN)
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", int(os.environ["PORT"])))
server.listen()
time.sleep(600)
`;

describe.skipIf(process.platform !== "linux" || python === null)("a daemon that forks twice", () => {
  function setUp(stays: boolean, ...args: string[]) {
    const { run, project } = bench();
    const file = (name: string) => join(project.root, name);
    writeFileSync(file("daemon.py"), DAEMON);
    const start = `import { spawnSync } from "node:child_process";
      spawnSync("python3", ["daemon.py", ...${JSON.stringify(args)}]);
      ${stays ? "setInterval(() => {}, 1000);" : "setTimeout(() => {}, 300);"}`;
    const { stack, log } = run({ web: { node: start, stopTimeout: 1_000 } });
    const daemon = () => Number(readFileSync(file("daemon.pid"), "utf8"));
    return { stack, log, daemon };
  }

  test.each([[[]], [["deaf"]]])("is found and ended with its service (%j)", async (args) => {
    const { stack, daemon } = setUp(true, ...args);
    expect(await stack.settled()).toBeNull();
    const pid = daemon();
    expect(runs(pid)).toBe(true);
    await stack.restart("web");
    expect(runs(pid)).toBe(false);
    expect(runs(daemon())).toBe(true);
    await stack.stop();
    expect(runs(daemon())).toBe(false);
  });

  test("is named and ended when what started it has ended", async () => {
    const { stack, log, daemon } = setUp(false);
    await until(() => stack.status("web").state === "completed");
    expect(log()).toMatch(/web cove it ended and left .*daemon\.py \(pid \d+\) running/);
    expect(runs(daemon())).toBe(false);
    await stack.stop();
  });

  test("leaves no zombie", async () => {
    const { stack, daemon } = setUp(true);
    await stack.settled();
    const pid = daemon();
    await stack.stop();
    // Gone, not only dead: the runner has waited for it.
    await until(() => {
      try {
        readFileSync(`/proc/${pid}/stat`);
        return false;
      } catch {
        return true;
      }
    });
  });
});
