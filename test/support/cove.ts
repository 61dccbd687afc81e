import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFailed } from "vitest";
import { freePort } from "./free-port.ts";

const BIN = fileURLToPath(new URL("../../bin/cove.js", import.meta.url));
/** A command that takes longer hangs, ms. */
const COMMAND_TIME = 120_000;
/** From Ctrl-C to the end of a stack, ms. */
const STOP_TIME = 40_000;

export interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  /** All that it printed so far, both streams. */
  readonly output: () => string;
  /** Waits until what it printed matches; fails if it ends first. */
  readonly waitFor: (pattern: RegExp, limit?: number) => Promise<RegExpExecArray>;
  /** Ctrl-C, and waits for the end. */
  readonly stop: () => Promise<number | null>;
}

export interface Sandbox extends AsyncDisposable {
  /** A state folder of this sandbox's own. */
  readonly home: string;
  readonly port: number;
  readonly env: NodeJS.ProcessEnv;
  /** Runs the built CLI to its end. */
  readonly cove: (
    args: string[],
    options?: { cwd?: string; env?: NodeJS.ProcessEnv; input?: string },
  ) => Promise<Result>;
  /** Starts a command that goes on (`up`, `run`, `logs -f`). */
  readonly start: (args: string[], options?: { cwd?: string; env?: NodeJS.ProcessEnv }) => Promise<Started>;
}

/**
 * Cove as a user has it, with a state folder and a door of its own. Its end stops everything that it started. Tests that run
 * at the same time in one file pass their own `onTestFailed`.
 */
export async function coveSandbox(whenFailed: (run: () => void) => void = onTestFailed): Promise<Sandbox> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "cove-home-")));
  const port = await freePort();
  const started: Started[] = [];
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    COVE_HOME: home,
    COVE_PORT: String(port),
    NO_COLOR: "1",
    FORCE_COLOR: undefined,
    // Vitest's own settings must not reach the programs under test.
    NODE_OPTIONS: undefined,
    NODE_ENV: undefined,
    VITEST: undefined,
  };
  const launch = (args: string[], cwd: string | undefined, more: NodeJS.ProcessEnv | undefined) =>
    spawn(process.execPath, [BIN, ...args], { cwd: cwd ?? home, env: { ...env, ...more }, stdio: "pipe" });

  const cove: Sandbox["cove"] = (args, { cwd, env: more, input } = {}) =>
    new Promise((resolve, reject) => {
      const child = launch(args, cwd, more);
      const result: Result = { code: null, stdout: "", stderr: "" };
      const timer = setTimeout(() => {
        child.kill("SIGKILL");
        reject(new Error(`cove ${args.join(" ")} hung\n${result.stdout}${result.stderr}`));
      }, COMMAND_TIME);
      child.stdout.on("data", (chunk) => {
        result.stdout += chunk;
      });
      child.stderr.on("data", (chunk) => {
        result.stderr += chunk;
      });
      child.on("error", reject);
      child.on("close", (code) => {
        clearTimeout(timer);
        resolve({ ...result, code });
      });
      child.stdin.end(input);
    });

  const start: Sandbox["start"] = async (args, { cwd, env: more } = {}) => {
    const child = launch(args, cwd, more);
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      output += chunk;
    });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    const running: Started = {
      child,
      output: () => output,
      waitFor: async (pattern, limit = 60_000) => {
        const deadline = performance.now() + limit;
        for (;;) {
          const match = pattern.exec(output);
          if (match !== null) return match;
          if (child.exitCode !== null || performance.now() > deadline) {
            throw new Error(`cove ${args.join(" ")} did not print ${pattern}; it printed:\n${output}`);
          }
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      },
      stop: async () => {
        if (child.exitCode === null && child.signalCode === null) child.kill("SIGINT");
        const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIME);
        const code = await ended;
        clearTimeout(timer);
        return code;
      },
    };
    started.push(running);
    whenFailed(() => console.log(`cove ${args.join(" ")} had printed:\n${output}`));
    return running;
  };

  return {
    home,
    port,
    env,
    cove,
    start,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(started.map((one) => one.stop()));
      await cove(["stop", "--yes"]).catch(() => undefined);
      rmSync(home, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
