import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { isFault } from "../../../fault/fault.ts";
import type { LookMethods } from "../../looks/looks.ts";
import type { ApiEnv } from "../access/request-guard.ts";
import type { HomeServices } from "./home-services.ts";
import { auditView, portsView } from "./machine-schemas.ts";
import { answers, faultStatus } from "./respond.ts";

const unchanged = { 304: { description: "As in If-None-Match: nothing has changed" } };
const getPorts = createRoute({
  method: "get",
  path: "/ports",
  responses: {
    ...answers(portsView, "Every listener of this machine, leases, and how ports are divided"),
    ...unchanged,
  },
});
const getAudit = createRoute({
  method: "get",
  path: "/audit",
  responses: { ...answers(auditView, "What others can reach or read on this machine, worst first"), ...unchanged },
});

/** What this machine says, for the pages of ports and of the guard. */
export function machineRoutes({ looks }: HomeServices): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>();
  app.openAPIRegistry.registerPath(getPorts);
  app.openAPIRegistry.registerPath(getAudit);
  app.get(getPorts.path, (c) => answer(c, "ports"));
  app.get(getAudit.path, (c) => answer(c, "audit"));
  return app;

  /** The thread's own text goes out: to read and write it once more would take home's time. */
  async function answer(c: Context<ApiEnv>, look: keyof LookMethods): Promise<Response> {
    const sight = await looks.look(look);
    if (isFault(sight)) return c.json({ error: sight }, faultStatus(sight));
    const etag = `"${sight.tag}"`;
    if (c.req.header("if-none-match") === etag) return c.body(null, 304, { etag });
    return c.body(sight.text, 200, { etag, "content-type": "application/json" });
  }
}
