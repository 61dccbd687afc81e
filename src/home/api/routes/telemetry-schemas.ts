import { z } from "@hono/zod-openapi";
import type { KeptLog, KeptSpan } from "../../../telemetry/store.ts";

const attributes = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const sender = { stack: z.string(), service: z.string() };
export const level = z.enum(["trace", "debug", "info", "warn", "error", "fatal"]);

export const span = z.object({
  ...sender,
  traceId: z.string(),
  spanId: z.string(),
  parentId: z.string().nullable(),
  name: z.string(),
  kind: z.enum(["internal", "server", "client", "producer", "consumer"]),
  at: z.number().openapi({ description: "Start, epoch ms" }),
  ms: z.number(),
  failed: z.boolean(),
  message: z.string(),
  scope: z.string().openapi({ description: "The instrumentation that made it" }),
  attributes,
  events: z.array(z.object({ at: z.number(), name: z.string(), attributes })).readonly(),
}) satisfies z.ZodType<KeptSpan>;

export const log = z.object({
  ...sender,
  at: z.number().openapi({ description: "Epoch ms" }),
  level: level.nullable(),
  text: z.string(),
  traceId: z.string().nullable(),
  spanId: z.string().nullable(),
  scope: z.string(),
  attributes,
}) satisfies z.ZodType<KeptLog>;

export const series = z.object({
  ...sender,
  name: z.string(),
  unit: z.string(),
  description: z.string(),
  kind: z.enum(["gauge", "sum", "histogram"]),
  monotonic: z.boolean(),
  attributes,
  points: z.array(
    z.object({
      at: z.number(),
      value: z.number().openapi({ description: "A gauge's value; of what only grows, how much a second" }),
      p50: z.number().nullable(),
      p95: z.number().nullable(),
    }),
  ),
});
