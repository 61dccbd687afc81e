import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { freePorts } from "../../../test/support/free-port.ts";
import { sleep } from "../../async/sleep.ts";
import { isFault } from "../../fault/fault.ts";
import { machine } from "../../machine/machine.ts";
import { callGuard } from "./launch.ts";

const guard = process.platform === "linux" ? await callGuard() : null;
const guarded = guard !== null && !isFault(guard);
const env = { PATH: process.env.PATH ?? "" };

test.skipIf(!guarded)("what the last service left behind is still turned to loopback, and doesn't hang", async () => {
  if (guard === null || isFault(guard)) return;
  const [port = 0] = await freePorts(1);
  const late = `setTimeout(() => require("node:net").createServer().listen(${port}, "0.0.0.0"), 300);
    setTimeout(() => process.exit(), 60_000);`;
  const line = `'${process.execPath}' -e '${late}' >/dev/null 2>&1 &`;
  const started = await guard.start({ program: line, args: [], shell: true, cwd: "/", env }, { turned: () => {} });
  if (started instanceof Error) throw started;
  onTestFinished(() => void process.kill(-started.pid, "SIGKILL"));
  expect(await started.exited).toEqual({ code: 0, signal: null });
  for (let n = 0; n < 200 && machine.listeners(port).length === 0; n++) await sleep(50);
  expect(machine.listeners(port).map(({ address }) => address.host)).toEqual(["127.0.0.1"]);
});

test.skipIf(!guarded)(
  "a process with a guard ends by itself once its services have, and at once when it exits",
  async () => {
    const module = fileURLToPath(new URL("launch.ts", import.meta.url));
    const script = (command: string, then: string) => `
    const guard = await (await import(${JSON.stringify(module)})).callGuard();
    const order = { program: ${JSON.stringify(command)}, args: [], shell: true, cwd: "/", env: process.env };
    const service = await guard.start(order, { turned: () => {} });
    ${then}`;
    const run = (code: string) =>
      promisify(execFile)(process.execPath, ["--input-type=module", "-e", code], { timeout: 30_000 });
    const ended = await run(script("true", "console.log(JSON.stringify(await service.exited));"));
    expect(JSON.parse(ended.stdout)).toEqual({ code: 0, signal: null });
    const began = performance.now();
    await run(script("sleep 20", "process.kill(-service.pid, 'SIGTERM'); process.exit(0);"));
    expect(performance.now() - began).toBeLessThan(8_000);
  },
);
