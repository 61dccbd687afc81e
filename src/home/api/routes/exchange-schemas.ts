import { z } from "@hono/zod-openapi";
import type { ExchangeSummary } from "../../../inspect/summary.ts";

export const summary = z
  .object({
    id: z.string().openapi({ description: "A ULID; any unambiguous tail means the same" }),
    seq: z.number().openapi({ description: "Counts up from 1 in each home" }),
    short: z.string(),
    stack: z.string(),
    edge: z.string(),
    from: z.string(),
    to: z.string(),
    protocol: z.enum(["http", "postgres", "redis", "tcp"]),
    at: z.number().openapi({ description: "Epoch ms" }),
    ms: z.number().nullable().openapi({ description: "Null: under way" }),
    firstByteMs: z.number().nullable(),
    title: z.string(),
    status: z.string().nullable(),
    ok: z.boolean().nullable(),
    bytesUp: z.number(),
    bytesDown: z.number(),
    caller: z.object({
      address: z.string(),
      process: z.object({ pid: z.number(), program: z.string() }).nullable(),
    }),
    traceId: z.string(),
    spanId: z.string(),
    parentId: z.string().nullable(),
    parent: z.number().nullable().openapi({ description: "The parent exchange, by number" }),
    how: z.enum(["header", "exact", "alone", "likely", "none"]).openapi({
      description:
        "How sure the parent is: by a traceparent, by the sender's own report (with parentId null: it was for no request), by time, a guess (parentId is null), or there is none",
    }),
    guess: z
      .object({
        count: z.number().openapi({ description: "Requests that come into question" }),
        orNone: z.boolean().openapi({ description: "Or none of them: the service sends such by itself, too" }),
        candidates: z
          .array(z.object({ seq: z.number(), short: z.string(), spanId: z.string() }))
          .readonly()
          .openapi({ description: "All of them; empty where there are more than eight" }),
      })
      .nullable()
      .openapi({ description: "Of a guess: what it may be under" }),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    notes: z.array(z.string()).readonly(),
  })
  .openapi("Exchange") satisfies z.ZodType<ExchangeSummary>;

/** What is to be changed in a request. */
export const edit = z.object({
  method: z.string().min(1).exactOptional(),
  target: z.string().startsWith("/").exactOptional().openapi({ description: "`/path?query`" }),
  headers: z
    .array(z.tuple([z.string(), z.string()]))
    .exactOptional()
    .openapi({ description: "All of them, in order" }),
  body: z.string().exactOptional(),
  bodyBase64: z.string().exactOptional(),
});
