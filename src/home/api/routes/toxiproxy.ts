import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { isFault } from "../../../fault/fault.ts";
import type { ApiEnv } from "../access/request-guard.ts";
import type { HomeServices } from "./home-services.ts";
import { checkedRoutes, jsonBody } from "./request.ts";
import { answers, faultStatus } from "./respond.ts";
import { address, done } from "./schemas.ts";

const putToxiproxy = createRoute({
  method: "put",
  path: "/",
  request: {
    body: jsonBody(
      z.object({
        port: z.number().int().min(0).max(65_535).optional().openapi({ description: "Default 8474; 0: any free one" }),
      }),
    ),
  },
  responses: answers(address, "Toxiproxy's API is open here, with the edges of stacks as proxies"),
});
const deleteToxiproxy = createRoute({
  method: "delete",
  path: "/",
  responses: answers(done, "It is closed, and the proxies created there are removed"),
});

/** The Toxiproxy-compatible API, opened on request. */
export function toxiproxyRoutes({ toxiproxy }: HomeServices): OpenAPIHono<ApiEnv> {
  const app = checkedRoutes();
  app.openapi(putToxiproxy, async (c) => {
    const opened = await toxiproxy.open(c.req.valid("json").port);
    return isFault(opened) ? c.json({ error: opened }, faultStatus(opened)) : c.json(opened, 200);
  });
  app.openapi(deleteToxiproxy, async (c) => {
    await toxiproxy.close();
    return c.json({ ok: true } as const, 200);
  });
  return app;
}
