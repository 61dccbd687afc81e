import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { ApiEnv } from "../access/request-guard.ts";
import type { HomeServices } from "./home-services.ts";
import { checkedRoutes } from "./request.ts";
import { answers } from "./respond.ts";
import { level, log, series } from "./telemetry-schemas.ts";

const service = z.string().optional().openapi({ description: "Default: all of them" });

const getLogs = createRoute({
  method: "get",
  path: "/logs",
  request: {
    query: z.object({
      stack: z.string().optional().openapi({ description: "By name. Default: all" }),
      service,
      trace: z.string().optional().openapi({ description: "32 hex digits" }),
      level: level.optional().openapi({ description: "This one and those above it" }),
      limit: z.coerce.number().int().min(1).max(5_000).default(500),
    }),
  },
  responses: answers(z.object({ logs: z.array(log) }), "Log records that services sent by OTLP, newest first"),
});
const getMetrics = createRoute({
  method: "get",
  path: "/metrics",
  request: { query: z.object({ stack: z.string().openapi({ description: "By name" }), service }) },
  responses: answers(
    z.object({ series: z.array(series) }),
    "Metrics that services sent by OTLP: up to 720 points each",
  ),
});

/** What services report about themselves; their spans are with their trace's exchanges. */
export function telemetryRoutes({ telemetry }: HomeServices): OpenAPIHono<ApiEnv> {
  const app = checkedRoutes();
  app.openapi(getLogs, (c) => {
    const { stack = null, service = null, trace = null, level = null, limit } = c.req.valid("query");
    return c.json({ logs: [...telemetry.logs({ stack, service, traceId: trace, from: level, limit })] }, 200);
  });
  app.openapi(getMetrics, (c) => {
    const { stack, service = null } = c.req.valid("query");
    const found = telemetry.series(stack, service);
    return c.json({ series: found.map((one) => ({ ...one, points: [...one.points] })) }, 200);
  });
  return app;
}
