import { spawn } from "node:child_process";
import { request } from "node:http";
import { connect } from "node:net";
import { stripVTControlCharacters } from "node:util";
import type { Upstream } from "../../door/upstream/upstream.ts";
import { signalGroup, signalOne } from "../process/process-family.ts";

/** What one probe got: null, it is ready; else in words what came instead, as in `answered 404`; "" where nothing did. */
export type ProbeResult = string | null;

/** Ready when something accepts a TCP connection there. */
export function accepts(at: Upstream, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = connect({ ...at, signal });
    const done = (result: ProbeResult) => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", () => done(null));
    socket.on("error", () => done(""));
    socket.once("close", () => resolve(""));
  });
}

/** Ready when `GET path` is answered with a status below 400, or with exactly `status`. */
export function answers(
  at: Upstream,
  path: string,
  status: number | undefined,
  signal: AbortSignal,
): Promise<ProbeResult> {
  return new Promise((resolve) => {
    let connected = false;
    const asked = request(
      {
        ...("path" in at ? { socketPath: at.path } : at),
        ...{ path, agent: false, signal, headers: { "user-agent": "cove-probe" } },
      },
      (response) => {
        const code = response.statusCode ?? 0;
        response.on("error", () => {});
        response.destroy();
        resolve((status === undefined ? code < 400 : code === status) ? null : `answered ${code}`);
      },
    );
    asked.once("socket", (socket) => {
      socket.once("connect", () => {
        connected = true;
      });
    });
    asked.on("error", (error: NodeJS.ErrnoException) => resolve(connected ? withoutAnswer(error, signal) : ""));
    asked.end();
  });
}

/** A connection was taken, but no response came of it. */
function withoutAnswer({ code }: NodeJS.ErrnoException, { aborted }: AbortSignal): string {
  if (aborted) return "took the request and gave no answer";
  return code?.startsWith("HPE_") ? "answered with something that is not HTTP/1.1" : "closed the connection unanswered";
}

/** Characters of a probe's output that are told at most, the last ones. */
const SAID_MOST = 200;
/** After its end, how long its last line may take, ms. */
const LAST_LINE_TIME = 100;

/** Ready when a shell line ends with 0. What it started is ended with it. */
export function exitsWell(
  command: string,
  { beside, cwd, env }: { beside: readonly string[]; cwd: string; env: NodeJS.ProcessEnv },
  signal: AbortSignal,
): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const detached = process.platform !== "win32";
    const stdio: ["ignore", "ignore", "pipe"] = ["ignore", "ignore", "pipe"];
    const options = { cwd, env, stdio, detached, windowsHide: true };
    const [program, ...args] = beside;
    const child =
      program === undefined
        ? spawn(command, { ...options, shell: true })
        : spawn(program, [...args, "/bin/sh", "-c", command], options);
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString("latin1")).slice(-4 * SAID_MOST);
    });
    const end = () => {
      const { pid } = child;
      if (pid === undefined) return;
      if (signalGroup(pid, "SIGKILL").length === 0) signalOne(pid, "SIGKILL");
    };
    const done = (result: ProbeResult) => {
      signal.removeEventListener("abort", end);
      resolve(result);
    };
    signal.addEventListener("abort", end);
    child.once("error", (error) => done(error.message));
    child.once("exit", (code, by) => {
      if (code === 0) return done(null);
      const how = signal.aborted
        ? "did not end in time"
        : by === null
          ? `ended with exit code ${code}`
          : `was ended by ${by}`;
      const tell = () => {
        child.stderr.destroy();
        const last = lastLine(said);
        done(last === "" ? how : `${how}: ${last}`);
      };
      // What it started may hold the pipe open.
      const timer = setTimeout(tell, LAST_LINE_TIME);
      child.stderr.once("close", () => {
        clearTimeout(timer);
        tell();
      });
    });
  });
}

function lastLine(said: string): string {
  const text = stripVTControlCharacters(Buffer.from(said, "latin1").toString("utf8")).trimEnd();
  return text.slice(text.lastIndexOf("\n") + 1).slice(-SAID_MOST);
}
