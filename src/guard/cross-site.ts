import { fault } from "../fault/fault.ts";
import { isLocalOrigin, isOwnPage, matchesOrigin, type OwnPages, parseOrigin } from "./origin.ts";
import type { GuardRefusal } from "./refusals.ts";

/** The parts of a request that say which page it comes from. */
export interface PageRequest {
  readonly method: string;
  /** The protocol that it asks to change to; null for none. */
  readonly upgrade: string | null;
  /** The Host asked for, as it came. */
  readonly host: string;
  /** The Origin field; several are joined by commas, so that they match no origin. Null: absent. */
  readonly origin: string | null;
  /** Sec-Fetch-Site, likewise. */
  readonly fetchSite: string | null;
}

/** Who may ask a service from a page. */
export interface PagePolicy {
  /** `shop/api`. */
  readonly service: string;
  readonly own: OwnPages;
  /** Origins that the config also allows. */
  readonly origins: readonly string[];
}

/** Safe methods (RFC 9110 §9.2.1): they change nothing. */
const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses what a page outside the stack has a browser ask for: anything that may change state, upgrades (WebSocket), and
 * reads with an Origin by pages of websites, since a service that answers `Access-Control-Allow-Origin: *` would let them
 * have it. A request that names no page comes from no browser (curl, another service) or is a plain link or image, and passes: responses to
 * those are kept from foreign pages by Cross-Origin-Resource-Policy. Preflights pass; what follows them is judged.
 */
export function judgeCrossSite(request: PageRequest, policy: PagePolicy): GuardRefusal | null {
  const { method, upgrade, origin, fetchSite } = request;
  const changes = upgrade !== null || !SAFE.has(method);
  if (origin === null) {
    // A browser that names no origin here is an old one. Sec-Fetch-Site may only add to a refusal, never replace the origin.
    const site = changes ? fetchSite : null;
    return site === "cross-site" || site === "same-site"
      ? refuse(request, "a page that it doesn't name", policy)
      : null;
  }
  if (method === "OPTIONS") return null;
  if (isOwn(origin, request, policy) || matchesOrigin(origin, policy.origins)) return null;
  if (origin === "null") {
    // A page that sends no referrer has this origin towards itself; a sandboxed frame or a data: URL is cross-site.
    if (fetchSite === "same-origin") return null;
    return refuse(request, "a page without an origin (a sandboxed frame, a file, a redirect)", policy, origin);
  }
  const page = parseOrigin(origin);
  // What another program of this machine serves may read as far as the service's own CORS says; so may extensions.
  const website = page === null || (/^https?$/.test(page.scheme) && !isLocalOrigin(page));
  if (!changes && !website) return null;
  return refuse(request, `a page of ${origin}`, policy, page === null ? undefined : origin);
}

function isOwn(origin: string, { host }: PageRequest, { own }: PagePolicy): boolean {
  // Usually the same name as the request's Host, which belongs to the stack: otherwise there would be no policy.
  const lowered = host.toLowerCase();
  if (origin === `http://${lowered}` || origin === `https://${lowered}`) return true;
  const page = parseOrigin(origin);
  return page !== null && isOwnPage(page, own);
}

function refuse(request: PageRequest, who: string, policy: PagePolicy, origin?: string): GuardRefusal {
  const what = request.upgrade === null ? request.method : `an upgrade to ${request.upgrade}`;
  const name = policy.service.slice(policy.service.indexOf("/") + 1);
  const allow = origin === undefined ? undefined : `guard: { origins: [${JSON.stringify(origin)}] }`;
  return {
    check: "cross-site",
    status: 403,
    fault: fault(
      "CROSS_SITE",
      `${what} to ${policy.service} by ${who} was refused: it is outside the stack`,
      allow === undefined
        ? "ask from a page of the stack itself"
        : `if that page is yours, add to ${name} in the stack's config: ${allow}`,
      { service: policy.service, ...(origin !== undefined && { origin }), ...(allow !== undefined && { allow }) },
    ),
    ...(allow !== undefined && { allow }),
  };
}
