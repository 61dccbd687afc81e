import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { stream } from "hono/streaming";
import { isFault } from "../../../fault/fault.ts";
import { harText } from "../../../inspect/har/export.ts";
import { importHar } from "../../../inspect/har/import.ts";
import { version } from "../../view/version.ts";
import type { ApiEnv } from "../access/request-guard.ts";
import type { HomeServices } from "./home-services.ts";
import { checkedRoutes, jsonBody } from "./request.ts";
import { answers, faultStatus } from "./respond.ts";

const archive = z.looseObject({ log: z.looseObject({}) }).openapi("Har");

const exportHar = createRoute({
  method: "get",
  path: "/",
  request: {
    query: z.object({
      filter: z.string().default(""),
      recording: z.string().optional().openapi({ description: "From this recording instead of home's memory" }),
      reveal: z.enum(["0", "1"]).default("0").openapi({ description: "1: with credentials" }),
    }),
  },
  responses: answers(archive, "HTTP exchanges in order of time, as an HTTP archive (HAR 1.2)"),
});
const importOne = createRoute({
  method: "post",
  path: "/",
  request: {
    query: z.object({ name: z.string().default("the archive") }),
    body: jsonBody(z.unknown()),
  },
  responses: answers(
    z.object({
      imported: z.number(),
      skipped: z.number().openapi({ description: "Entries that were left out" }),
      reasons: z.array(z.string()).openapi({ description: "Why: of the first of them" }),
    }),
    "Its exchanges are there now, on edges `har→HOST`",
  ),
});

/** HTTP archives, out and in. */
export function harRoutes({ exchanges: kept, recordings }: HomeServices): OpenAPIHono<ApiEnv> {
  const app = checkedRoutes();
  app.openapi(exportHar, async (c) => {
    const { filter, recording, reveal } = c.req.valid("query");
    const found = recording === undefined ? await kept.matchingHttp(filter) : await recordings.http(recording, filter);
    if (isFault(found)) return c.json({ error: found }, faultStatus(found));
    c.header("content-type", "application/json; charset=utf-8");
    c.header("content-disposition", 'attachment; filename="cove.har"');
    return stream(c, async (to) => {
      for await (const piece of harText(found, { version: version(), reveal: reveal === "1" })) await to.write(piece);
    }) as never;
  });
  app.post("/", async (c) => {
    const read = await importHar(c.req.raw.body ?? [], c.req.query("name") ?? "the archive", kept.recorder);
    return isFault(read) ? c.json({ error: read }, faultStatus(read)) : c.json(read, 200);
  });
  app.openAPIRegistry.registerPath(importOne);
  return app;
}
