import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { guardView } from "../../model/guard-view.ts";
import type { ApiEnv } from "../access/request-guard.ts";
import type { HomeServices } from "./home-services.ts";
import { answers } from "./respond.ts";
import { guardView as schema } from "./schemas.ts";

const getGuard = createRoute({
  method: "get",
  path: "/",
  responses: answers(schema, "How services are guarded, and what was refused: the last 500, newest first"),
});

/** What the guard does and refused, for the guard page. */
export function refusalRoutes({ refusals, model }: HomeServices): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>();
  app.openapi(getGuard, (c) => c.json(guardView(model, refusals), 200));
  return app;
}
