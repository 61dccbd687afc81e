import { type CapturedBody, keep, newBody } from "../../capture/body.ts";
import { type Caller, newCaller } from "../../capture/caller.ts";
import { CAPTURE_ALL } from "../../capture/edge.ts";
import { type CapturedEdge, type HttpExchange, newPlace, type Place } from "../../capture/exchange.ts";
import type { Recorder } from "../../capture/recorder.ts";
import { isHeadFault } from "../../http1/fields.ts";
import { parseRequestHead } from "../../http1/request-head.ts";

export const CALLER: Caller = newCaller("127.0.0.1:50000", 1000, null);

/** An edge to a service; from `browser` where there is no origin. */
export function edgeTo(service: string, origin: Place | null = null): CapturedEdge {
  const from = origin?.service ?? "browser";
  return {
    ...{ id: `${from}→${service}`, stack: "shop", from, to: service },
    ...{ origin, place: newPlace("shop", service), policy: CAPTURE_ALL },
  };
}

export interface Said {
  readonly edge?: CapturedEdge;
  readonly method?: string;
  readonly target?: string;
  readonly headers?: string;
  readonly body?: string | Buffer;
  readonly status?: number;
  readonly responseHeaders?: string;
  readonly response?: string | Buffer;
  /** How much of a body is kept. */
  readonly most?: number;
}

const EDGE = edgeTo("api");

/** A request and its response, told to a recorder as the door does, up to the end. */
export function say(recorder: Recorder, said: Said = {}): HttpExchange {
  const exchange = begin(recorder, said);
  recorder.end(exchange, performance.now());
  return exchange;
}

/** The same, but it goes on. */
export function begin(recorder: Recorder, said: Said = {}): HttpExchange {
  const { edge = EDGE, method = "GET", target = "/", headers = "", status = 200, responseHeaders = "" } = said;
  const { body, response = "hello", most = 1024 * 1024 } = said;
  const length = body === undefined ? "" : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  const text = `${method} ${target} HTTP/1.1\r\nHost: api.shop.localhost\r\n${length}${headers}\r\n`;
  const head = parseRequestHead(text);
  if (isHeadFault(head)) throw new Error(`${text} is refused: ${head.reason}`);
  const clock = performance.now();
  const exchange = recorder.http(edge, CALLER, head, clock);
  if (exchange === null) throw new Error("not captured");
  exchange.requestBody = bodyOf(body, most);
  exchange.connected = 0;
  exchange.firstByte = 1;
  exchange.status = status;
  exchange.responseHead = `HTTP/1.1 ${status} Fine\r\nContent-Length: ${Buffer.byteLength(response)}\r\n${responseHeaders}\r\n`;
  exchange.responseBody = bodyOf(response, most);
  recorder.grew(exchange, exchange.responseHead.length + (exchange.responseBody?.keptSize ?? 0));
  return exchange;
}

function bodyOf(text: string | Buffer | undefined, most: number): CapturedBody | null {
  if (text === undefined || text.length === 0) return null;
  const bytes = Buffer.from(text);
  const body = newBody();
  keep(body, bytes, 0, bytes.length, most);
  return body;
}
