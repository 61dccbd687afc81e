import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { machine } from "../machine/machine.ts";
import { readHomeFile } from "./home-file.ts";

/** A state folder and a door's port of a test's own, in the environment while it lasts; ends its home at the end. */
export interface HomeSandbox extends AsyncDisposable {
  readonly folder: string;
  readonly port: number;
}

export async function homeSandbox(): Promise<HomeSandbox> {
  const folder = mkdtempSync(join(tmpdir(), "cove-home-"));
  const port = await freePort();
  const before = { COVE_HOME: process.env.COVE_HOME, COVE_PORT: process.env.COVE_PORT };
  Object.assign(process.env, { COVE_HOME: folder, COVE_PORT: String(port) });
  return {
    folder,
    port,
    [Symbol.asyncDispose]: async () => {
      await endHome(folder);
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Kills the home of a folder, as a crash would, and waits for its end. */
export async function endHome(folder: string): Promise<void> {
  const home = readHomeFile(folder);
  if (home === null || !machine.isRunning(home)) return;
  process.kill(home.pid, "SIGKILL");
  while (machine.isRunning(home)) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** A port that nothing listens on, above the range where the system picks ports for outgoing connections. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = 62_000 + Math.floor(Math.random() * 800);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
  throw new Error("no free port for a test");
}
