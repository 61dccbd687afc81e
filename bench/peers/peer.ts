import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** Ends what this run started and has not ended yet: an interrupted run leaves nothing behind. */
const ends = new Set<() => void>();
/** By the port that each listens on. */
const pids = new Map<number, number>();

/** The program that was started to listen on a port. */
export const pidAt = (port: number): number | undefined => pids.get(port);

/** Says which process listens on a port, where it is not one that `startProgram` started. */
export const setPidAt = (port: number, pid: number): void => void pids.set(port, pid);

process.once("exit", () => {
  for (const end of ends) end();
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

/** Runs `end`, which must not wait for anything, if the bench ends first. The result takes that back. */
export function atExit(end: () => void): () => void {
  ends.add(end);
  return () => void ends.delete(end);
}

/** A proxy under test. */
export interface Peer {
  readonly name: string;
  /** Where it listens once it was started. */
  readonly port: number;
  /** Null: it isn't installed here. `upstream` is the port that it passes requests on to. */
  readonly start: (upstream: number) => Promise<(() => Promise<void>) | null>;
}

/** Where a program is, in the places that hold such programs; null: nowhere. */
export function programPath(name: string): string | null {
  for (const folder of [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"]) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // Not in this one.
    }
  }
  return null;
}

/** Starts a program with config files of its own and waits for its port; the result stops it. */
export async function startProgram(
  program: string,
  args: (folder: string) => readonly string[],
  port: number,
  files: Readonly<Record<string, string>> = {},
  env: NodeJS.ProcessEnv = {},
): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), "cove-bench-"));
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(folder, name), text.replaceAll("FOLDER", folder));
  const child = spawn(program, [...args(folder)], { stdio: "ignore", env: { ...process.env, HOME: folder, ...env } });
  child.once(
    "exit",
    atExit(() => child.kill("SIGKILL")),
  );
  if (child.pid !== undefined) pids.set(port, child.pid);
  await listening(port, child);
  return async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 3_000);
      await ended;
      clearTimeout(timer);
    }
    rmSync(folder, { recursive: true, force: true });
  };
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode} before it listened on ${port}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true));
      socket.on("error", () => resolve(false));
      socket.on("connect", () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill("SIGKILL");
  throw new Error(`nothing listened on ${port} within 10 s`);
}
