import type { ServerResponse } from "node:http";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { HomeEvent } from "../../view/view.ts";
import type { ApiEnv } from "../access/request-guard.ts";
import type { HomeServices } from "./home-services.ts";
import { event } from "./schemas.ts";

/** Comments that keep proxies and clients from taking silence for an end, ms. */
const HEARTBEAT = 15_000;
/** A client this far behind is dropped; it may come back and begins with a snapshot, bytes. */
const BACKLOG = 8 << 20;

const flag = z.enum(["0", "1"]).optional();
const getEvents = createRoute({
  method: "get",
  path: "/",
  request: { query: z.object({ logs: flag, traffic: flag }) },
  responses: {
    200: {
      description:
        "Server-sent events: first a snapshot, then a new one after changes, and log lines (not with `logs=0`); " +
        "with `traffic=1` what passes over edges, once a second",
      content: { "text/event-stream": { schema: event } },
    },
  },
});

/** The one stream that the dashboard and `cove logs -f` live on. */
export function eventRoutes(home: HomeServices): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>();
  app.openapi(getEvents, (c) => {
    // A HEAD comes this way too, and has no body to stream.
    if (c.env.incoming.method !== "GET") return c.body(null, 200);
    const { logs, traffic } = c.req.valid("query");
    stream(home, c.env.outgoing, { logs: logs !== "0", traffic: traffic === "1" });
    return RESPONSE_ALREADY_SENT;
  });
  return app;
}

function stream(home: HomeServices, to: ServerResponse, wanted: { logs: boolean; traffic: boolean }): void {
  to.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
  });
  const write = (text: string) => {
    if (to.writableLength > BACKLOG) to.destroy();
    else if (!to.destroyed) to.write(text);
  };
  const send = (told: HomeEvent) => write(`data: ${JSON.stringify(told)}\n\n`);

  let shown = "";
  /** A snapshot holds everything, so one that is not read yet is replaced, not added to. */
  let due = false;
  const sendSnapshot = () => {
    due = to.writableNeedDrain;
    if (due) return;
    const snapshot = home.snapshot();
    const text = JSON.stringify(snapshot);
    if (text === shown) return;
    shown = text;
    send({ type: "snapshot", snapshot });
  };
  const mute = home.model.listen({
    changed: sendSnapshot,
    logged: (stack, lines) => wanted.logs && send({ type: "log", stack, lines }),
    refused: () => send({ type: "guard", total: home.refusals.total() }),
  });
  to.on("drain", () => due && sendSnapshot());
  const beat = setInterval(() => write(":\n\n"), HEARTBEAT);
  const unwatch = wanted.traffic
    ? home.traffic.listen((time, edges) => {
        // Counters go on counting: a reader that is behind misses no bytes, only their distribution over time.
        if (!to.writableNeedDrain) send({ type: "traffic", time, edges });
      })
    : null;
  to.on("error", () => to.destroy());
  to.on("close", () => {
    mute();
    clearInterval(beat);
    unwatch?.();
  });
  sendSnapshot();
}
