import type { HttpBindings } from "@hono/node-server";
import type { Context, MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import { type Fault, fault } from "../../../fault/fault.ts";
import type { Refusals } from "../../../guard/refusals.ts";
import { type Auth, COOKIE } from "./auth.ts";
import { DASHBOARD_HOST, dashboardOrigin, ownHost, schemeOf } from "./dashboard-hosts.ts";

export interface ApiEnv {
  Bindings: HttpBindings;
}

/**
 * Lets in clients with the token, and browsers with the dashboard's cookie when the dashboard's own page asks:
 * exact Host, Origin and Sec-Fetch-Site. Everything else is refused, also reads.
 */
export function guard(auth: Auth, refusals: Refusals, doorPort: number): MiddlewareHandler<ApiEnv> {
  const note = (c: Context<ApiEnv>, why: Fault) => {
    const { method, path } = c.req;
    refusals.add({
      check: "token",
      service: "cove/home",
      // The door names its client's address; straight at the socket there's none.
      peer: { address: c.req.header("x-forwarded-for") ?? "", uid: null },
      what: `${method} ${path}`,
      why: why.message,
      hint: why.hint ?? null,
      allow: null,
    });
  };
  return async (c, next) => {
    const host = c.req.header("host");
    // Without a port: straight over the Unix socket, as the CLI asks.
    if (ownHost(host, doorPort) === null && host !== DASHBOARD_HOST) {
      const error = fault("FORBIDDEN", "this name isn't Cove's", `ask ${dashboardOrigin(doorPort)}`);
      return c.json({ error }, 421);
    }
    const authorization = c.req.header("authorization");
    if (auth.bearer(authorization)) return await next();
    const cookie = getCookie(c, COOKIE);
    if (cookie === undefined || ownHost(host, doorPort) !== DASHBOARD_HOST || !auth.cookie(cookie)) {
      const error = fault("FORBIDDEN", "this needs Cove's token, or a browser that was logged in", "run: cove open");
      note(c, error);
      // No credentials aren't wrong ones: a browser that isn't logged in yet.
      if (authorization !== undefined || cookie !== undefined) await auth.wrong();
      return c.json({ error }, 401);
    }
    if (!fromDashboard(c.req.raw, dashboardOrigin(doorPort, schemeOf(c.req.header("x-forwarded-proto"))))) {
      const error = fault(
        "FORBIDDEN",
        "only the dashboard's own page may ask this",
        `open ${dashboardOrigin(doorPort)}`,
      );
      note(c, error);
      return c.json({ error }, 403);
    }
    return await next();
  };
}

function fromDashboard(request: Request, origin: string): boolean {
  const from = request.headers.get("origin");
  // Browsers name the origin on everything but plain reads; a read may go without, but never with another one.
  if (from !== origin && !(from === null && request.method === "GET")) return false;
  const site = request.headers.get("sec-fetch-site");
  // `none` is a person who typed the address. Without the header only the origin counts, so it must be there.
  return site === null ? from === origin : site === "same-origin" || (site === "none" && request.method === "GET");
}
