import type { ServerResponse } from "node:http";
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { ApiEnv } from "../access/request-guard.ts";
import type { HomeServices } from "./home-services.ts";
import { answers } from "./respond.ts";
import { done, health, snapshot } from "./schemas.ts";

const getHealth = createRoute({ method: "get", path: "/health", responses: answers(health, "Which home answers") });
const getSnapshot = createRoute({
  method: "get",
  path: "/snapshot",
  responses: answers(snapshot, "Everything that is up: stacks, services, edges, aliases"),
});
const postLink = createRoute({
  method: "post",
  path: "/links",
  responses: answers(z.object({ url: z.string() }), "A dashboard URL that logs one browser in, once, within 60 s"),
});
const postStop = createRoute({
  method: "post",
  path: "/stop",
  responses: answers(done, "Home has begun to take all stacks down and then ends"),
});

/** Home itself: health, snapshot, one-time links, its end. */
export function homeRoutes(home: HomeServices): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>();
  app.openapi(getHealth, (c) => c.json(home.health(), 200));
  app.openapi(getSnapshot, (c) => c.json(home.snapshot(), 200));
  app.openapi(postLink, (c) => {
    const url = `${home.snapshot().home.url}/open/${home.auth.link()}`;
    return c.json({ url }, 200);
  });
  app.openapi(postStop, (c) => {
    stopAfter(c.env.outgoing, home);
    return c.json({ ok: true } as const, 200);
  });
  return app;
}

/** Home's end closes its own sockets: the answer that it has begun is on its way first. */
export function stopAfter(answer: ServerResponse, home: HomeServices): void {
  answer.once("finish", home.stop);
  // A client that didn't stay for the answer.
  answer.once("close", home.stop);
}
