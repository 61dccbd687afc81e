import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { machine } from "../../../machine/machine.ts";
import type { ProcessIdentity } from "../../../machine/systems/system.ts";
import { endProcess } from "./end-process.ts";

/** A Node that runs `code`, once it said that it is there. */
async function started(code: string): Promise<ProcessIdentity> {
  const child = spawn(process.execPath, ["-e", `${code}; setInterval(() => {}, 1e9); console.log("up")`]);
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  const pid = child.pid ?? 0;
  return { pid, started: machine.startStamp(pid) ?? "" };
}

const options = { signal: "SIGTERM", killAfter: 10_000 } as const;

test("a process ends on the polite signal", async () => {
  expect(await endProcess(await started(""), options)).toBe("ended");
});

test("one that won't is killed after `killAfter` ms, and reported meanwhile", async () => {
  const deaf = await started(`process.on("SIGTERM", () => {})`);
  const told: (number | string)[] = [];
  const ending = await endProcess(deaf, {
    signal: "SIGTERM",
    killAfter: 400,
    waiting: (left) => told.push(left),
    killing: () => told.push("killing"),
  });
  expect(ending).toBe("killed");
  expect(told.at(-1)).toBe("killing");
  expect(told.length).toBeGreaterThan(1);
});

test("another process with the same pid is left alone", async () => {
  const { pid } = await started("");
  expect(await endProcess({ pid, started: "another start" }, options)).toBe("gone");
  expect(machine.startStamp(pid)).not.toBeNull();
});

test("a process that has ended is gone", async () => {
  const ended = await started("");
  await endProcess(ended, options);
  expect(await endProcess(ended, options)).toBe("gone");
});
