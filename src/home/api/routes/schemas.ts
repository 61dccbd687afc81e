import { z } from "@hono/zod-openapi";
import { FAULT_CODES, type FaultCode } from "../../../fault/codes.ts";
import type { Fault } from "../../../fault/fault.ts";
import { GUARD_CHECKS, type Refusal } from "../../../guard/refusals.ts";
import { serviceChange, serviceState, logLine as sessionLogLine } from "../../../stack/session/messages.ts";
import type {
  AliasView,
  EdgeTraffic,
  EdgeView,
  EnvView,
  GuardedService,
  GuardView,
  HomeEvent,
  HomeHealth,
  ServiceView,
  Snapshot,
  StackView,
} from "../../view/view.ts";

/** The shapes of the API, for validation and the OpenAPI document. `satisfies` keeps them equal to view.ts. */
export const address = z
  .object({ host: z.string().min(1).max(253), port: z.number().int().min(1).max(65535) })
  .openapi("Address");

/** As views show addresses: whatever the service says it has. */
export const shownAddress = z.object({ host: z.string(), port: z.number() });

const fault = z
  .object({
    fault: z.enum(Object.keys(FAULT_CODES) as FaultCode[]),
    message: z.string(),
    hint: z.string().exactOptional(),
    detail: z.record(z.string(), z.unknown()).exactOptional(),
  })
  .openapi("Fault") satisfies z.ZodType<Fault>;

export const errorBody = z.object({ error: fault }).openapi("Error");

export const health = z
  .object({
    version: z.string(),
    pid: z.number(),
    started: z.string().openapi({ description: "Start stamp of the process; opaque" }),
    port: z.number().openapi({ description: "The door's port" }),
    stopping: z.boolean(),
  })
  .openapi("Health") satisfies z.ZodType<HomeHealth>;

const service = z
  .object({
    name: z.string(),
    kind: z.string(),
    protocol: z.enum(["http", "tcp", "postgres", "redis"]),
    label: z.string(),
    state: z.enum(serviceState.options),
    address: shownAddress,
    names: z.array(z.string()).readonly(),
    url: z.string().nullable(),
    needs: z.array(z.string()).readonly(),
    pid: z.number().nullable(),
    readyMs: z.number().nullable(),
    readyAt: z.number().nullable(),
    restarts: z.number(),
    overdue: z.boolean().optional(),
    tracing: z.object({ reports: z.boolean(), text: z.string() }).optional(),
    cause: z.object({ fault: z.string(), message: z.string(), hint: z.string().optional() }).nullable(),
  })
  .openapi("Service") satisfies z.ZodType<ServiceView>;

const edge = z
  .object({
    id: z.string(),
    from: z.string(),
    to: z.string(),
    address: shownAddress,
    connections: z.number(),
    bytesUp: z.number(),
    bytesDown: z.number(),
    found: z
      .literal(true)
      .optional()
      .openapi({ description: "It isn't in the consumer's needs: its connections were seen" }),
    shape: z
      .object({
        text: z.string(),
        profile: z.string().nullable(),
        scenario: z.string().nullable(),
        noHttp: z
          .enum(["tls", "other"])
          .optional()
          .openapi({ description: "What it carries, where conditions about HTTP do nothing" }),
        failed: z.string().optional().openapi({ description: "Why a scenario's step has no effect, where it failed" }),
      })
      .nullable(),
  })
  .openapi("Edge") satisfies z.ZodType<EdgeView>;

const stack = z
  .object({
    id: z.string(),
    name: z.string(),
    single: z.boolean(),
    root: z.string(),
    branch: z.string().nullable(),
    file: z.string().nullable(),
    runner: z.object({ pid: z.number(), startedAt: z.number() }),
    services: z.array(service).readonly(),
    edges: z.array(edge).readonly(),
  })
  .openapi("Stack") satisfies z.ZodType<StackView>;

export const alias = z
  .object({ name: z.string(), names: z.array(z.string()).readonly(), url: z.string(), address: shownAddress })
  .openapi("Alias") satisfies z.ZodType<AliasView>;

export const snapshot = z
  .object({
    home: z.object({
      pid: z.number(),
      version: z.string(),
      startedAt: z.number(),
      door: shownAddress,
      url: z.string(),
    }),
    stacks: z.array(stack).readonly(),
    aliases: z.array(alias).readonly(),
  })
  .openapi("Snapshot") satisfies z.ZodType<Snapshot>;

/** The session's own shape, under a name in the document. */
export const line = z.object(sessionLogLine.shape).openapi("LogLine");

const edgeTraffic = z
  .object({
    stack: z.string(),
    edge: z.string(),
    connections: z.number(),
    bytesUp: z.number(),
    bytesDown: z.number(),
    turns: z.object({ count: z.number(), p50: z.number(), p95: z.number() }).nullable(),
  })
  .openapi("EdgeTraffic") satisfies z.ZodType<EdgeTraffic>;

export const event = z
  .union([
    z.object({ type: z.literal("snapshot"), snapshot }),
    z.object({ type: z.literal("log"), stack: z.string(), lines: z.array(line).readonly() }),
    z.object({ type: z.literal("traffic"), time: z.number(), edges: z.array(edgeTraffic).readonly() }),
    z.object({ type: z.literal("guard"), total: z.number() }),
  ])
  .openapi("Event") satisfies z.ZodType<HomeEvent>;

const refusal = z
  .object({
    time: z.number().openapi({ description: "Epoch ms, of the last one where there were several" }),
    check: z.enum(GUARD_CHECKS),
    service: z.string().nullable(),
    peer: z.object({ address: z.string(), uid: z.number().nullable() }),
    what: z.string(),
    why: z.string(),
    hint: z.string().nullable(),
    allow: z.string().nullable().openapi({ description: "A line for the service in the config that allows it" }),
    since: z.number().openapi({ description: "Epoch ms, of the first one" }),
    count: z.number().openapi({ description: "How often in a row" }),
  })
  .openapi("Refusal") satisfies z.ZodType<Refusal>;

const guardedService = z
  .object({
    stack: z.string().openapi({ description: "The stack's id" }),
    stackName: z.string(),
    service: z.string(),
    kind: z.string(),
    bind: z.enum(["warn", "fix", "box", "own"]).nullable(),
    exposed: z.object({ message: z.string(), hint: z.string().nullable() }).nullable(),
    origins: z.array(z.string()).readonly(),
    users: z.array(z.string()).readonly(),
    programs: z.array(z.string()).readonly().nullable(),
  })
  .openapi("GuardedService") satisfies z.ZodType<GuardedService>;

export const guardView = z
  .object({
    peerCheck: z.enum(["exact", "unavailable"]),
    total: z.number(),
    refusals: z.array(refusal).readonly(),
    unnamed: z
      .array(z.object({ service: z.string(), letIn: z.number(), refused: z.number(), time: z.number() }))
      .readonly()
      .openapi({
        description: "Clients that closed before their user could be looked up, by service, since home started",
      }),
    services: z.array(guardedService).readonly(),
  })
  .openapi("Guard") satisfies z.ZodType<GuardView>;

export const variable = z
  .object({ name: z.string(), value: z.string(), secret: z.boolean() })
  .openapi("Variable") satisfies z.ZodType<EnvView>;

export const change = serviceChange.openapi("ServiceChange");

export const done = z.object({ ok: z.literal(true) }).openapi("Done");
