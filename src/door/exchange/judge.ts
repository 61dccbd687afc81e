import { isStrangersHost } from "../../guard/host.ts";
import type { GuardRefusal } from "../../guard/refusals.ts";
import type { RequestHead } from "../../http1/request-head.ts";
import type { Route } from "../upstream/routes.ts";
import type { Client } from "./client.ts";

/** The guard's verdict on a request to a service. What is as the one before was let in as that one was. */
export function judgeRequest(client: Client, route: Route, head: RequestHead): GuardRefusal | null {
  const { judged } = client;
  const { guard } = client.door;
  if (
    judged !== null &&
    client.judgedRoute === route &&
    judged.fields === head.fields &&
    judged.method === head.method &&
    judged.upgrade === head.upgrade
  ) {
    return null;
  }
  if (guard === null || route.guard === undefined) return null;
  const { method, upgrade, hostField, fields } = head;
  const asked = { method, upgrade, host: hostField, fields };
  const refusal = guard.request(client.owner, client.peer, head.target, asked, route.guard);
  client.judged = refusal === null ? head : null;
  client.judgedRoute = route;
  return refusal;
}

/** Puts a request for a stranger's name on record. */
export function noteStranger(client: Client, head: RequestHead): void {
  if (isStrangersHost(head.host)) client.door.guard?.stranger(client.owner, client.peer, head.hostField);
}
