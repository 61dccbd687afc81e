import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { isFault } from "../../../fault/fault.ts";
import type { ApiEnv } from "../access/request-guard.ts";
import type { HomeServices } from "./home-services.ts";
import { checkedRoutes, jsonBody } from "./request.ts";
import { answers, faultStatus } from "./respond.ts";
import { address, alias, done } from "./schemas.ts";

const params = z.object({ name: z.string().openapi({ example: "pay" }) });

const putAlias = createRoute({
  method: "put",
  path: "/{name}",
  request: { params, body: jsonBody(address) },
  responses: answers(alias, "The name answers for this address, now and with the next home"),
});
const deleteAlias = createRoute({
  method: "delete",
  path: "/{name}",
  request: { params },
  responses: answers(done, "The name is removed"),
});

/** Names for services that run by themselves. */
export function aliasRoutes(home: HomeServices): OpenAPIHono<ApiEnv> {
  const app = checkedRoutes();
  app.openapi(putAlias, async (c) => {
    const set = await home.aliases.set(c.req.valid("param").name, c.req.valid("json"));
    return isFault(set) ? c.json({ error: set }, faultStatus(set)) : c.json(set, 200);
  });
  app.openapi(deleteAlias, async (c) => {
    const failed = await home.aliases.remove(c.req.valid("param").name);
    return failed === null ? c.json({ ok: true } as const, 200) : c.json({ error: failed }, faultStatus(failed));
  });
  return app;
}
