import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { isFault } from "../../../fault/fault.ts";
import type { ApiEnv } from "../access/request-guard.ts";
import type { HomeServices } from "./home-services.ts";
import { answers, faultStatus } from "./respond.ts";
import { address, alias, done } from "./schemas.ts";
import { invalid } from "./stacks.ts";

const params = z.object({ name: z.string().openapi({ example: "pay" }) });

const putAlias = createRoute({
  method: "put",
  path: "/{name}",
  request: { params, body: { required: true, content: { "application/json": { schema: address } } } },
  responses: answers(alias, "The name answers for this address, now and with the next home"),
});
const deleteAlias = createRoute({
  method: "delete",
  path: "/{name}",
  request: { params },
  responses: answers(done, "The name is gone"),
});

/** Names for services that run by themselves. */
export function aliasRoutes(home: HomeServices): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>({
    defaultHook: (result, c) => (result.success ? undefined : c.json({ error: invalid(result.error) }, 400)),
  });
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
