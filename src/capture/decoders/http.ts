import { BROKEN, type ChunkScanner, chunkScanner, GOES_ON } from "../../http1/chunks.ts";
import { isHeadFault, MAX_HEAD } from "../../http1/fields.ts";
import { parseRequestHead, type RequestHead } from "../../http1/request-head.ts";
import { parseResponseHead, type ResponseHead } from "../../http1/response-head.ts";
import { keep, newBody } from "../body.ts";
import type { Decoder, DecoderKind, DecoderLink } from "../decoder.ts";
import type { HttpExchange } from "../exchange.ts";
import { readTunnel, type TunnelReader } from "../websocket/tunnel.ts";

const HEAD_END = Buffer.from("\r\n\r\n");
/** Services may send larger heads than the door takes: this is only read along. */
const MOST_HEAD = 8 * MAX_HEAD;
const METHOD = /^[A-Z]{3,20} /;

/** A request whose response is not whole yet. */
interface Pending {
  readonly head: RequestHead;
  /** Null: the policy leaves it out; it is followed all the same. */
  readonly exchange: HttpExchange | null;
}

/** HTTP/1.1 on a relay: follows requests and responses, pipelined ones too, until an upgrade. */
export const http: DecoderKind = {
  protocol: "http",
  fits: (bytes) => METHOD.test(bytes.toString("latin1", 0, 24)),
  open,
};

function open({ recorder, edge, caller, accepted, connected, lost }: DecoderLink): Decoder {
  const { bodies } = edge.policy;
  const pending: Pending[] = [];
  let first = true;
  let over = false;
  let tunnel: TunnelReader | null = null;

  // Up: the request that is being sent, and how far it is.
  let upInput: Buffer | null = null;
  let upSince = 0;
  let upHead: RequestHead | null = null;
  let upExchange: HttpExchange | null = null;
  let upLeft = 0;
  let upChunks: ChunkScanner | null = null;
  let upBody = false;

  // Down: the response of the first pending request.
  let downInput: Buffer | null = null;
  let response: ResponseHead | null = null;
  let downLeft = 0;
  let downChunks: ChunkScanner | null = null;

  function giveUp(clock: number): void {
    over = true;
    for (const { exchange } of pending) {
      if (exchange !== null)
        recorder.end(exchange, clock, { code: "EPROTO", message: "what followed on the connection is not HTTP/1.1" });
    }
    pending.length = 0;
    lost("unknown");
  }

  function keepRequest(exchange: HttpExchange, bytes: Buffer, from: number, to: number): void {
    if (from === to) return;
    exchange.requestBody ??= newBody();
    recorder.grew(exchange, keep(exchange.requestBody, bytes, from, to, bodies));
  }

  function keepResponse(exchange: HttpExchange, bytes: Buffer, from: number, to: number): void {
    if (from === to) return;
    exchange.responseBody ??= newBody();
    recorder.grew(exchange, keep(exchange.responseBody, bytes, from, to, bodies));
  }

  /** What follows a request's head within `bytes[from, to)`: where the next request begins, or GOES_ON, or BROKEN. */
  function requestBody(bytes: Buffer, from: number, to: number): number {
    if (upChunks !== null) {
      const data = (start: number, end: number) => {
        if (upExchange !== null) keepRequest(upExchange, bytes, start, end);
      };
      return upChunks.scan(bytes, from, to, data);
    }
    const end = Math.min(to, from + upLeft);
    if (upExchange !== null) keepRequest(upExchange, bytes, from, end);
    upLeft -= end - from;
    return upLeft === 0 ? end : GOES_ON;
  }

  function up(fresh: Buffer, clock: number): void {
    if (over) return;
    if (tunnel !== null) return tunnel.up(fresh, clock);
    let bytes = fresh;
    if (upInput !== null) {
      bytes = Buffer.concat([upInput, fresh]);
      upInput = null;
    } else upSince = clock;
    for (let at = 0; at < bytes.length; ) {
      if (upBody) {
        const end = requestBody(bytes, at, bytes.length);
        if (end === BROKEN) return giveUp(clock);
        if (end === GOES_ON) return;
        upBody = false;
        at = end;
        upSince = clock;
        continue;
      }
      // RFC 9112 §2.2: empty lines before a request are passed over.
      while (bytes[at] === 0x0d && bytes[at + 1] === 0x0a) at += 2;
      if (at === bytes.length) return;
      const end = bytes.indexOf(HEAD_END, at);
      if (end === -1) {
        if (bytes.length - at > MOST_HEAD) return giveUp(clock);
        upInput = Buffer.from(bytes.subarray(at));
        return;
      }
      const head = parseRequestHead(bytes.toString("latin1", at, end + 4), upHead);
      if (isHeadFault(head)) return giveUp(clock);
      at = end + 4;
      upHead = head;
      upExchange = recorder.http(edge, caller, head, first ? Math.min(accepted, upSince) : upSince);
      if (upExchange !== null && first) {
        const at = connected();
        upExchange.connected = at === null ? null : Math.max(0, at - upExchange.clock);
      } else if (upExchange !== null) upExchange.connected = 0;
      first = false;
      pending.push({ head, exchange: upExchange });
      upLeft = head.length;
      upChunks = head.framing === "chunked" ? chunkScanner() : null;
      upBody = head.framing !== "none";
    }
  }

  function complete(clock: number): void {
    const done = pending.shift();
    response = null;
    downChunks = null;
    if (done?.exchange != null) recorder.end(done.exchange, clock);
  }

  /** Where the response's body ends within `bytes[from, to)`, or GOES_ON, or BROKEN. */
  function responseBody(bytes: Buffer, from: number, to: number): number {
    const exchange = pending[0]?.exchange ?? null;
    if (downChunks !== null) {
      const data = (start: number, end: number) => {
        if (exchange !== null) keepResponse(exchange, bytes, start, end);
      };
      return downChunks.scan(bytes, from, to, data);
    }
    const end = response?.framing === "close" ? to : Math.min(to, from + downLeft);
    if (exchange !== null) keepResponse(exchange, bytes, from, end);
    if (response?.framing === "close") return GOES_ON;
    downLeft -= end - from;
    return downLeft === 0 ? end : GOES_ON;
  }

  function down(fresh: Buffer, clock: number): void {
    if (over) return;
    if (tunnel !== null) return tunnel.down(fresh, clock);
    let bytes = fresh;
    if (downInput !== null) {
      bytes = Buffer.concat([downInput, fresh]);
      downInput = null;
    }
    for (let at = 0; at < bytes.length; ) {
      if (response !== null) {
        const end = responseBody(bytes, at, bytes.length);
        if (end === BROKEN) return giveUp(clock);
        if (end === GOES_ON) return;
        complete(clock);
        at = end;
        continue;
      }
      const [waiting] = pending;
      if (waiting === undefined) return giveUp(clock);
      const { exchange } = waiting;
      if (exchange !== null) exchange.firstByte ??= clock - exchange.clock;
      const end = bytes.indexOf(HEAD_END, at);
      if (end === -1) {
        if (bytes.length - at > MOST_HEAD) return giveUp(clock);
        downInput = Buffer.from(bytes.subarray(at));
        return;
      }
      const head = parseResponseHead(bytes.toString("latin1", at, end + 4), waiting.head.method);
      if (isHeadFault(head)) return giveUp(clock);
      at = end + 4;
      if (head.status < 200 && head.status !== 101) continue;
      if (exchange !== null) {
        recorder.answered(exchange, head.status, head.text);
      }
      if (head.status === 101) {
        tunnel = readTunnel(recorder, exchange, head.text);
        if (at < bytes.length) tunnel.down(bytes.subarray(at), clock);
        return;
      }
      response = head;
      downLeft = head.length;
      downChunks = head.framing === "chunked" ? chunkScanner() : null;
      if (head.framing === "none") complete(clock);
    }
  }

  return {
    up,
    down,
    end: (way, clock) => {
      // A body that only the connection's end ends.
      if (way === "down" && response?.framing === "close") complete(clock);
    },
    closed: (clock, error) => {
      if (over) return;
      over = true;
      const cause = { code: error ?? "closed", message: "the connection ended before the response did" };
      if (tunnel !== null) tunnel.closed(clock, error);
      for (const [n, { exchange }] of pending.entries()) {
        if (exchange !== null) recorder.end(exchange, clock, n === 0 && tunnel !== null ? null : cause);
      }
      pending.length = 0;
    },
  };
}
