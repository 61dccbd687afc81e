import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { formatAddress } from "../../../address/parse.ts";
import { type Fault, fault, isFault } from "../../../fault/fault.ts";
import type { ServiceChange } from "../../../stack/session/messages.ts";
import type { LiveService } from "../../model/live-stack.ts";
import { LINES_PER_SERVICE } from "../../model/log-book.ts";
import { unknownService, unknownStack } from "../../sessions/session-faults.ts";
import { noPort } from "../../view/no-port.ts";
import { envViews, isSecret } from "../../view/redact.ts";
import type { ApiEnv } from "../access/request-guard.ts";
import type { HomeServices } from "./home-services.ts";
import { checkedRoutes } from "./request.ts";
import { answers, faultStatus } from "./respond.ts";
import { change, line, variable } from "./schemas.ts";

const stack = z.string().openapi({ description: "A stack's id or its granted name", example: "shop" });
const service = z.string().openapi({ example: "web" });
const limit = z.coerce.number().int().min(0).max(LINES_PER_SERVICE).default(200);
const changed = z.object({ ok: z.literal(true), changes: z.array(change) });
const done = (changes: readonly ServiceChange[]) => ({ ok: true as const, changes: [...changes] });
const lines = z.object({ lines: z.array(line) });

const getServiceLogs = createRoute({
  method: "get",
  path: "/{stack}/services/{service}/logs",
  request: { params: z.object({ stack, service }), query: z.object({ limit }) },
  responses: answers(lines, "The service's last lines, also after its stack has ended"),
});
const getStackLogs = createRoute({
  method: "get",
  path: "/{stack}/logs",
  request: { params: z.object({ stack }), query: z.object({ limit }) },
  responses: answers(lines, "The last lines of all services in order of time"),
});
const getEnv = createRoute({
  method: "get",
  path: "/{stack}/services/{service}/env",
  request: { params: z.object({ stack, service }) },
  responses: answers(z.object({ env: z.array(variable) }), "The service's environment by name, secrets hidden"),
});
const getVariable = createRoute({
  method: "get",
  path: "/{stack}/services/{service}/env/{name}",
  request: { params: z.object({ stack, service, name: z.string() }) },
  responses: answers(z.object({ value: z.string(), secret: z.boolean() }), "One variable's value, even if secret"),
});
const getUrl = createRoute({
  method: "get",
  path: "/{stack}/services/{service}/url",
  request: { params: z.object({ stack, service }) },
  responses: answers(z.object({ url: z.string() }), "Where a client reaches the service, credentials included"),
});
const postService = createRoute({
  method: "post",
  path: "/{stack}/services/{service}/{action}",
  request: { params: z.object({ stack, service, action: z.enum(["restart", "stop", "start"]) }) },
  responses: answers(changed, "The runner has completed the action"),
});
const postApply = createRoute({
  method: "post",
  path: "/{stack}/apply",
  request: {
    params: z.object({ stack }),
    body: { content: { "application/json": { schema: z.object({ services: z.array(z.string()).default([]) }) } } },
  },
  responses: answers(
    changed,
    "The runner has read the config again: what is new starts, what changed restarts, what was taken out has stopped. " +
      "With `services` only those and what they need. Starts go on; the snapshot shows them",
  ),
});
const postClaim = createRoute({
  method: "post",
  path: "/{stack}/claim",
  request: { params: z.object({ stack }) },
  responses: answers(
    z.object({ ports: z.array(z.object({ port: z.number(), service: z.string() })) }),
    "The ports that the stack's services chose, such as 3000, lead to it from now on, until it or home ends",
  ),
});
const postStack = createRoute({
  method: "post",
  path: "/{stack}/{action}",
  request: { params: z.object({ stack, action: z.enum(["restart", "stop", "start", "down"]) }) },
  responses: answers(changed, "Completed for every service; after `down` the stack has ended"),
});

/** Stacks and services: logs, environment, actions. */
export function stackRoutes(home: HomeServices): OpenAPIHono<ApiEnv> {
  const app = checkedRoutes();

  const find = (name: string, wanted: string): LiveService | Fault => {
    const live = home.model.find(name);
    if (live === undefined) return unknownStack(name, home.model.stacks.values());
    return live.services.get(wanted) ?? unknownService(live, wanted);
  };
  const last = (name: string, wanted: string | null, count: number) => {
    const live = home.model.find(name);
    if (live !== undefined && wanted !== null && !live.services.has(wanted)) return unknownService(live, wanted);
    return (
      home.model.logs.last(home.model.idOf(name), wanted, count) ??
      (live ? [] : unknownStack(name, home.model.stacks.values()))
    );
  };

  app.openapi(getServiceLogs, (c) => {
    const { stack, service } = c.req.valid("param");
    const found = last(stack, service, c.req.valid("query").limit);
    return isFault(found) ? c.json({ error: found }, faultStatus(found)) : c.json({ lines: found }, 200);
  });
  app.openapi(getStackLogs, (c) => {
    const found = last(c.req.valid("param").stack, null, c.req.valid("query").limit);
    return isFault(found) ? c.json({ error: found }, faultStatus(found)) : c.json({ lines: found }, 200);
  });
  app.openapi(getEnv, (c) => {
    const { stack, service } = c.req.valid("param");
    const found = find(stack, service);
    if (isFault(found)) return c.json({ error: found }, faultStatus(found));
    return c.json({ env: envViews(found.facts.env) }, 200);
  });
  app.openapi(getVariable, (c) => {
    const { stack, service, name } = c.req.valid("param");
    const found = find(stack, service);
    if (isFault(found)) return c.json({ error: found }, faultStatus(found));
    const value = Object.hasOwn(found.facts.env, name) ? found.facts.env[name] : undefined;
    if (value !== undefined) return c.json({ value, secret: isSecret(name, value) }, 200);
    return c.json({ error: fault("NAME_UNKNOWN", `${service} has no variable ${name}`) }, 404);
  });
  app.openapi(getUrl, (c) => {
    const { stack, service } = c.req.valid("param");
    const found = find(stack, service);
    if (isFault(found)) return c.json({ error: found }, faultStatus(found));
    const { url, address, listens, portless, protocol } = found.facts;
    if (portless === true) {
      const nothing = noPort(service);
      return c.json({ error: nothing }, faultStatus(nothing));
    }
    return c.json({ url: url ?? `${protocol}://${formatAddress(listens ?? address)}` }, 200);
  });
  app.openapi(postService, async (c) => {
    const { stack, service, action } = c.req.valid("param");
    const changes = await home.sessions.act(stack, service, action);
    return isFault(changes) ? c.json({ error: changes }, faultStatus(changes)) : c.json(done(changes), 200);
  });
  app.openapi(postApply, async (c) => {
    const changes = await home.sessions.act(c.req.valid("param").stack, null, "apply", c.req.valid("json").services);
    return isFault(changes) ? c.json({ error: changes }, faultStatus(changes)) : c.json(done(changes), 200);
  });
  app.openapi(postClaim, (c) => {
    const { stack } = c.req.valid("param");
    const live = home.model.find(stack);
    const ports = live === undefined ? unknownStack(stack, home.model.stacks.values()) : home.chosenPorts.claim(live);
    return isFault(ports) ? c.json({ error: ports }, faultStatus(ports)) : c.json({ ports: [...ports] }, 200);
  });
  app.openapi(postStack, async (c) => {
    const { stack, action } = c.req.valid("param");
    const changes = await home.sessions.act(stack, null, action);
    return isFault(changes) ? c.json({ error: changes }, faultStatus(changes)) : c.json(done(changes), 200);
  });
  return app;
}
