import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { atExit, setPidAt } from "./peers/peer.ts";
import type { Tree } from "./trees.ts";

const exec = promisify(execFile);

/** A home as users have it, with one stack up: the built command line, a state folder and a door of its own. */
export interface RealHome {
  readonly pid: number;
  /** Runs a command of the tree's command line to its end; gives what it printed. */
  readonly cove: (...args: string[]) => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** Starts home by `cove up -d`, in a folder with these files; one of them is the stack's config. */
export async function startHome(
  { path }: Tree,
  port: number,
  files: Readonly<Record<string, string>>,
): Promise<RealHome> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "cove-bench-")));
  const bin = join(path, "bin/cove.js");
  const cwd = join(folder, "project");
  const env = { ...process.env, COVE_HOME: join(folder, "home"), COVE_PORT: String(port), NO_COLOR: "1" };
  mkdirSync(cwd);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  const cove = async (...args: string[]) =>
    (await exec(process.execPath, [bin, ...args], { env, cwd, maxBuffer: 1 << 26, timeout: 60_000 })).stdout;
  const stopped = atExit(() => spawnSync(process.execPath, [bin, "stop", "--yes"], { env, cwd, timeout: 20_000 }));
  const stop = async () => {
    await cove("stop", "--yes").catch((error: unknown) => console.error(`home was not stopped: ${error}`));
    stopped();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    await cove("up", "-d");
    const { pid } = JSON.parse(readFileSync(join(env.COVE_HOME, "home.json"), "utf8")) as { pid: number };
    setPidAt(port, pid);
    return { pid, cove, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
