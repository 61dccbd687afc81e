import { isStrangersHost } from "../../guard/host.ts";
import type { GuardRefusal } from "../../guard/refusals.ts";
import type { RequestHead } from "../../http1/request-head.ts";
import type { Route } from "../upstream/routes.ts";
import type { ProxyExchange } from "./proxy-exchange.ts";

/** The guard's verdict on a request to a service. What is as the one before was let in as that one was. */
export function judgeRequest(exchange: ProxyExchange, route: Route, head: RequestHead): GuardRefusal | null {
  const { judged, client } = exchange;
  const { guard } = exchange.door;
  if (guard === null || route.guard === undefined) return null;
  if (judged !== null && exchange.judgedRoute === route && sameQuestion(judged, head)) return null;
  const { method, upgrade, hostField, origin, fetchSite } = head;
  const asked = { method, upgrade, host: hostField, origin, fetchSite };
  const refusal = guard.request(client.owner, client.address, head.target, asked, route.guard);
  exchange.judged = refusal === null ? head : null;
  exchange.judgedRoute = route;
  return refusal;
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
