import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../test/support/free-port.ts";
import { sleep } from "../async/sleep.ts";
import { isFault } from "../fault/fault.ts";
import { machine } from "../machine/machine.ts";
import { listProcesses } from "../state/processes.ts";
import { openState } from "../state/state.ts";
import { readHomeFile } from "./client/home-file.ts";
import { endOrphans } from "./sessions/orphans.ts";

/** A state folder and a door's port of a test's own, in the environment while it lasts; ends its home at the end. */
export interface HomeSandbox extends AsyncDisposable {
  readonly folder: string;
  readonly port: number;
  /** Processes to kill before home: runners, which would start it again. */
  readonly children: ChildProcess[];
}

export async function homeSandbox(): Promise<HomeSandbox> {
  const folder = mkdtempSync(join(tmpdir(), "cove-home-"));
  const port = await freePort();
  const children: ChildProcess[] = [];
  const before = { COVE_HOME: process.env.COVE_HOME, COVE_PORT: process.env.COVE_PORT };
  Object.assign(process.env, { COVE_HOME: folder, COVE_PORT: String(port) });
  return {
    folder,
    port,
    children,
    [Symbol.asyncDispose]: async () => {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      await endHome(folder);
      await endServices(folder);
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Ends services that a test which failed has left on record. */
async function endServices(folder: string): Promise<void> {
  const state = openState({ folder });
  if (isFault(state)) return;
  await endOrphans(listProcesses(state).map((record) => record.process));
  state.close();
}

/** Kills the home of a folder, as a crash would, and waits for its end. */
export async function endHome(folder: string): Promise<void> {
  const home = readHomeFile(folder);
  if (home === null || !machine.isRunning(home)) return;
  process.kill(home.pid, "SIGKILL");
  while (machine.isRunning(home)) await sleep(10);
}
