import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import type { Address } from "../../src/address/address.ts";
import { anyCaller, edgeTo } from "../../src/capture/capture.fixture.ts";
import type { Claim, Claims } from "../../src/capture/claim.ts";
import { openTap, type Tap } from "../../src/capture/decoders/tap.ts";
import type { Exchange } from "../../src/capture/exchange.ts";
import { createRecorder } from "../../src/capture/recorder.ts";
import { openRelay } from "../../src/door/relay/relay.ts";
import { orThrow } from "../../src/fault/fault.ts";
import { readPipe } from "../../src/tracing/pipe.ts";
import { serviceClaims, type TracedProcess } from "../../src/tracing/service-claims.ts";
import { tracedEnv } from "../../src/tracing/traced-env.ts";
import { freePort } from "../support/free-port.ts";
import { scratch } from "../support/scratch.ts";

export interface Upstream {
  readonly to: Address;
  /** `text`: what is sent is searched for the names of traces, since Cove doesn't read its protocol. */
  readonly protocol: "http" | "postgres" | "redis" | "text";
  /** Its own, of which the service gets the edge's: as DB_URL. */
  readonly url: string;
}

export interface TracedOptions {
  /** Program and arguments; PORT says where to listen. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** What it talks to, by name. */
  readonly upstreams: Readonly<Record<string, Upstream>>;
  readonly env?: Readonly<Record<string, string>>;
  /** What of it is broken. Default: nothing. */
  readonly broken?: "no preload" | "nobody reads" | "stalled";
}

/** A service behind relays, as home has them. */
export interface TracedService {
  readonly port: number;
  readonly exchanges: () => Exchange[];
  /** What upstreams whose protocol isn't read were sent. */
  readonly found: () => readonly Found[];
  readonly processes: () => readonly TracedProcess[];
  readonly output: () => string;
  readonly process: ChildProcess;
}

/** Starts a service with the preload; it and its relays end with the test. */
export async function traceService(options: TracedOptions): Promise<TracedService> {
  const folder = scratch("traced");
  const pipe = join(folder, "trace");
  execFileSync("mkfifo", ["-m", "600", pipe]);
  const recorder = createRecorder();
  const claims = serviceClaims();
  // One that is open and that nobody reads is full some time.
  const stalled = options.broken === "stalled" ? openSync(pipe, constants.O_RDWR) : null;
  const reader = options.broken === undefined ? readPipe(pipe, claims.take) : null;
  onTestFinished(() => {
    if (stalled !== null) closeSync(stalled);
    reader?.close();
  });
  const found: Found[] = [];
  const port = await freePort();
  const env: Record<string, string> = { PORT: String(port), HOST: "127.0.0.1" };
  const edges: number[] = [];
  for (const [name, { to, protocol, url }] of Object.entries(options.upstreams)) {
    const edge = edgeTo(name);
    const at = { host: "127.0.0.1", port: await freePort() };
    const relay = orThrow(
      await openRelay({
        listen: at,
        to: () => to,
        tap: ({ remotePort: local = 0 }, _peer, clock) => {
          const own = claims.accepted({ local, remote: at.port });
          if (protocol === "text") return textTap(own, found);
          return openTap(recorder, edge, anyCaller(), protocol, clock, own);
        },
      }),
    );
    onTestFinished(() => relay.close());
    edges.push(at.port);
    env[`${name.toUpperCase()}_URL`] = Object.assign(new URL(url), { port: String(at.port) }).href;
  }
  const { PATH = "", HOME = "" } = process.env;
  const plain = { PATH, HOME, ...env, ...options.env };
  const [program = "", ...args] = options.command;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.broken === "no preload" ? plain : tracedEnv(plain, { pipe, edges }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += String(text)));
  onTestFinished(() => void child.kill("SIGKILL"));
  await listening(
    port,
    () => child.exitCode ?? child.signalCode,
    () => output,
  );
  return {
    port,
    exchanges: () => allIn(recorder.ring),
    found: () => found,
    processes: claims.processes,
    output: () => output,
    process: child,
  };
}

/** A statement that names its trace, and what its sender reports of it. */
export interface Found {
  readonly truth: string;
  readonly claim: Claim | null;
}

function textTap(claims: Claims, found: Found[]): Tap {
  let offset = 0;
  return {
    connected: () => {},
    up: (bytes, clock) => {
      for (const { index, 1: truth = "" } of bytes.toString("latin1").matchAll(new RegExp(TRUTH, "g"))) {
        found.push({ truth, claim: claims.at(offset + index, clock) });
      }
      offset += bytes.length;
    },
    down: () => {},
    end: () => {},
    closed: claims.closed,
  };
}

function allIn(ring: ReturnType<typeof createRecorder>["ring"]): Exchange[] {
  const found: Exchange[] = [];
  for (let seq = ring.oldest(); seq <= ring.newest(); seq++) {
    const exchange = ring.get(seq);
    if (exchange !== undefined) found.push(exchange);
  }
  return found;
}

async function listening(port: number, ended: () => unknown, output: () => string): Promise<void> {
  for (;;) {
    if (ended() !== null) throw new Error(`the service ended: ${output()}`);
    if ((await status(port, "/up")) !== null) return;
    await sleep(20);
  }
}

/** Null: nothing answers. */
function status(port: number, path: string, headers: Record<string, string> = {}): Promise<number | null> {
  return new Promise((resolve) => {
    const asked = request({ host: "127.0.0.1", port, path, headers }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode ?? 0));
      response.on("error", () => resolve(null));
    });
    asked.on("error", () => resolve(null));
    asked.end();
  });
}

const SPAN = "5".repeat(16);

/** The trace of the request with this number: statements name it, so that the truth is known. */
const traceOf = (number: number) => number.toString(16).padStart(32, "a");

/** Asks a service so many times, `at` at once; each request is of a trace of its own, and told its id. Returns failures. */
export async function askAll(port: number, path: string, count: number, at: number): Promise<number> {
  let next = 0;
  let failed = 0;
  const one = async (): Promise<void> => {
    for (let number = next++; number < count; number = next++) {
      const id = traceOf(number);
      const told = await status(port, `${path}?id=${id}`, { traceparent: `00-${id}-${SPAN}-01` });
      if (told !== 200) failed++;
    }
  };
  await Promise.all(Array.from({ length: at }, one));
  return failed;
}

/** What became of statements that name the trace that they are of, or `none`. */
export interface Tally {
  /** Said to be of the right request, as a fact. */
  right: number;
  /** Said to be of another. */
  wrong: number;
  /** Only guessed, or not known. */
  guessed: number;
}

const TRUTH = /\b(a+[0-9a-f]{1,31}|of-none)\b/;

export function tally(exchanges: readonly Exchange[], texts: readonly Found[] = []): Tally {
  const found: Tally = { right: 0, wrong: 0, guessed: 0 };
  for (const exchange of exchanges) {
    const truth = TRUTH.exec(textOf(exchange))?.[1];
    if (truth === undefined) continue;
    const { how, traceId } = exchange.trace;
    if (how !== "exact" && how !== "header") found.guessed++;
    else if ((traceId ?? "of-none") === truth) found.right++;
    else found.wrong++;
  }
  for (const { truth, claim } of texts) {
    if (claim?.context === undefined) found.guessed++;
    else if ((claim.context?.traceId ?? "of-none") === truth) found.right++;
    else found.wrong++;
  }
  return found;
}

function textOf(exchange: Exchange): string {
  if (exchange.protocol === "postgres") return [exchange.sql, ...exchange.params].join(" ");
  if (exchange.protocol === "redis") return [exchange.command, ...exchange.args].join(" ");
  return exchange.protocol === "http" ? exchange.target : "";
}
