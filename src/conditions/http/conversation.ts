import type { RequestReader, ResponseReader } from "../../http1/messages.ts";
import type { SelectedCondition } from "../chain.ts";
import type { End, Output, Way } from "../kinds/condition.ts";
import type { Clock, Timer } from "../time/clock.ts";
import { type HarmedBody, releaseKept } from "./body.ts";
import type { BodyPacer } from "./body-pacer.ts";
import { cannedAnswer } from "./canned-answer.ts";
import { type FollowedRequest, harmed } from "./followed-request.ts";
import type { LaneBuffer } from "./lane-buffer.ts";
import type { Messages } from "./websocket.ts";

const CONTINUE = Buffer.from("HTTP/1.1 100 Continue\r\n\r\n");
const NOWHERE = () => {};

/**
 * Why a connection is no longer followed. `removed`: no condition is about HTTP any more. `other`: it isn't HTTP/1, or none that
 * can be followed. `switched`: it speaks another protocol from here on.
 */
export type Left = "removed" | "tls" | "other" | "switched";

export interface FollowerOptions {
  readonly clock: Clock;
  readonly seed: number;
  readonly connection: number;
  /** To the service. */
  readonly up: Output;
  /** To the consumer. */
  readonly down: Output;
  /** It sees the connection's first byte; else it waits for the beginning of a request. */
  readonly fresh: boolean;
  /** Bytes were handed on: there may be room again. */
  readonly eased: () => void;
  /** Sends a RST both ways. */
  readonly reset: () => void;
  /** All that it held is handed on, and nothing more needs to pass through it. */
  readonly left: (why: Left) => void;
}

/** One direction. */
export interface Side<Reader extends RequestReader | ResponseReader = RequestReader | ResponseReader> {
  readonly way: Way;
  readonly reader: Reader;
  readonly buffer: LaneBuffer;
  /** Where bodies go. */
  readonly pacer: BodyPacer;
  /** Where all else goes. */
  readonly out: Output;
  /** The body that is being read. */
  body: HarmedBody | null;
}

/** One connection's requests and responses, as both its sides know them. */
export interface Conversation {
  readonly options: FollowerOptions;
  /** The conditions about HTTP that were drawn for this connection. */
  wanted: readonly SelectedCondition[];
  /** Requests so far. */
  number: number;
  /** Those that were not answered, in order. */
  readonly exchanges: FollowedRequest[];
  /** The request that was read last, or is being read. */
  asking: FollowedRequest | null;
  /** Once it is a WebSocket of which messages may get lost. */
  socket: { readonly exchange: FollowedRequest; readonly up: Messages; readonly down: Messages } | null;
  /** Before the first request that is seen: the service has sent something since the consumer did. */
  replied: boolean;
  /** Before the first request that is seen: how often the consumer answered the service with something else than one. */
  others: number;
  /** Runs while the first request line isn't whole. */
  quiet: Timer | null;
  /** The consumer sends no more. */
  asked: boolean;
  /** The service's end, which the consumer isn't told while a request of its own is lost. */
  keptEnd: End | null;
  /** Nothing passes any more, one way or both. */
  over: boolean;
  /** It is no longer followed. */
  left: boolean;
  readonly up: Side<RequestReader>;
  readonly down: Side<ResponseReader>;
}

/** These bytes pass unread, and all after them; or nothing does. Returns how many of them were dealt with. */
export function passUnread(c: Conversation, bytes: Buffer, why: Left): number {
  return leave(c, why) ? 0 : bytes.length;
}

/** Bytes pass unread from here on, those that are held first. False: they are lost, and the connection with them. */
export function leave(c: Conversation, why: Left): boolean {
  const { options, exchanges } = c;
  if (c.left || c.over) return c.left;
  // An answer of Cove's own is due, and nobody knows any more where it belongs.
  if (why !== "removed" && exchanges.some(({ verdict }) => verdict.fate !== "pass")) {
    options.reset();
    return false;
  }
  c.left = true;
  c.quiet?.cancel();
  for (const { body, buffer, pacer, out } of [c.up, c.down]) {
    if (body !== null) releaseKept(body, options.clock.now());
    pacer.change(undefined);
    buffer.straighten(out);
  }
  options.left(why);
  return true;
}

/** Gives the answers whose turn has come, and leaves if there is nothing more to do. */
export function answerDue(c: Conversation): void {
  const { exchanges, options } = c;
  const { clock, down } = options;
  for (let [first] = exchanges; first?.verdict.fate === "answer"; [first] = exchanges) {
    if (!first.whole) {
      if (first.head.expectsContinue && !first.continued) down.push(CONTINUE, clock.now());
      first.continued = true;
      break;
    }
    exchanges.shift();
    down.push(cannedAnswer(first.head, first.verdict.status), clock.now());
    if (!first.head.keepAlive) {
      close(c);
      down.end("close", clock.now());
      break;
    }
  }
  options.eased();
  settle(c);
}

/** The message that passes this way ends before its end, and the connection with it. */
export function cut(c: Conversation, way: Way): void {
  const { options } = c;
  const verdict = (way === "up" ? c.asking : c.exchanges[0])?.verdict;
  const how = verdict?.[way].cut?.how ?? "reset";
  close(c);
  c[way].pacer.finish(() => {
    // Upwards the socket is next: what was handed on is with the service already.
    if (way === "up" && how === "reset") options.reset();
    else options[way].end(how, options.clock.now());
  });
}

/** Nothing more is read, either way; a consumer that leaves is still noticed. */
function close(c: Conversation): void {
  c.over = true;
  c.quiet?.cancel();
  c.up.buffer.straighten({ push: NOWHERE, end: c.options.up.end });
  c.down.buffer.straighten({ push: NOWHERE, end: NOWHERE });
}

/** Leaves if no condition is about HTTP any more, and what the earlier ones began is done. */
export function settle(c: Conversation): void {
  if (c.wanted.length > 0 || c.over || c.left) return;
  const { socket, exchanges, asking } = c;
  const busy = c.up.body !== null && asking !== null && harmed(asking);
  if (socket !== null ? socket.up.between() && socket.down.between() : !exchanges.some(harmed) && !busy) {
    leave(c, "removed");
  }
}
