import { spawn } from "node:child_process";
import { request } from "node:http";
import { connect } from "node:net";
import { stripVTControlCharacters } from "node:util";
import type { Address } from "../address/address.ts";
import { type Fault, fault } from "../fault/fault.ts";
import { describeHolder, machine } from "../machine/machine.ts";
import type { ReadyProbe } from "../services/kind.ts";

/** Quick at first, so that what starts in 100 ms is ready in 100 ms; slow later, so that nothing is drowned in probes. */
const PAUSE = { first: 25, factor: 1.5, longest: 2_000 };
const PROBE_TIME = 5_000;

export interface ProbeTarget {
  readonly address: Address;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** The process started for the service; null for `external`. */
  readonly pid: number | null;
  /** Calls back for each line from now on, and for those so far; returns the end of it. */
  readonly lines: (onLine: (text: string) => void) => () => void;
}

/** Waits until a service is ready: null. A fault means it never will be; `signal` ends the wait with null. */
export async function whenReady(
  probe: ReadyProbe,
  target: ProbeTarget,
  timeout: number,
  signal: AbortSignal,
): Promise<Fault | null> {
  if (probe.type === "none" || probe.type === "exit") return null;
  const deadline = performance.now() + timeout;
  if (probe.type === "log") return await lineSeen(probe.pattern, target, timeout, signal);
  for (let pause = PAUSE.first; !signal.aborted; pause = Math.min(pause * PAUSE.factor, PAUSE.longest)) {
    if (await succeeds(probe, target)) {
      const foreign = foreignHolder(target);
      if (foreign !== null) return foreign;
      return null;
    }
    const left = deadline - performance.now();
    if (left <= 0) return tooSlow(probe, target, timeout);
    await sleep(Math.min(pause, left), signal);
  }
  return null;
}

function succeeds(probe: ReadyProbe, target: ProbeTarget): Promise<boolean> {
  if (probe.type === "http") return answers(target.address, probe.path, probe.status);
  if (probe.type === "command") return exitsWell(probe.command, target);
  return accepts(target.address);
}

function accepts({ host, port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(PROBE_TIME, () => done(false));
    socket.once("connect", () => done(true));
    socket.once("error", () => done(false));
  });
}

function answers({ host, port }: Address, path: string, status: number | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(
      { host, port, path, agent: false, timeout: PROBE_TIME, headers: { "user-agent": "cove-probe" } },
      (response) => {
        const code = response.statusCode ?? 0;
        response.destroy();
        resolve(status === undefined ? code < 400 : code === status);
      },
    );
    asked.once("timeout", () => asked.destroy());
    asked.once("error", () => resolve(false));
    asked.end();
  });
}

function exitsWell(command: string, { cwd, env }: ProbeTarget): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, { shell: true, cwd, env, stdio: "ignore", timeout: PROBE_TIME });
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}

function lineSeen(pattern: string, target: ProbeTarget, timeout: number, signal: AbortSignal): Promise<Fault | null> {
  const wanted = new RegExp(pattern);
  return new Promise((resolve) => {
    const done = (outcome: Fault | null) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", aborted);
      off();
      resolve(outcome);
    };
    const aborted = () => done(null);
    const timer = setTimeout(() => {
      done(
        fault(
          "NOT_READY",
          `no line of its log matched /${pattern}/ within ${timeout / 1000} s`,
          "check the pattern, or give it more time with readyTimeout",
        ),
      );
    }, timeout);
    signal.addEventListener("abort", aborted);
    let off = () => {};
    let seen = false;
    off = target.lines((text) => {
      if (seen || !wanted.test(stripVTControlCharacters(text))) return;
      seen = true;
      queueMicrotask(() => done(null));
    });
  });
}

/** The port answers, but it is someone else who does. */
function foreignHolder({ address, pid }: ProbeTarget): Fault | null {
  if (pid === null) return null;
  const owners = machine.listeners(address.port).map((listener) => listener.pid);
  if (owners.length === 0 || owners.some((owner) => owner === null)) return null;
  const family = new Set([pid, ...machine.processGroup(pid), ...machine.descendants(pid)]);
  if (owners.some((owner) => owner !== null && family.has(owner))) return null;
  const holder = machine.holderOf(address.port);
  const who = holder === null ? "another process" : describeHolder(holder);
  return fault(
    "PORT_TAKEN",
    `port ${address.port} is held by ${who}, not by this service`,
    "end that process, then: cove restart",
    {
      port: address.port,
      ...holder,
    },
  );
}

function tooSlow(probe: ReadyProbe, { address, pid }: ProbeTarget, timeout: number): Fault {
  const elsewhere = pid === null ? [] : portsOf(pid).filter((port) => port !== address.port);
  const seconds = timeout / 1000;
  if (elsewhere.length > 0) {
    return fault(
      "NOT_READY",
      `it listens on ${elsewhere.join(", ")}, not on ${address.port}`,
      "let it listen on the port in PORT (and the host in HOST), or fix its port in the config: port: ".concat(
        String(elsewhere[0]),
      ),
      { listens: elsewhere, wanted: address.port },
    );
  }
  const what =
    probe.type === "http"
      ? `GET ${probe.path} had no good answer`
      : probe.type === "command"
        ? `\`${probe.command}\` did not succeed`
        : `nothing listened on port ${address.port}`;
  return fault(
    "NOT_READY",
    `${what} within ${seconds} s`,
    "see its log: cove logs; more time: readyTimeout; no port at all: ready: none",
    { port: address.port },
  );
}

function portsOf(pid: number): number[] {
  const family = new Set([pid, ...machine.processGroup(pid), ...machine.descendants(pid)]);
  const ports = machine
    .listeners()
    .flatMap((listener) => (listener.pid !== null && family.has(listener.pid) ? [listener.address.port] : []));
  return [...new Set(ports)];
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
