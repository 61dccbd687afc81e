import { BROKEN, GOES_ON } from "../../http1/chunks.ts";
import { MAX_FOLLOWED_HEAD } from "../../http1/fields.ts";
import { beginsRequest } from "../../http1/first-bytes.ts";
import { clear, type Input, keepRest, lend, newInput } from "../../http1/input.ts";
import { type RequestReader, type ResponseReader, requestReader, responseReader } from "../../http1/messages.ts";
import type { RequestHead } from "../../http1/request-head.ts";
import type { ResponseHead } from "../../http1/response-head.ts";
import type { Decoder, DecoderKind, DecoderLink } from "../decoder.ts";
import type { HttpExchange } from "../exchange.ts";
import { readTunnel, type TunnelReader } from "../websocket/tunnel.ts";

/** What is enough while the request line isn't whole. */
const METHOD = /^[A-Z]{3,20} /;

/** A request whose response is not whole yet. */
interface Pending {
  readonly head: RequestHead;
  /** Null: the policy leaves it out; its bytes are followed anyway. */
  readonly exchange: HttpExchange | null;
}

/** One connection that is followed. */
interface Following {
  readonly link: DecoderLink;
  readonly pending: Pending[];
  readonly up: { readonly input: Input; readonly reader: RequestReader; exchange: HttpExchange | null; since: number };
  readonly down: { readonly input: Input; readonly reader: ResponseReader; responding: boolean };
  /** No request was read yet. */
  first: boolean;
  over: boolean;
  tunnel: TunnelReader | null;
}

/** HTTP/1.1 on a relay: follows requests and responses, pipelined ones too, until an upgrade. */
export const http: DecoderKind = {
  protocol: "http",
  fits: (bytes) => METHOD.test(bytes.toString("latin1", 0, 24)) || beginsRequest(bytes) === "yes",
  open,
};

function open(link: DecoderLink): Decoder {
  const following: Following = {
    link,
    pending: [],
    up: { input: newInput(), reader: requestReader(MAX_FOLLOWED_HEAD), exchange: null, since: 0 },
    down: { input: newInput(), reader: responseReader(), responding: false },
    first: true,
    over: false,
    tunnel: null,
  };
  return {
    up: (bytes, clock) => readUp(following, bytes, clock),
    down: (bytes, clock) => readDown(following, bytes, clock),
    end: (way, clock) => {
      // A body that only the connection's end ends.
      const { down } = following;
      if (way === "down" && down.responding && down.reader.endsWithConnection()) complete(following, clock);
    },
    closed: (clock, error) => close(following, clock, error),
  };
}

function giveUp(following: Following, clock: number): void {
  const { link, pending } = following;
  following.over = true;
  for (const { exchange } of pending) {
    if (exchange !== null) {
      const message = "what followed on the connection is not HTTP/1.1";
      link.recorder.end(exchange, clock, { code: "EPROTO", message });
    }
  }
  pending.length = 0;
  clear(following.up.input);
  clear(following.down.input);
  link.lost("unknown");
}

function readUp(following: Following, fresh: Buffer, clock: number): void {
  const { up } = following;
  if (following.over) return;
  if (following.tunnel !== null) return following.tunnel.up(fresh, clock);
  if (up.input.from === up.input.to) up.since = clock;
  lend(up.input, fresh, fresh.length);
  while (up.input.from < up.input.to) {
    const end = up.reader.inBody ? requestBody(following) : requestHead(following);
    if (end === GOES_ON) break;
    if (end === BROKEN) return giveUp(following, clock);
    up.input.from = end;
    up.since = clock;
  }
  keepRest(up.input);
}

function requestBody({ up, link }: Following): number {
  const { input, exchange } = up;
  const end = up.reader.readBody(input.bytes, input.from, input.to, (from, to) => {
    if (exchange !== null) link.recorder.requestBody(exchange, input.bytes, from, to);
  });
  if (end === GOES_ON) input.from = input.to;
  return end;
}

function requestHead(following: Following): number {
  const { up, link } = following;
  const { input } = up;
  const end = up.reader.readHead(input.bytes, input.from, input.to);
  const { head } = up.reader;
  if (end < 0 || head === null) return end;
  const since = following.first ? Math.min(link.accepted, up.since) : up.since;
  const exchange = link.recorder.http(link.edge, link.caller, head, since);
  up.exchange = exchange;
  if (exchange !== null) {
    const at = following.first ? link.connected() : exchange.clock;
    exchange.connected = at === null ? null : Math.max(0, at - exchange.clock);
  }
  following.first = false;
  following.pending.push({ head, exchange });
  return end;
}

function readDown(following: Following, fresh: Buffer, clock: number): void {
  const { input } = following.down;
  if (following.over) return;
  if (following.tunnel !== null) return following.tunnel.down(fresh, clock);
  lend(input, fresh, fresh.length);
  while (input.from < input.to) {
    const end = following.down.responding ? responseBody(following, clock) : responseHead(following, clock);
    if (end === GOES_ON) break;
    if (end === BROKEN) return giveUp(following, clock);
    input.from = end;
    if (following.tunnel !== null) {
      (following.tunnel as TunnelReader).down(input.bytes.subarray(end, input.to), clock);
      return clear(input);
    }
  }
  keepRest(input);
}

/** Reads on in the response's body. */
function responseBody(following: Following, clock: number): number {
  const { down, link, pending } = following;
  const { input } = down;
  const exchange = pending[0]?.exchange ?? null;
  const end = down.reader.readBody(input.bytes, input.from, input.to, (from, to) => {
    if (exchange !== null) link.recorder.responseBody(exchange, input.bytes, from, to);
  });
  if (end === GOES_ON) input.from = input.to;
  else if (end !== BROKEN) complete(following, clock);
  return end;
}

function responseHead(following: Following, clock: number): number {
  const { down, link, pending } = following;
  const { input, reader } = down;
  const [waiting] = pending;
  if (waiting === undefined) return BROKEN;
  const { exchange } = waiting;
  if (exchange !== null) exchange.firstByte ??= clock - exchange.clock;
  const context = { method: waiting.head.method, upgrade: waiting.head.upgrade !== null, sameSite: false };
  const end = reader.readHead(input.bytes, input.from, input.to, context);
  if (end === BROKEN && exchange !== null) {
    const text = input.bytes.toString("latin1", input.from, input.to);
    link.recorder.recordRefusedHead(exchange, text, reader.fault?.reason ?? "not HTTP");
  }
  const { head } = reader;
  if (end < 0 || head === null) return end;
  if (head.status < 200 && head.status !== 101) return end;
  if (exchange !== null) link.recorder.answered(exchange, head.status, head.text);
  if (head.status === 101) following.tunnel = readTunnel(link.recorder, exchange, head.text);
  else respond(following, head, clock);
  return end;
}

function respond(following: Following, head: ResponseHead, clock: number): void {
  if (head.framing === "none") complete(following, clock);
  else following.down.responding = true;
}

function complete({ down, pending, link }: Following, clock: number): void {
  const done = pending.shift();
  down.responding = false;
  if (done?.exchange != null) link.recorder.end(done.exchange, clock);
}

function close(following: Following, clock: number, error: string | null): void {
  const { tunnel, pending, link } = following;
  if (following.over) return;
  following.over = true;
  const cause = { code: error ?? "closed", message: "the connection ended before the response did" };
  tunnel?.closed(clock, error);
  for (const [n, { exchange }] of pending.entries()) {
    if (exchange !== null) link.recorder.end(exchange, clock, n === 0 && tunnel !== null ? null : cause);
  }
  pending.length = 0;
}
