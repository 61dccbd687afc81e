import type { ResponseHead } from "../../http1/response-head.ts";
import type { Route } from "../upstream/routes.ts";

/** How a service may name its own listener, besides the name by which it was asked. */
const OWN_HOSTS = new Set(["localhost", "127.0.0.1", "[::1]", "0.0.0.0", "[::]"]);
const LOCATION = /^location:[ \t]*(?:(https?):)?\/\/([^/?#\s@]+)(\S*)[ \t]*$/im;

/**
 * A redirect to the port where the service itself listens leads to the same path at the name that was asked for, so that the
 * client stays at the door: nginx and others make such redirects of the asked name and their own port. One who came by TLS
 * stays with TLS, too, where a service takes all its clients for plain ones. All else stays.
 *
 * @param asked The request's Host: `web.shop.localhost:62893`.
 * @param secure The request came by TLS.
 */
export function keepAtDoor(head: ResponseHead, route: Route, asked: string, secure: boolean): ResponseHead {
  if (asked === "" || head.status < 300 || head.status > 399) return head;
  const [line = "", scheme, to = "", rest = ""] = LOCATION.exec(head.fields) ?? [];
  // A plain client that is sent to https is meant to go there.
  if (line === "" || (scheme?.toLowerCase() === "https" && !secure)) return head;
  if (!isOwn(to.toLowerCase(), route, asked.toLowerCase(), secure)) return head;
  // The client's own scheme.
  const fields = head.fields.replace(line, () => `Location: //${asked}${rest}`);
  return { ...head, fields };
}

function isOwn(to: string, { upstream, hostField }: Route, asked: string, secure: boolean): boolean {
  if (to === asked) return secure;
  if (to === hostField) return true;
  if ("path" in upstream) return false;
  const [, host = "", port = "80"] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(to) ?? [];
  if (Number(port) !== upstream.port) return false;
  return OWN_HOSTS.has(host) || host === upstream.host || host === asked.replace(/:\d+$/, "");
}
