import type { RequestHead } from "../../http1/request-head.ts";
import type { PageFacts } from "../pages/facts.ts";
import type { PageKind } from "../pages/page.ts";
import type { Route } from "../upstream/routes.ts";
import { httpsAnswer, lastHopAnswer, ownAnswer } from "./own-answer.ts";
import type { ProxyExchange } from "./proxy-exchange.ts";
import { recordEnd, recordOwnAnswer } from "./record.ts";

/** What a page may say of a service that doesn't answer. */
export function factsOf({ head, door }: ProxyExchange, route: Route): PageFacts {
  return {
    host: head?.hostField ?? "",
    service: route.id,
    upstream: route.upstream,
    log: route.logTail(),
    cause: route.cause(),
    shape: route.shape?.() ?? null,
    port: door.port,
    repeatable: head?.method === "GET",
    readyAt: route.readyAt?.() ?? null,
  };
}

/** The door answers by itself, and the exchange is over. */
export function answer(exchange: ProxyExchange, kind: PageKind, facts: PageFacts): void {
  const { head, client } = exchange;
  leaveUpstream(exchange);
  exchange.state = "none";
  client.answer((goesOn) => {
    const text = ownAnswer(head, kind, facts, goesOn);
    recordOwnAnswer(exchange, text, kind, facts.detail ?? null);
    return text;
  });
}

/** A request that may go no further ends here. */
export function answerLastHop(exchange: ProxyExchange, head: RequestHead): void {
  exchange.state = "none";
  exchange.client.answer((goesOn) => lastHopAnswer(head, goesOn));
}

/** A plain request for a service that is to be asked by TLS alone. */
export function answerByHttps(exchange: ProxyExchange, head: RequestHead): void {
  exchange.state = "none";
  exchange.client.answer((goesOn) => httpsAnswer(head, goesOn));
}

/** The response is whole. `excess`: bytes follow that answer nothing: the connection can't be trusted with another request. */
export function complete(exchange: ProxyExchange, excess: boolean): void {
  const { up, response, head, client, door, now } = exchange;
  recordEnd(exchange, null, now);
  exchange.up = null;
  exchange.state = "none";
  if (up !== null) {
    up.user = null;
    // Where an upgrade was asked for and something else answered, the service may still think that it was granted.
    const reusable = response?.keepAlive && client.bodyDone() && head?.upgrade === null;
    if (!excess && reusable && !up.refusing && !up.socket.readableEnded) {
      const { keepAliveTimeout } = response;
      door.pool.give(up, keepAliveTimeout === null ? null : keepAliveTimeout * 1000, now);
      // Reading may have been stopped by this very client.
      up.socket.resume();
    } else up.socket.destroy();
  }
  exchange.response = null;
  exchange.head = null;
  client.finished(now);
}

/** A response that can't be completed: the client must not take it for whole. */
export function cut(exchange: ProxyExchange, code: string, message: string): void {
  recordEnd(exchange, { code, message });
  leaveUpstream(exchange);
  exchange.state = "none";
  exchange.client.cut();
}

/** The service's connection is of no use any more. */
export function leaveUpstream(exchange: ProxyExchange): void {
  const { up } = exchange;
  exchange.up = null;
  if (up === null) return;
  up.user = null;
  up.socket.destroy();
}
