import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { machine } from "../../machine/machine.ts";
import type { ApiEnv } from "./guard.ts";
import { answers } from "./respond.ts";
import type { ApiRooms } from "./rooms.ts";
import { guardView } from "./schemas.ts";

const getGuard = createRoute({
  method: "get",
  path: "/",
  responses: answers(guardView, "What the guard refused: the last 500, newest first"),
});

/** What the guard refused, for the guard page and `cove audit`. */
export function refusalRoutes({ refusals }: ApiRooms): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>();
  const peerCheck = machine.peer === undefined ? "unavailable" : "exact";
  app.openapi(getGuard, (c) => {
    return c.json({ peerCheck, total: refusals.total(), refusals: refusals.list() } as const, 200);
  });
  return app;
}
