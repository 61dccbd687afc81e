import { existsSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ownFile } from "../../own-files/own-files.ts";
import { type Auth, COOKIE, SESSION_TIME } from "./access/auth.ts";
import { DASHBOARD_HOST, dashboardOrigin, ownHost, schemeOf } from "./access/dashboard-hosts.ts";

/** The built page. */
const FOLDER = fileURLToPath(ownFile("dist/dashboard"));

/** Nothing but the page's own files; no inline code, no frame around it (CSP level 3). */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const PAGE_HEADERS = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
};

type Serve = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** Answers everything that isn't the API: the one-time link and the dashboard's files, on cove.localhost only. */
export function createAssets(
  auth: Auth,
  doorPort: number,
  folder = FOLDER,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  let serve: Serve | undefined;

  return async (request, response) => {
    for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
    const { pathname } = new URL(request.url ?? "/", "http://home");
    const host = ownHost(request.headers.host, doorPort);
    if (request.method !== "GET" && request.method !== "HEAD") {
      return text(response, 405, "Only GET and HEAD", "The dashboard's page takes nothing in; its API is below /api.");
    }
    if (host === null) return text(response, 421, "Not here", `Cove's dashboard is at ${dashboardOrigin(doorPort)}/.`);
    if (host !== DASHBOARD_HOST) {
      return redirect(response, 302, `${dashboardOrigin(doorPort, schemeOf(request.headers["x-forwarded-proto"]))}/`);
    }
    if (pathname.startsWith("/open/")) return open(request, response, pathname.slice("/open/".length));
    if (!existsSync(join(folder, "index.html"))) {
      return text(response, 503, "The dashboard isn't built", "In Cove's own folder, run: npm run build");
    }
    serve ??= await files(folder);
    serve(request, response, () =>
      text(response, 404, "No such page", `The dashboard begins at ${dashboardOrigin(doorPort)}/.`),
    );
  };

  function open(request: IncomingMessage, response: ServerResponse, secret: string): void {
    response.setHeader("cache-control", "no-store");
    // A HEAD is a preview or a check, and must not use the link up.
    const value = request.method === "GET" ? auth.redeem(secret) : null;
    if (value === null) {
      text(response, 403, "This link is used up", "It works once, within a minute. For a new one, run: cove open");
      return;
    }
    const life = SESSION_TIME / 1000;
    response.setHeader("set-cookie", `${COOKIE}=${value}; Path=/; Max-Age=${life}; HttpOnly; SameSite=Strict`);
    redirect(response, 303, "/");
  }
}

/** Loaded on the first request for a page: a home that nobody looks at stays small. */
async function files(folder: string): Promise<Serve> {
  const { default: sirv } = await import("sirv");
  return sirv(folder, {
    // Files are looked up as asked for, so that a new build shows without a new home.
    dev: true,
    etag: true,
    single: true,
    setHeaders: (response, pathname) => {
      // Vite puts a hash of the content into these names.
      const forever = pathname.startsWith("/assets/");
      response.setHeader("Cache-Control", forever ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
}

function redirect(response: ServerResponse, status: 302 | 303, to: string): void {
  response.writeHead(status, { location: to, "content-length": 0 }).end();
}

/** A plain page; `head` and `body` are constant texts of Cove's. */
function text(response: ServerResponse, status: number, head: string, body: string): void {
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${head} · Cove</title><h1>${head}</h1><p>${body}</p></html>`;
  response.writeHead(status, { "content-type": "text/html; charset=utf-8", "content-length": Buffer.byteLength(page) });
  response.end(page);
}
