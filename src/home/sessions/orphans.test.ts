import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { machine } from "../../machine/machine.ts";
import { endOrphans } from "./orphans.ts";

/** A process group of its own: a leader with a child, both ignoring SIGTERM if told so. */
async function group(code: string): Promise<{ leader: ChildProcess; pid: number; child: number }> {
  const leader = spawn(process.execPath, ["-e", code], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
  const pid = leader.pid ?? 0;
  onTestFinished(() => {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // Ended, as it should have.
    }
  });
  const [said] = (await once(leader.stdout, "data")) as [Buffer];
  return { leader, pid, child: Number(String(said).trim()) };
}

const family = (deaf: boolean) => `
  const { spawn } = require("node:child_process");
  const code = ${JSON.stringify(`${deaf ? 'process.on("SIGTERM", () => {});' : ""} console.log(process.pid); setInterval(() => {}, 1e6)`)};
  ${deaf ? 'process.on("SIGTERM", () => {});' : ""}
  spawn(process.execPath, ["-e", code], { stdio: ["ignore", "inherit", "ignore"] });
  setInterval(() => {}, 1e6);`;

const identity = (pid: number) => ({ pid, started: machine.startStamp(pid) ?? "" });

test.skipIf(process.platform === "win32")("a group is asked to end, with all its members", async () => {
  const { pid, child } = await group(family(false));
  const both = [identity(pid), identity(child)];
  await endOrphans([identity(pid)]);
  expect(both.map((one) => machine.isRunning(one))).toEqual([false, false]);
});

test.skipIf(process.platform === "win32")("what doesn't listen to SIGTERM is killed", async () => {
  const { pid, child } = await group(family(true));
  const both = [identity(pid), identity(child)];
  await endOrphans([identity(pid)]);
  expect(both.map((one) => machine.isRunning(one))).toEqual([false, false]);
});

test.skipIf(process.platform === "win32")("a group whose leader is gone is found by its number", async () => {
  const { leader, pid, child } = await group(family(false));
  const [first, second] = [identity(pid), identity(child)];
  leader.kill("SIGKILL");
  await once(leader, "exit");
  expect(machine.isRunning(second)).toBe(true);
  await endOrphans([first]);
  expect(machine.isRunning(second)).toBe(false);
});

test.skipIf(process.platform === "win32")("a pid that another process got since is left alone", async () => {
  const { pid } = await group(family(false));
  const mine = identity(pid);
  await endOrphans([{ pid, started: "some earlier start" }]);
  expect(machine.isRunning(mine)).toBe(true);
});
