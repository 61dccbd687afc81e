import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { keptBytes } from "../../../capture/body.ts";
import { traceIdOf } from "../../../capture/ids.ts";
import { isFault } from "../../../fault/fault.ts";
import { curlOf, fetchOf } from "../../../inspect/copy-as.ts";
import type { ExchangeDetail } from "../../../inspect/detail.ts";
import { diffOf, type ExchangeDiff } from "../../../inspect/diff.ts";
import type { Why } from "../../../inspect/why/why.ts";
import { EXCHANGES_MOST } from "../../view/limits.ts";
import type { ApiEnv } from "../access/request-guard.ts";
import { editOf } from "./breakpoints.ts";
import { edit, summary } from "./exchange-schemas.ts";
import { streamExchanges } from "./exchange-stream.ts";
import type { HomeServices } from "./home-services.ts";
import { checkedRoutes, jsonBody } from "./request.ts";
import { answers, faultStatus } from "./respond.ts";
import { done } from "./schemas.ts";
import { log, span } from "./telemetry-schemas.ts";

const id = z.object({ id: z.string().openapi({ description: "An exchange's id, or a tail of it", example: "00A7" }) });
const filter = z.string().default("").openapi({ description: "As `cove watch` takes it: `edge:web→api status:5xx`" });
const reveal = z.enum(["0", "1"]).default("0").openapi({ description: "1: with credentials" });
const some = z.object({ exchanges: z.array(summary) });

const rows = createRoute({
  method: "get",
  path: "/rows",
  request: {
    query: z.object({
      filter,
      parents: z.enum(["0", "1"]).default("0").openapi({ description: "1: also the parent of each" }),
    }),
  },
  responses: answers(
    z.object({
      oldest: z.number(),
      newest: z.number(),
      seqs: z.array(z.number()).nullable().openapi({ description: "Ascending; null: all from oldest to newest" }),
      total: z.number(),
      parents: z
        .array(z.number())
        .exactOptional()
        .openapi({ description: "Parallel to it: the number of each one's parent exchange; 0: none" }),
    }),
    "The numbers of the exchanges that are kept and match: what a list is drawn from, window by window",
  ),
});
const list = createRoute({
  method: "get",
  path: "/",
  request: {
    query: z.object({
      filter,
      limit: z.coerce.number().int().min(1).max(EXCHANGES_MOST).default(100),
      from: z.coerce.number().int().optional(),
      to: z.coerce.number().int().optional(),
      seqs: z.string().optional().openapi({ description: "`1,5,9`" }),
    }),
  },
  responses: answers(
    some,
    `By number (from, to, or seqs; at most ${EXCHANGES_MOST}), or the last ones that match, newest first`,
  ),
});
const stream = createRoute({
  method: "get",
  path: "/stream",
  request: { query: z.object({ filter }) },
  responses: {
    200: {
      description:
        "Server-sent events: exchanges that begin, go on or end, at most ten times a second, and held requests",
      content: { "text/event-stream": { schema: z.object({ type: z.string() }).loose() } },
    },
  },
});
const detail = createRoute({
  method: "get",
  path: "/{id}",
  request: { params: id, query: z.object({ reveal }) },
  responses: answers(z.custom<ExchangeDetail>().openapi({ type: "object" }), "One exchange with all details"),
});
const trace = createRoute({
  method: "get",
  path: "/{id}/trace",
  request: { params: id },
  responses: answers(
    some.extend({ spans: z.array(span), logs: z.array(log) }),
    "All exchanges of its trace, and what services reported in it, in order of time",
  ),
});
const why = createRoute({
  method: "get",
  path: "/{id}/why",
  request: { params: id },
  responses: answers(
    z.custom<Why>().openapi({ type: "object" }),
    "Where its time went: in a sentence, by parts, the critical path, and beside the usual one of its route",
  ),
});
const body = createRoute({
  method: "get",
  path: "/{id}/body",
  request: { params: id, query: z.object({ side: z.enum(["request", "response"]).default("response") }) },
  responses: {
    200: {
      description: "The body as captured: still encoded, with credentials",
      content: { "application/octet-stream": { schema: z.string() } },
    },
    404: { description: "No such exchange" },
  },
});
const as = createRoute({
  method: "get",
  path: "/{id}/as",
  request: { params: id, query: z.object({ form: z.enum(["curl", "fetch"]).default("curl"), reveal }) },
  responses: answers(z.object({ text: z.string() }), "The request as a command or as code"),
});
const diff = createRoute({
  method: "get",
  path: "/{id}/diff",
  request: { params: id, query: z.object({ with: z.string() }) },
  responses: answers(z.custom<ExchangeDiff>().openapi({ type: "object" }), "What two exchanges differ in"),
});
const postReplay = createRoute({
  method: "post",
  path: "/{id}/replay",
  request: { params: id, body: jsonBody(edit) },
  responses: answers(z.object({ id: z.string(), exchange: summary }), "It was sent again, as it was or edited"),
});
const clear = createRoute({ method: "delete", path: "/", responses: answers(done, "All exchanges are dropped") });

/** Exchanges on edges. */
export function exchangeRoutes({ exchanges: kept, telemetry }: HomeServices): OpenAPIHono<ApiEnv> {
  const app = checkedRoutes();

  app.openapi(rows, async (c) => {
    const { filter, parents } = c.req.valid("query");
    const found = await kept.rows(filter, parents === "1");
    return isFault(found) ? c.json({ error: found }, faultStatus(found)) : c.json(found, 200);
  });
  app.openapi(stream, (c) => {
    const parsed = kept.predicate(c.req.valid("query").filter);
    if (isFault(parsed)) return c.json({ error: parsed }, faultStatus(parsed)) as never;
    if (c.env.incoming.method !== "GET") return c.body(null, 200);
    streamExchanges(kept, c.env.outgoing, parsed);
    return RESPONSE_ALREADY_SENT;
  });
  app.openapi(list, async (c) => {
    const { filter, limit, from, to, seqs } = c.req.valid("query");
    if (seqs !== undefined) return c.json({ exchanges: await kept.byNumber(numbersIn(seqs)) }, 200);
    if (from !== undefined || to !== undefined) {
      const first = from ?? (to ?? 0) - EXCHANGES_MOST + 1;
      const count = Math.min(EXCHANGES_MOST, (to ?? first + EXCHANGES_MOST - 1) - first + 1);
      const wanted = Array.from({ length: Math.max(0, count) }, (_, n) => first + n);
      return c.json({ exchanges: await kept.byNumber(wanted) }, 200);
    }
    const found = await kept.last(filter, limit);
    return isFault(found) ? c.json({ error: found }, faultStatus(found)) : c.json({ exchanges: found }, 200);
  });
  app.openapi(detail, async (c) => {
    const found = await kept.detail(c.req.valid("param").id, c.req.valid("query").reveal === "1");
    return isFault(found) ? c.json({ error: found }, faultStatus(found)) : c.json(found, 200);
  });
  app.openapi(trace, async (c) => {
    const found = kept.find(c.req.valid("param").id);
    if (isFault(found)) return c.json({ error: found }, faultStatus(found));
    const exchanges = await kept.trace(found);
    // Of guesses that lead to other traces the exchanges are enough.
    const traces = new Set([traceIdOf(found)]);
    return c.json({ exchanges, spans: [...telemetry.spansOf(traces)], logs: [...telemetry.logsOf(traces)] }, 200);
  });
  app.openapi(why, async (c) => {
    const found = await kept.why(c.req.valid("param").id);
    return isFault(found) ? c.json({ error: found }, faultStatus(found)) : c.json(found, 200);
  });
  app.openapi(body, (c) => {
    const found = kept.find(c.req.valid("param").id);
    if (isFault(found) || found.protocol !== "http") return c.body(null, 404);
    const bytes = keptBytes(c.req.valid("query").side === "request" ? found.requestBody : found.responseBody);
    // Never shown as what it says it is: it would be a page of the dashboard's own origin.
    c.header("content-disposition", `attachment; filename="${found.seq}"`);
    c.header("content-type", "application/octet-stream");
    return c.body(new Uint8Array(bytes), 200);
  });
  app.openapi(as, async (c) => {
    const found = kept.http(c.req.valid("param").id);
    if (isFault(found)) return c.json({ error: found }, faultStatus(found));
    const { form, reveal } = c.req.valid("query");
    const text = await (form === "curl" ? curlOf : fetchOf)(found, reveal === "1");
    return c.json({ text }, 200);
  });
  app.openapi(diff, async (c) => {
    const before = await kept.detail(c.req.valid("param").id, false);
    const after = await kept.detail(c.req.valid("query").with, false);
    if (isFault(before)) return c.json({ error: before }, faultStatus(before));
    if (isFault(after)) return c.json({ error: after }, faultStatus(after));
    return c.json(diffOf(before, after), 200);
  });
  app.openapi(postReplay, async (c) => {
    const said = await kept.replay(c.req.valid("param").id, editOf(c.req.valid("json")));
    if (isFault(said)) return c.json({ error: said }, faultStatus(said));
    const exchange = kept.summary(said);
    return c.json({ id: exchange.id, exchange }, 200);
  });
  app.openapi(clear, (c) => {
    kept.recorder.clear();
    return c.json({ ok: true } as const, 200);
  });
  return app;
}

function numbersIn(text: string): number[] {
  return text
    .split(",")
    .slice(0, EXCHANGES_MOST)
    .map(Number)
    .filter((seq) => Number.isInteger(seq));
}
