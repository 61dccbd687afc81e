import { OpenAPIHono } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import { fault } from "../../fault/fault.ts";
import { stateFault } from "../../state/state-fault.ts";
import { version } from "../view/version.ts";
import { type ApiEnv, guard } from "./access/request-guard.ts";
import { aliasRoutes } from "./routes/aliases.ts";
import { breakpointRoutes } from "./routes/breakpoints.ts";
import { eventRoutes } from "./routes/events.ts";
import { exchangeRoutes } from "./routes/exchanges.ts";
import { refusalRoutes } from "./routes/guard.ts";
import { harRoutes } from "./routes/har.ts";
import { homeRoutes, stopAfter } from "./routes/home.ts";
import type { HomeServices } from "./routes/home-services.ts";
import { machineRoutes } from "./routes/machine.ts";
import { recordingRoutes } from "./routes/recordings.ts";
import { shapeRoutes } from "./routes/shape.ts";
import { stackRoutes } from "./routes/stacks.ts";
import { telemetryRoutes } from "./routes/telemetry.ts";
import { toxiproxyRoutes } from "./routes/toxiproxy.ts";

/** Home's whole API under `/api/v1`, described by itself at `/api/v1/openapi.json` (OpenAPI 3.1). */
export function createApi(home: HomeServices): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>().basePath("/api");
  app.use("*", guard(home.auth, home.refusals, home.health().port));
  app.use("*", async (c, next) => {
    await next();
    // The stream has written its own head by now.
    if (c.env.outgoing.headersSent) return;
    c.header("cache-control", "no-store");
    c.header("x-content-type-options", "nosniff");
    c.header("cross-origin-resource-policy", "same-origin");
  });
  app.route("/v1", homeRoutes(home));
  // Ahead of the stacks' own routes, whose POST takes any last word for an action.
  app.route("/v1/stacks", shapeRoutes(home));
  app.route("/v1/stacks", stackRoutes(home));
  app.route("/v1/aliases", aliasRoutes(home));
  app.route("/v1/events", eventRoutes(home));
  app.route("/v1/guard", refusalRoutes(home));
  app.route("/v1/exchanges", exchangeRoutes(home));
  app.route("/v1/telemetry", telemetryRoutes(home));
  app.route("/v1/har", harRoutes(home));
  app.route("/v1/recordings", recordingRoutes(home));
  app.route("/v1", breakpointRoutes(home));
  app.route("/v1/toxiproxy", toxiproxyRoutes(home));
  app.route("/v1", machineRoutes(home));
  acrossVersions(app, home);
  app.openAPIRegistry.registerComponent("securitySchemes", "token", { type: "http", scheme: "bearer" });
  app.doc31("/v1/openapi.json", {
    openapi: "3.1.0",
    info: { title: "Cove", version: version(), description: "The API of Cove's home, for its CLI and its dashboard" },
    servers: [{ url: `http://cove.localhost:${home.health().port}` }],
    security: [{ token: [] }],
  });
  app.notFound((c) =>
    c.json({ error: fault("USAGE", `no ${c.req.method} ${c.req.path}`, "see /api/v1/openapi.json") }, 404),
  );
  app.onError((error, c) => {
    if (error instanceof HTTPException) {
      return c.json({ error: fault("REQUEST_INVALID", error.message) }, error.status);
    }
    const ofState = stateFault(error);
    if (ofState !== null) return c.json({ error: ofState }, 500);
    console.error(`${c.req.method} ${c.req.path}:`, error);
    return c.json({ error: fault("INTERNAL", "home failed at this request", "see home.log in the state folder") }, 500);
  });
  return app;
}

/**
 * What Cove of any version asks of a home of any other version, so these paths never change: who is there (`HOME_MISMATCH`), and
 * the end of it (`cove stop`, which that fault names). Everything else is under the API's own version.
 */
function acrossVersions(app: OpenAPIHono<ApiEnv>, home: HomeServices): void {
  app.get("/health", (c) => c.json(home.health()));
  app.post("/stop", (c) => {
    stopAfter(c.env.outgoing, home);
    return c.json({ ok: true });
  });
}
