import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { machine } from "../src/machine/machine.ts";
import { coveSandbox, type Sandbox } from "./support/cove.ts";
import { eventually } from "./support/door-request.ts";
import { program } from "./support/programs.ts";
import { scratch } from "./support/scratch.ts";

const HOME = fileURLToPath(new URL("../dist/home.js", import.meta.url));
/** Every command is to say what is the matter within this time, ms. */
const LIMIT = 40_000;

const SERVER = `import { createServer } from "node:http";
createServer((_, res) => res.end("here")).listen(process.env.PORT, process.env.HOST);`;
/** Forks itself away: out of its group, its session and its parents. */
const DAEMON = `import os, sys, time
if os.fork(): sys.exit(0)
os.setsid()
if os.fork(): os._exit(0)
open("daemon.pid", "w").write(str(os.getpid()))
time.sleep(600)
`;

interface Seen {
  readonly home: number;
  readonly runner: number;
  readonly services: number[];
}

async function stack(sandbox: Sandbox, extra = ""): Promise<{ folder: string; seen: Seen }> {
  const folder = scratch("limits");
  writeFileSync(join(folder, "server.mjs"), SERVER);
  writeFileSync(join(folder, "daemon.py"), DAEMON);
  writeFileSync(
    join(folder, "cove.yaml"),
    `name: limits\nservices:\n  api:\n    command: ${extra}node server.mjs\n  web:\n    command: node server.mjs\n    needs: [api]\n`,
  );
  const up = await sandbox.cove(["up", "-d"], { cwd: folder });
  expect(up).toMatchObject({ code: 0 });
  return { folder, seen: pidsOf(sandbox) };
}

/** What runs, as the state folder and the system say. */
function pidsOf(sandbox: Sandbox): Seen {
  const home = JSON.parse(readFileSync(join(sandbox.home, "home.json"), "utf8")).pid as number;
  const all = new Set([...machine.descendants(1), ...machine.descendants(process.pid)]);
  const mine = [...all].filter((pid) => {
    if (machine.variableOf?.(pid, "COVE_HOME") !== sandbox.home) return false;
    return pid !== home;
  });
  const commands = new Map(mine.map((pid) => [pid, machine.processDetails(pid)?.command ?? ""]));
  const runner = mine.find((pid) => commands.get(pid)?.includes(" up ")) ?? 0;
  return {
    home,
    runner,
    services: mine.filter(
      (pid) => commands.get(pid)?.endsWith("/node server.mjs") || commands.get(pid) === "node server.mjs",
    ),
  };
}

/** Zombies don't count. */
const running = (pids: readonly number[]) =>
  pids.filter((pid) => machine.isRunning({ pid, started: machine.startStamp(pid) ?? "" }));
const allEnded = (pids: readonly number[]) => eventually(() => (running(pids).length === 0 ? true : undefined));

describe.skipIf(process.platform !== "linux")("nothing hangs, and what is said is true", () => {
  test(
    "a suspended runner: restart says so, down lets it go on and takes the stack down",
    async () => {
      await using sandbox = await coveSandbox();
      const { folder, seen } = await stack(sandbox);
      expect(seen.services).toHaveLength(2);
      process.kill(seen.runner, "SIGSTOP");
      const restart = await sandbox.cove(["restart", "web"], { cwd: folder });
      expect(restart.code).not.toBe(0);
      expect(restart.stderr).toContain(`(pid ${seen.runner}) is suspended`);
      expect(restart.stderr).toContain(`kill -CONT ${seen.runner}`);
      expect(running(seen.services)).toEqual(seen.services);
      expect(await sandbox.cove(["down"], { cwd: folder })).toMatchObject({ code: 0 });
      await allEnded([seen.runner, ...seen.services]);
    },
    LIMIT,
  );

  test(
    "a suspended runner and a stop: all has ended when it says so",
    async () => {
      await using sandbox = await coveSandbox();
      const { seen } = await stack(sandbox);
      process.kill(seen.runner, "SIGSTOP");
      expect(await sandbox.cove(["stop", "--yes"])).toMatchObject({ code: 0 });
      expect(running([seen.home, ...seen.services])).toEqual([]);
      // It has said goodbye by then.
      await allEnded([seen.runner]);
    },
    LIMIT,
  );

  test(
    "a suspended home: commands and doctor name it, stop ends it and the stacks",
    async () => {
      await using sandbox = await coveSandbox();
      const { folder, seen } = await stack(sandbox);
      process.kill(seen.home, "SIGSTOP");
      for (const command of [["status"], ["doctor"]]) {
        const { stdout, stderr } = await sandbox.cove(command, { cwd: folder });
        expect(stdout + stderr).toContain(`home (pid ${seen.home}) runs but does not answer: it is suspended`);
        expect(stdout + stderr).toContain("cove stop");
      }
      expect(await sandbox.cove(["stop", "--yes"])).toMatchObject({ code: 0 });
      await allEnded([seen.home, seen.runner, ...seen.services]);
    },
    LIMIT,
  );

  test(
    "a home whose event loop hangs is ended by stop, and so are the stacks",
    async () => {
      await using sandbox = await coveSandbox();
      const hook = `data:text/javascript,process.on("SIGUSR2",()=>{for(;;);})`;
      const child = spawn(process.execPath, ["--import", hook, HOME], { env: sandbox.env, stdio: "ignore" });
      onTestFinished(() => void child.kill("SIGKILL"));
      await eventually(() => existsSync(join(sandbox.home, "home.json")) || undefined);
      const { folder, seen } = await stack(sandbox);
      expect(seen.home).toBe(child.pid);
      child.kill("SIGUSR2");
      const status = await sandbox.cove(["status"], { cwd: folder });
      expect(status.stderr).toContain(`home (pid ${seen.home}) runs but does not answer`);
      expect(await sandbox.cove(["stop", "--yes"])).toMatchObject({ code: 0 });
      await allEnded([seen.runner, ...seen.services]);
      expect(await sandbox.cove(["stop", "--yes"])).toMatchObject({ code: 0, stdout: "Nothing runs\n" });
    },
    LIMIT,
  );

  test.skipIf(program("python3") === null)(
    "home and runner are dead: stop ends the services that live, also what forked itself away",
    async () => {
      await using sandbox = await coveSandbox();
      const { folder, seen } = await stack(sandbox, "python3 daemon.py && ");
      const daemon = await eventually(() => Number(readFileSync(join(folder, "daemon.pid"), "utf8")) || undefined);
      process.kill(seen.home, "SIGKILL");
      process.kill(seen.runner, "SIGKILL");
      await allEnded([seen.home, seen.runner]);
      expect(running([...seen.services, daemon])).toHaveLength(seen.services.length + 1);
      const stop = await sandbox.cove(["stop", "--yes"]);
      expect(stop).toMatchObject({ code: 0 });
      expect(stop.stdout).not.toContain("Nothing runs");
      expect(running([...seen.services, daemon])).toEqual([]);
      expect(await sandbox.cove(["stop", "--yes"])).toMatchObject({ code: 0, stdout: "Nothing runs\n" });
    },
    LIMIT,
  );
});
