import { isStrangersHost } from "../../guard/host.ts";
import type { GuardRefusal } from "../../guard/refusals.ts";
import type { RequestHead } from "../../http1/request-head.ts";
import type { Route } from "../upstream/routes.ts";
import type { ProxyExchange } from "./proxy-exchange.ts";

/**
 * The guard's verdict on a request to a service. What is as the one before was let in as that one was. A promise: the
 * service lists programs, and the client's is being looked up; nothing of the request may go on until then.
 */
export function judgeRequest(
  exchange: ProxyExchange,
  route: Route,
  head: RequestHead,
): GuardRefusal | null | Promise<GuardRefusal | null> {
  const { judged, client } = exchange;
  const { guard } = exchange.door;
  if (guard === null || route.guard === undefined) return null;
  if (judged !== null && exchange.judgedRoute === route && sameQuestion(judged, head)) return null;
  const { method, upgrade, hostField, origin, fetchSite } = head;
  const asked = { method, upgrade, host: hostField, origin, fetchSite };
  const verdict = guard.request(client.owner, client.address, head.target, asked, route.guard);
  // After a promise the next request is judged again: by then the program is known.
  exchange.judged = verdict === null ? head : null;
  exchange.judgedRoute = route;
  return verdict;
}

/** Whether the guard would look at the same things. */
function sameQuestion(a: RequestHead, b: RequestHead): boolean {
  return (
    a.method === b.method &&
    a.hostField === b.hostField &&
    a.origin === b.origin &&
    a.fetchSite === b.fetchSite &&
    a.upgrade === b.upgrade
  );
}

/** Puts a request for a stranger's name on record. */
export function noteStranger({ door, client }: ProxyExchange, head: RequestHead): void {
  if (isStrangersHost(head.host)) door.guard?.stranger(client.owner, client.address, head.hostField);
}
