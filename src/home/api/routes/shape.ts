import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { readGiven } from "../../../conditions/given.ts";
import { PROFILES } from "../../../conditions/profiles.ts";
import { printCondition } from "../../../conditions/text.ts";
import { fault, isFault } from "../../../fault/fault.ts";
import { networkOptions, profilesIn, scenarioIn } from "../../../stack/config/network.ts";
import { unknownStack } from "../../sessions/session-faults.ts";
import type { ApiEnv } from "../access/request-guard.ts";
import type { HomeServices } from "./home-services.ts";
import { checkedRoutes, invalid, jsonBody } from "./request.ts";
import { answers, faultStatus } from "./respond.ts";

const stack = z.string().openapi({ description: "A stack's id or its granted name", example: "shop" });
const target = z
  .string()
  .min(1)
  .openapi({ description: "`web→api`, `api` for all that lead there, `web.shop.localhost`, `all`" });
const edges = z.object({ edges: z.array(z.string()).readonly() });
const profile = z.object({ name: z.string(), source: z.string(), text: z.string(), own: z.boolean() });

const getShape = createRoute({
  method: "get",
  path: "/{stack}/shape",
  request: { params: z.object({ stack }) },
  responses: answers(
    z.object({ profiles: z.array(profile), scenarios: z.array(z.string()) }),
    "Profiles and scenarios that can be put on this stack's edges; the edges themselves are in the snapshot",
  ),
});
const putShape = createRoute({
  method: "put",
  path: "/{stack}/shape",
  request: {
    params: z.object({ stack }),
    body: jsonBody(
      z.object({
        target,
        conditions: z.string().openapi({ description: "A profile's name, or `latency=200±50 loss=2%`; empty: none" }),
      }),
    ),
  },
  responses: answers(edges, "The edges that it was put on"),
});
const deleteShape = createRoute({
  method: "delete",
  path: "/{stack}/shape",
  request: { params: z.object({ stack }), query: z.object({ target: target.default("all") }) },
  responses: answers(edges, "The edges whose conditions were removed"),
});
const postPlay = createRoute({
  method: "post",
  path: "/{stack}/shape/play",
  request: {
    params: z.object({ stack }),
    body: jsonBody(
      z.object({
        target: target.default("all"),
        /** By name from the config, or itself. */
        name: z.string(),
        parts: z.array(z.unknown()).optional(),
        seed: z.number().int().min(0).max(0xffffffff).optional(),
      }),
    ),
  },
  responses: answers(
    z.object({ name: z.string(), seed: z.number(), length: z.number(), edges: z.array(z.string()).readonly() }),
    "It plays: its seed, its length in ms, and where",
  ),
});

/** Conditions on edges. */
export function shapeRoutes({ model, shaper }: HomeServices): OpenAPIHono<ApiEnv> {
  const app = checkedRoutes();
  const find = (name: string) => model.find(name) ?? unknownStack(name, model.stacks.values());

  app.openapi(getShape, (c) => {
    const live = find(c.req.valid("param").stack);
    if (isFault(live)) return c.json({ error: live }, faultStatus(live));
    const network = live.facts.network ?? {};
    const all = [
      ...profilesIn(network).map((one) => ({ ...one, own: true })),
      ...PROFILES.map((one) => ({ ...one, own: false })),
    ];
    const profiles = all.map(({ name, source, own, conditions }) => {
      return { name, source, own, text: conditions.map(printCondition).join(" ") };
    });
    return c.json({ profiles, scenarios: Object.keys(network.scenarios ?? {}) }, 200);
  });
  app.openapi(putShape, async (c) => {
    const live = find(c.req.valid("param").stack);
    if (isFault(live)) return c.json({ error: live }, faultStatus(live));
    const { target, conditions } = c.req.valid("json");
    const given = readGiven(conditions, profilesIn(live.facts.network ?? {}));
    const set = isFault(given) ? given : await shaper.set(live, target, given);
    return isFault(set) ? c.json({ error: set }, faultStatus(set)) : c.json({ edges: set }, 200);
  });
  app.openapi(deleteShape, async (c) => {
    const live = find(c.req.valid("param").stack);
    if (isFault(live)) return c.json({ error: live }, faultStatus(live));
    const cleared = await shaper.clear(live, c.req.valid("query").target);
    return isFault(cleared) ? c.json({ error: cleared }, faultStatus(cleared)) : c.json({ edges: cleared }, 200);
  });
  app.openapi(postPlay, async (c) => {
    const live = find(c.req.valid("param").stack);
    if (isFault(live)) return c.json({ error: live }, faultStatus(live));
    const { target, name, parts, seed } = c.req.valid("json");
    const network = live.facts.network ?? {};
    const checked = parts === undefined ? null : networkOptions.safeParse({ scenarios: { [name]: { parts } } });
    if (checked !== null && !checked.success) return c.json({ error: invalid(checked.error) }, 400);
    const scenario = scenarioIn(checked === null ? network : checked.data, name);
    if (scenario === undefined) {
      const has = Object.keys(network.scenarios ?? {}).join(", ");
      const hint = has === "" ? "describe it under scenarios: in the config, or give a file" : `there are: ${has}`;
      const unknown = fault("NAME_UNKNOWN", `${live.name} has no scenario ${name}`, hint);
      return c.json({ error: unknown }, faultStatus(unknown));
    }
    const played = await shaper.play(live, target, scenario, seed);
    return isFault(played) ? c.json({ error: played }, faultStatus(played)) : c.json(played, 200);
  });
  return app;
}
