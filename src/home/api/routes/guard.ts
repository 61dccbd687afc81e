import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { machine } from "../../../machine/machine.ts";
import type { LiveService, LiveStack } from "../../model/live-stack.ts";
import { hidePasswords } from "../../view/redact.ts";
import type { GuardedService } from "../../view/view.ts";
import type { ApiEnv } from "../access/request-guard.ts";
import type { HomeServices } from "./home-services.ts";
import { answers } from "./respond.ts";
import { guardView } from "./schemas.ts";

const getGuard = createRoute({
  method: "get",
  path: "/",
  responses: answers(guardView, "How services are guarded, and what was refused: the last 500, newest first"),
});

/** What the guard does and refused, for the guard page. */
export function refusalRoutes({ refusals, model }: HomeServices): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>();
  const peerCheck = machine.peer === undefined ? "unavailable" : "exact";
  app.openapi(getGuard, (c) => {
    const services = [...model.stacks.values()].flatMap((stack) =>
      [...stack.services.values()].map((service) => guarded(stack, service)),
    );
    const [total, unnamed] = [refusals.total(), refusals.unnamedCounts()];
    return c.json({ peerCheck, total, refusals: refusals.list(), unnamed, services } as const, 200);
  });
  return app;
}

function guarded({ id, name }: LiveStack, { facts }: LiveService): GuardedService {
  const { cause } = facts.status;
  const { origins = [], uids = [], programs = null } = facts.guard ?? {};
  return {
    stack: id,
    stackName: name,
    service: facts.name,
    kind: facts.kind,
    bind: facts.bind ?? null,
    exposed:
      cause?.fault === "BIND_EXPOSED" ? { message: hidePasswords(cause.message), hint: cause.hint ?? null } : null,
    origins,
    users: uids.map((uid) => machine.userName(uid) ?? String(uid)),
    programs,
  };
}
