import { z } from "zod";
import { FAULT_CODES, type FaultCode } from "../../fault/codes.ts";
import type { Fault } from "../../fault/fault.ts";
import { httpsFacts } from "../config/https.ts";
import { networkOptions } from "../config/network.ts";
import { type ConsoleRequest, consoleNews } from "./console.ts";

/**
 * The messages between a runner and home over their one session: JSON text messages on a WebSocket.
 * When the session ends, the stack's routes are removed, but never its leases.
 */
const address = z.object({ host: z.string(), port: z.number().int().min(0).max(65535) });
const faultShape = z.object({
  fault: z.enum(Object.keys(FAULT_CODES) as FaultCode[]),
  message: z.string(),
  hint: z.string().exactOptional(),
  detail: z.record(z.string(), z.unknown()).exactOptional(),
});

export const serviceState = z.enum([
  "waiting",
  "starting",
  "ready",
  "unready",
  "restarting",
  "failed",
  "stopping",
  "stopped",
  "completed",
]);
/**
 * `waiting` for what it needs, `starting` (not ready yet), `ready`, `unready` (it runs, but nothing answers at its address
 * any more, and nothing seems to start there), `restarting` (crashed, waiting out the back-off; or what it runs is being
 * started again), `failed` (gave up), `stopping`, `stopped` (by request), `completed` (ended with 0 and is meant to).
 */
export type ServiceState = z.infer<typeof serviceState>;

/** A process that home ends if the runner dies: identified by pid and start time, so a reused pid is never hit. */
const processIdentity = z.object({
  pid: z.number().int(),
  /** Opaque start-time stamp from `machine/processes`. */
  started: z.string(),
});
export type ProcessIdentity = z.infer<typeof processIdentity>;

const serviceStatus = z.object({
  state: serviceState,
  process: processIdentity.nullable(),
  /** When it became ready, epoch ms; null while it isn't. */
  readyAt: z.number().nullable(),
  /** From start to ready, ms. */
  readyMs: z.number().nullable(),
  restarts: z.number().int(),
  /** It isn't ready though its time for that is over; it runs all the same, and is looked for. Absent: false. */
  overdue: z.boolean().exactOptional(),
  /** Why it is restarting, unready or failed; while it is ready, what is wrong all the same (BIND_EXPOSED). */
  cause: faultShape.nullable(),
});
export type ServiceStatus = z.infer<typeof serviceStatus>;

export const logLine = z.object({
  service: z.string(),
  /** `cove` marks lines that Cove itself adds. */
  stream: z.enum(["stdout", "stderr", "cove"]),
  /** Epoch ms. */
  time: z.number(),
  /** Without the line end; may hold ANSI colours. */
  text: z.string(),
});
export type LogLine = z.infer<typeof logLine>;

const helloService = z.object({
  name: z.string(),
  kind: z.string(),
  /** Where it can be reached instead of its address: the Unix socket of its box. */
  path: z.string().exactOptional(),
  protocol: z.enum(["http", "tcp", "postgres", "redis"]),
  label: z.string(),
  address,
  /** Where it really listens, found by looking at its processes; absent: at its address. */
  listens: address.exactOptional(),
  /** Ports that its code chose and that it hasn't got, with where it listens instead: home leads from there. Absent: none. */
  chosen: z.array(z.object({ port: z.number().int().min(1).max(65535), at: address })).exactOptional(),
  /** It listens on no port, as far as is known: a worker. Absent: false. */
  portless: z.boolean().exactOptional(),
  /** It speaks HTTP by HTTP/2 alone, without TLS. Absent: it doesn't. */
  http2: z.boolean().exactOptional(),
  /** What it gets as Host instead of its name. */
  hostField: z.string().exactOptional(),
  /** Extra names from the config. */
  names: z.array(z.string()),
  /** Who may use it besides the stack's own pages and this user's programs; absent: nobody. */
  guard: z
    .object({
      origins: z.array(z.string()).readonly(),
      uids: z.array(z.number()).readonly(),
      programs: z.array(z.string()).readonly().nullable(),
    })
    .exactOptional(),
  /** What is written down of what is said to it; absent: all, bodies up to 1 MiB. */
  capture: z
    .object({
      on: z.boolean(),
      bodies: z.number().optional(),
      skip: z.array(z.string()).optional(),
      redact: z.array(z.string()).optional(),
      slow: z.number().optional(),
    })
    .exactOptional(),
  /**
   * What is done if it tries to listen on more than loopback; `own`: its kind never does, and it is watched. Absent: Cove
   * doesn't start it.
   */
  bind: z.enum(["warn", "fix", "box", "own"]).exactOptional(),
  /**
   * Where it reports for which request it sends what: a FIFO of its own; or why it doesn't. Absent: Cove doesn't start it, or
   * it has nobody to send anything to.
   */
  trace: z.union([z.object({ pipe: z.string() }), z.object({ off: z.string() })]).exactOptional(),
  needs: z.array(z.string()),
  /** URL for people where http by name isn't the way: `postgres://…`. */
  url: z.string().nullable(),
  /** Full environment handed to the process; home redacts it before showing. Empty before the first start. */
  env: z.record(z.string(), z.string()),
  status: serviceStatus,
});
export type HelloService = z.infer<typeof helloService>;

/** One thing that applying an edited config did. */
export const serviceChange = z.object({
  /** Null: the stack as a whole. */
  service: z.string().nullable(),
  /**
   * `started`: it is new, or wasn't running. `restarted`. `stopped`: the config has it no more. `updated`: in effect without
   * a restart. `kept`: it goes on as it was, since what changed is read only once its data is made anew.
   */
  action: z.enum(["started", "restarted", "stopped", "updated", "kept"]),
  /** What changed: `env LOG_LEVEL changed`. Names only, never values that could be secrets. */
  reasons: z.array(z.string()),
});
export type ServiceChange = z.infer<typeof serviceChange>;

export const runnerMessage = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("hello"),
    version: z.string(),
    runner: processIdentity,
    /** The project's key: a stack's identity across runs. */
    stack: z.string(),
    /** The name wanted: `shop`. In a worktree `feature-x.shop`. */
    base: z.string(),
    /** The base an earlier home granted: kept when it is still free. */
    granted: z.string().nullable(),
    single: z.boolean(),
    root: z.string(),
    branch: z.string().nullable(),
    file: z.string().nullable(),
    services: z.array(helloService),
    edges: z.array(
      z.object({
        ...{ id: z.string(), from: z.string(), to: z.string(), address },
        /** Further ports at the same address. */
        also: z.array(z.number().int().min(1).max(65535)).exactOptional(),
        /** It isn't in the consumer's needs: its connections were seen. Absent: false. */
        found: z.literal(true).exactOptional(),
      }),
    ),
    /** Conditions, profiles and scenarios of the config. */
    network: networkOptions.exactOptional(),
    /** What the config says of https. */
    https: httpsFacts.exactOptional(),
    /** The last lines of each service, for a home that has just started. */
    logs: z.array(logLine),
  }),
  z.object({ type: z.literal("status"), service: z.string(), status: serviceStatus }),
  /** A service's environment or URL became known. */
  z.object({ type: z.literal("service"), service: helloService }),
  z.object({ type: z.literal("log"), lines: z.array(logLine) }),
  z.object({
    type: z.literal("done"),
    id: z.number(),
    fault: faultShape.nullable(),
    changes: z.array(serviceChange),
  }),
  /** For one who sits in front of a service. */
  z.object({ type: z.literal("console"), id: z.number(), news: consoleNews }),
  /** The stack ended in order; nothing is left to clean up. */
  z.object({ type: z.literal("bye") }),
]);
export type RunnerMessage = z.infer<typeof runnerMessage>;
export type Hello = Extract<RunnerMessage, { type: "hello" }>;

/** An edge whose relay doesn't listen; `partly`: at one of its further ports. */
export interface BrokenEdge {
  readonly id: string;
  readonly fault: Fault;
  readonly partly?: true;
}

/** What home says; it is made by a home of this very version, whose file only this user can write to. */
export type HomeMessage =
  | {
      readonly type: "welcome";
      /** The base name granted; differs from the one wanted where another project holds that. */
      readonly base: string;
      /** The door's port. */
      readonly port: number;
      /** Where its services may send OTLP to, each with `/` and its name behind it. */
      readonly telemetry: string;
      /** Full names by service, the first is the one to show: `{ web: ["web.shop.localhost"] }`. */
      readonly names: Readonly<Record<string, readonly string[]>>;
      /** Edges whose relay could not listen. */
      readonly broken: readonly BrokenEdge[];
    }
  | { readonly type: "refused"; readonly fault: Fault }
  /** A line of Cove's own for a service's log. */
  | { readonly type: "note"; readonly service: string; readonly text: string }
  /** From one who sits in front of a service; `id` is theirs, and new with each `open`. */
  | { readonly type: "console"; readonly id: number; readonly service: string; readonly request: ConsoleRequest }
  /**
   * Do something to one service, or to all (null); answered by `done`. `apply` reads the config again and brings the stack
   * to it, or only `services` and what they need. `down` ends the runner.
   */
  | {
      readonly type: "do";
      readonly id: number;
      readonly action: "restart" | "stop" | "start" | "down" | "apply";
      readonly service: string | null;
      /** For `apply`; empty: all. */
      readonly services: readonly string[];
    };
