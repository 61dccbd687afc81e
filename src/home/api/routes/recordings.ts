import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { isFault } from "../../../fault/fault.ts";
import type { ApiEnv } from "../access/request-guard.ts";
import type { HomeServices } from "./home-services.ts";
import { checkedRoutes, jsonBody } from "./request.ts";
import { answers, faultStatus } from "./respond.ts";

const recording = z
  .looseObject({
    name: z.string(),
    filter: z.string(),
    running: z.boolean(),
    exchanges: z.number(),
    bytes: z.number(),
  })
  .openapi("Recording");
const name = z.object({ name: z.string() });

const list = createRoute({
  method: "get",
  path: "/",
  responses: answers(z.object({ recordings: z.array(recording) }), "Ordered by their last start"),
});
const start = createRoute({
  method: "post",
  path: "/",
  request: {
    body: jsonBody(
      z.object({
        name: z.string().min(1),
        filter: z.string().default("").openapi({ description: "Which exchanges; empty: all" }),
        redact: z.boolean().default(true).openapi({ description: "False: credentials are kept as they are" }),
      }),
    ),
  },
  responses: answers(recording, "It records; an existing recording is continued"),
});
const stop = createRoute({
  method: "post",
  path: "/{name}/stop",
  request: { params: name },
  responses: answers(recording, "It has stopped, and all of it is written"),
});
const remove = createRoute({
  method: "delete",
  path: "/{name}",
  request: { params: name },
  responses: answers(recording, "It is deleted"),
});

/** Recordings. */
export function recordingRoutes({ recordings }: HomeServices): OpenAPIHono<ApiEnv> {
  const app = checkedRoutes();
  app.openapi(list, async (c) => {
    const all = await recordings.list();
    return isFault(all) ? c.json({ error: all }, faultStatus(all)) : c.json({ recordings: all.map(shown) }, 200);
  });
  app.openapi(start, async (c) => {
    const { name, filter, redact } = c.req.valid("json");
    const begun = await recordings.start(name, filter, redact);
    return isFault(begun) ? c.json({ error: begun }, faultStatus(begun)) : c.json(shown(begun), 200);
  });
  app.openapi(stop, async (c) => {
    const ended = await recordings.stop(c.req.valid("param").name);
    return isFault(ended) ? c.json({ error: ended }, faultStatus(ended)) : c.json(shown(ended), 200);
  });
  app.openapi(remove, async (c) => {
    const gone = await recordings.remove(c.req.valid("param").name);
    return isFault(gone) ? c.json({ error: gone }, faultStatus(gone)) : c.json(shown(gone), 200);
  });
  return app;
}

const shown = <T extends object>(one: T) => ({ ...one });
