import { BROKEN, GOES_ON } from "../../http1/chunks.ts";
import { lineMemory } from "../../http1/field-lines.ts";
import { isHeadFault } from "../../http1/fields.ts";
import { parseRequestHead, type RequestHead } from "../../http1/request-head.ts";
import type { End } from "../kinds/condition.ts";
import type { Timer } from "../time/clock.ts";
import { randomFor } from "../time/random.ts";
import { CUT, type HarmedBody, openBody } from "./body.ts";
import { type Conversation, HEAD_END, HEAD_MOST, type Left, type Reader } from "./conversation.ts";
import { beginsRequest, beginsTls } from "./first-bytes.ts";
import { type FollowedRequest, harmed, loses } from "./followed-request.ts";
import { UNHARMED, verdictOn } from "./verdict.ts";

/** Bytes that begin like a request and don't go on within this time are taken for another protocol's, ms. */
const QUIET_MS = 2_000;
/** An open connection on which the consumer spoke so often after the service, and never began a request, speaks no HTTP. */
const OTHER_MOST = 3;

interface Requests extends Reader {
  /** A body is on its way that something happens to. */
  readonly busy: () => boolean;
  readonly stop: () => void;
}

/** Reads what the consumer sends. */
export function openRequests(conversation: Conversation): Requests {
  const { clock, seed, connection } = conversation;
  const lines = lineMemory();
  let body: HarmedBody | null = null;
  let quiet: Timer | null = null;
  let others = 0;

  function read(bytes: Buffer, at: number): number {
    if (conversation.socket !== null) {
      conversation.socket.up.take(bytes, at);
      conversation.settle();
      return bytes.length;
    }
    if (body === null) return readHead(bytes, at);
    const end = body.take(bytes, at);
    if (end === GOES_ON) return bytes.length;
    if (end === BROKEN) return unread(bytes, "other");
    body = null;
    if (end === CUT) {
      conversation.cut("up");
      return bytes.length;
    }
    conversation.up.buffer.block();
    conversation.up.pacer.finish(() => {
      conversation.up.buffer.unblock();
      whole();
    });
    return end;
  }

  /** These pass as they are, and all after them; or nothing does. */
  function unread(bytes: Buffer, why: Left): number {
    return conversation.leave(why) ? 0 : bytes.length;
  }

  function readHead(bytes: Buffer, at: number): number {
    quiet?.cancel();
    const begins = beginsRequest(bytes);
    // In the middle of a connection: what is no request's beginning is the rest of something.
    if (conversation.number === 0 && !conversation.fresh && begins !== "yes") {
      if (conversation.replied && ++others >= OTHER_MOST) return unread(bytes, "other");
      conversation.replied = false;
      conversation.up.out.push(bytes, at);
      return bytes.length;
    }
    if (begins === "no") return unread(bytes, beginsTls(bytes) ? "tls" : "other");
    const end = bytes.indexOf(HEAD_END) + HEAD_END.length;
    if (end < HEAD_END.length) {
      if (bytes.length > HEAD_MOST) return unread(bytes, "other");
      if (begins === "maybe" && conversation.number === 0) {
        quiet = clock.at(clock.now() + QUIET_MS, () => void conversation.leave("other"));
      }
      return 0;
    }
    const head = parseRequestHead(bytes.toString("latin1", 0, end), lines);
    if (isHeadFault(head)) return unread(bytes, "other");
    const verdict = verdictOn(conversation.wanted, head, seed, connection, conversation.number);
    const exchange = { head, number: conversation.number++, verdict, whole: false, answered: false, continued: false };
    conversation.exchanges.push(exchange);
    conversation.asking = exchange;
    return take(exchange, bytes, end, at);
  }

  /** A request whose head is `bytes[0, end)`. */
  function take({ head, verdict, number }: FollowedRequest, bytes: Buffer, end: number, at: number): number {
    if (verdict.fate === "drop") {
      // Whatever is answered to later requests would pass for this one's answer: they are lost too.
      conversation.up.buffer.straighten({ push: () => {}, end: (how, when) => ended(how, when, null) });
      return bytes.length;
    }
    const passes = verdict.fate === "pass";
    const harm = passes ? verdict.up : UNHARMED;
    const bodiless = head.framing === "none";
    if (bodiless && harm.cut !== undefined) {
      conversation.up.out.push(bytes.subarray(0, end - 1), at);
      conversation.cut("up");
      return bytes.length;
    }
    if (passes) conversation.up.out.push(loses(verdict) ? uncompressed(head) : bytes.subarray(0, end), at);
    if (bodiless) whole();
    else {
      const random = randomFor(seed, connection, "body", number, "up");
      body = openBody(head, harm, random, passes ? conversation.up.pacer.begin(harm.slow) : () => {});
      conversation.turn();
    }
    return end;
  }

  /** All of the request was there. */
  function whole(): void {
    const { asking } = conversation;
    if (asking === null) return;
    asking.whole = true;
    // What follows may be HTTP's or the new protocol's: the response tells.
    if (asking.head.upgrade !== null && asking.verdict.fate === "pass" && !asking.answered)
      conversation.up.buffer.block();
    conversation.turn();
  }

  function ended(how: End, at: number, rest: Buffer | null): void {
    conversation.asked = true;
    const { out, pacer } = conversation.up;
    if (rest !== null) out.push(rest, at);
    pacer.finish(() => out.end(how, clock.now()));
    if (conversation.keptEnd !== null) conversation.down.out.end(conversation.keptEnd, at);
  }

  return {
    read,
    ended,
    busy: () => body !== null && conversation.asking !== null && harmed(conversation.asking),
    stop: () => quiet?.cancel(),
  };
}

/** Without the extensions that compress a WebSocket: each message stands for itself then. */
function uncompressed({ text }: RequestHead): Buffer {
  return Buffer.from(text.replace(/\r\nsec-websocket-extensions:[^\r]*/gi, ""), "latin1");
}
