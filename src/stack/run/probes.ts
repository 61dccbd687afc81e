import { spawn } from "node:child_process";
import { request } from "node:http";
import { connect } from "node:net";
import type { Upstream } from "../../door/upstream/upstream.ts";
import { signalGroup, signalOne } from "../process/process-family.ts";

/** True when something accepts a TCP connection there. */
export function accepts(at: Upstream, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...at, signal });
    const done = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    socket.once("connect", () => done(true));
    socket.on("error", () => done(false));
    socket.once("close", () => resolve(false));
  });
}

/** True when `GET path` is answered with a status below 400, or with exactly `status`. */
export function answers(at: Upstream, path: string, status: number | undefined, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(
      {
        ...("path" in at ? { socketPath: at.path } : at),
        ...{ path, agent: false, signal, headers: { "user-agent": "cove-probe" } },
      },
      (response) => {
        const code = response.statusCode ?? 0;
        response.on("error", () => {});
        response.destroy();
        resolve(status === undefined ? code < 400 : code === status);
      },
    );
    asked.on("error", () => resolve(false));
    asked.end();
  });
}

/** True when a shell line ends with 0. What it started is ended with it. */
export function exitsWell(
  command: string,
  { beside, cwd, env }: { beside: readonly string[]; cwd: string; env: NodeJS.ProcessEnv },
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    const detached = process.platform !== "win32";
    const options = { cwd, env, stdio: "ignore" as const, detached, windowsHide: true };
    const [program, ...args] = beside;
    const child =
      program === undefined
        ? spawn(command, { ...options, shell: true })
        : spawn(program, [...args, "/bin/sh", "-c", command], options);
    const end = () => {
      const { pid } = child;
      if (pid === undefined) return;
      if (signalGroup(pid, "SIGKILL").length === 0) signalOne(pid, "SIGKILL");
    };
    const done = (ready: boolean) => {
      signal.removeEventListener("abort", end);
      resolve(ready);
    };
    signal.addEventListener("abort", end);
    child.once("error", () => done(false));
    child.once("exit", (code) => done(code === 0));
  });
}
