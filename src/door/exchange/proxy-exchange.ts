import type { HttpExchange } from "../../capture/exchange.ts";
import type { TunnelReader } from "../../capture/websocket/tunnel.ts";
import { type Input, newInput } from "../../http1/input.ts";
import { type ResponseReader, responseReader } from "../../http1/messages.ts";
import type { RequestHead } from "../../http1/request-head.ts";
import type { ResponseContext, ResponseHead } from "../../http1/response-head.ts";
import type { UpstreamConnection, UpstreamUser } from "../upstream/pool.ts";
import type { Route } from "../upstream/routes.ts";
import type { ClientSide } from "./client-side.ts";
import type { DoorInside } from "./door-inside.ts";

/**
 * Where an exchange stands. `none`: there is no request. `held`: by hand. `waiting`: for a service that starts. `dialing`:
 * for a connection, before a body that could be sent only once. `asked`: the service has the request, or part of it. `answering`: the response's head is out. `tunnel`: upgraded.
 */
type ExchangeState = "none" | "held" | "waiting" | "dialing" | "asked" | "answering" | "tunnel";

/**
 * One request on its way to a service and its response on the way back: plain state, changed by the functions of this folder.
 * A client's connection has one, and uses it for each request in turn.
 */
export interface ProxyExchange {
  readonly door: DoorInside;
  readonly client: ClientSide;
  state: ExchangeState;
  head: RequestHead | null;
  route: Route | null;
  /** What the response's head means depends on it. */
  readonly context: { -readonly [Key in keyof ResponseContext]: ResponseContext[Key] };

  up: UpstreamConnection | null;
  /** What an upstream connection calls: one for all exchanges of this client. */
  readonly user: UpstreamUser;
  /** The request was sent again, on a fresh connection. */
  retried: boolean;
  /** Part of the body has gone to the service: it can't be asked again. */
  bodySent: boolean;
  /** When what the service sent last came, `performance.now()`: the clock is read once for all that follows from it. */
  now: number;
  /** When the service's address refused this request first, `performance.now()`; 0: it didn't. */
  refusedAt: number;
  /** Connections that were refused in a row though the service counts as ready. */
  redials: number;

  readonly reader: ResponseReader;
  /** Bytes of a response head that isn't whole. */
  readonly input: Input;
  /** When the first of them came, `performance.now()`. */
  inputSince: number;
  response: ResponseHead | null;

  /** What is written down of it; null: nothing. */
  record: HttpExchange | null;
  /** Reads along after an upgrade. */
  tunnel: TunnelReader | null;

  /** What the guard let through last: the same again needs no second look. */
  judged: RequestHead | null;
  judgedRoute: Route | null;
  /** The last request's Host, and the forwarding fields made of it: mostly the next one's too. */
  forwardedHost: string | null;
  forwardedRoute: Route | null;
  forwardedFields: string;
}

/** What happens on the upstream connection that serves an exchange. */
export interface UpstreamEvents {
  readonly read: (exchange: ProxyExchange, bytes: Buffer, length: number) => boolean;
  readonly ended: (exchange: ProxyExchange) => void;
  readonly gone: (exchange: ProxyExchange, reason: string) => void;
}

export function newExchange(door: DoorInside, client: ClientSide, on: UpstreamEvents): ProxyExchange {
  const exchange: ProxyExchange = {
    door,
    client,
    state: "none",
    head: null,
    route: null,
    context: { method: "GET", upgrade: false, sameSite: false },
    up: null,
    user: {
      read: (length, bytes) => on.read(exchange, bytes as Buffer, length),
      drained: () => client.resume(),
      // The rest of the body is of no use to the service any more: it's read and dropped, so that the client gets to read.
      refusing: () => client.resume(),
      ended: () => on.ended(exchange),
      gone: (error) => on.gone(exchange, error?.code ?? "closed"),
    },
    retried: false,
    bodySent: false,
    now: 0,
    refusedAt: 0,
    redials: 0,
    reader: responseReader(),
    input: newInput(),
    inputSince: 0,
    response: null,
    record: null,
    tunnel: null,
    judged: null,
    judgedRoute: null,
    forwardedHost: null,
    forwardedRoute: null,
    forwardedFields: "",
  };
  return exchange;
}
