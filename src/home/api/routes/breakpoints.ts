import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Edit } from "../../../capture/breakpoints.ts";
import { idOf, seqOf } from "../../../capture/ids.ts";
import { fault, isFault } from "../../../fault/fault.ts";
import { matchesFilter, parseFilter } from "../../../inspect/filter/filter.ts";
import type { ApiEnv } from "../access/request-guard.ts";
import { edit, summary } from "./exchange-schemas.ts";
import type { HomeServices } from "./home-services.ts";
import { checkedRoutes, jsonBody } from "./request.ts";
import { answers, faultStatus } from "./respond.ts";
import { done } from "./schemas.ts";

const breakpoint = z.object({ id: z.number(), filter: z.string() });
const held = z.object({
  id: z.string(),
  since: z.number().openapi({ description: "Epoch ms" }),
  exchange: summary,
  method: z.string(),
  target: z.string(),
  headers: z.array(z.tuple([z.string(), z.string()])),
  body: z.string().nullable().openapi({ description: "As text; null: not whole, or no text" }),
  bodyBase64: z.string().nullable(),
});

const list = createRoute({
  method: "get",
  path: "/breakpoints",
  responses: answers(z.object({ breakpoints: z.array(breakpoint) }), "Which requests through the door are held"),
});
const add = createRoute({
  method: "post",
  path: "/breakpoints",
  request: {
    body: jsonBody(z.object({ filter: z.string().min(1) })),
  },
  responses: answers(breakpoint, "Requests that the filter matches are held from now on"),
});
const remove = createRoute({
  method: "delete",
  path: "/breakpoints/{id}",
  request: { params: z.object({ id: z.coerce.number().int() }) },
  responses: answers(done, "Deleted; requests that are held stay held"),
});
const listHeld = createRoute({
  method: "get",
  path: "/held",
  responses: answers(z.object({ held: z.array(held) }), "The requests that are held"),
});
const letGo = createRoute({
  method: "post",
  path: "/held/{id}",
  request: {
    params: z.object({ id: z.string() }),
    body: jsonBody(edit.extend({ action: z.enum(["go", "drop"]) })),
  },
  responses: answers(done, "It was released, edited or not; or its connection was closed"),
});

/** Requests at the door that are held, edited and let go by hand. */
export function breakpointRoutes({ exchanges: kept }: HomeServices): OpenAPIHono<ApiEnv> {
  const app = checkedRoutes();
  const { breakpoints } = kept;

  app.openapi(list, (c) => {
    return c.json({ breakpoints: breakpoints.list().map(({ id, filter }) => ({ id, filter })) }, 200);
  });
  app.openapi(add, (c) => {
    const { filter } = c.req.valid("json");
    const parsed = parseFilter(filter);
    if (isFault(parsed)) return c.json({ error: parsed }, faultStatus(parsed));
    const { id } = breakpoints.add(filter, (exchange) => matchesFilter(parsed, exchange));
    return c.json({ id, filter }, 200);
  });
  app.openapi(remove, (c) => {
    if (breakpoints.remove(c.req.valid("param").id)) return c.json({ ok: true } as const, 200);
    return c.json(
      { error: fault("NAME_UNKNOWN", "no such breakpoint", "see the breakpoints on the traffic page: cove open") },
      404,
    );
  });
  app.openapi(listHeld, (c) => {
    const all = breakpoints.held().map((one) => {
      const { body, headers, ...request } = one.request();
      const text = body === null ? null : textOf(body);
      return {
        id: idOf(one.exchange),
        since: one.since,
        exchange: kept.summary(one.exchange),
        ...request,
        headers: headers.map(([name, value]): [string, string] => [name, value]),
        body: text,
        bodyBase64: text === null && body !== null ? body.toString("base64") : null,
      };
    });
    return c.json({ held: all }, 200);
  });
  app.openapi(letGo, (c) => {
    const seq = seqOf(c.req.valid("param").id) ?? 0;
    const { action, ...edit } = c.req.valid("json");
    const failed = action === "drop" ? breakpoints.drop(seq) : breakpoints.go(seq, editOf(edit));
    return failed === null ? c.json({ ok: true } as const, 200) : c.json({ error: failed }, faultStatus(failed));
  });
  return app;
}

/** What came as JSON, with its body as bytes. */
export function editOf({ body, bodyBase64, ...rest }: z.infer<typeof edit>): Edit {
  const bytes =
    body !== undefined ? Buffer.from(body) : bodyBase64 !== undefined ? Buffer.from(bodyBase64, "base64") : null;
  return { ...rest, ...(bytes !== null && { body: bytes }) };
}

function textOf(bytes: Buffer): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
