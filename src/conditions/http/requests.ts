import { BROKEN, GOES_ON } from "../../http1/chunks.ts";
import { isRefusal } from "../../http1/fields.ts";
import { parseRequestHead, type RequestHead } from "../../http1/request-head.ts";
import type { End } from "../kinds/condition.ts";
import type { Timer } from "../time/clock.ts";
import { randomFor } from "../time/random.ts";
import { type Body, CUT, openBody } from "./body.ts";
import { HEAD_END, HEAD_MOST, type Left, type Reader, type Talk } from "./conversation.ts";
import { beginsRequest, beginsTls } from "./first-bytes.ts";
import { type Exchange, harmed, loses } from "./followed-request.ts";
import { judge, UNHARMED } from "./verdict.ts";

/** What begins like a request but doesn't go on is some other protocol's word after this time, ms. */
const QUIET_MS = 2_000;
/** A connection under way on which the consumer began so often after the service's word, and never with a request, has none. */
const STRANGE_MOST = 3;

interface Requests extends Reader {
  /** A body is on its way that something happens to. */
  readonly busy: () => boolean;
  readonly stop: () => void;
}

/** Reads what the consumer sends. */
export function openRequests(talk: Talk): Requests {
  const { clock, seed, connection } = talk;
  let last: RequestHead | null = null;
  let body: Body | null = null;
  let quiet: Timer | null = null;
  let strange = 0;

  function read(bytes: Buffer, at: number): number {
    if (talk.socket !== null) {
      talk.socket.up.take(bytes, at);
      talk.settle();
      return bytes.length;
    }
    if (body === null) return readHead(bytes, at);
    const end = body.take(bytes, at);
    if (end === GOES_ON) return bytes.length;
    if (end === BROKEN) return unread(bytes, "other");
    body = null;
    if (end === CUT) {
      talk.cut("up");
      return bytes.length;
    }
    talk.up.lane.block();
    talk.up.pace.finish(() => {
      talk.up.lane.unblock();
      whole();
    });
    return end;
  }

  /** These pass as they are, and all after them; or nothing does. */
  function unread(bytes: Buffer, why: Left): number {
    return talk.leave(why) ? 0 : bytes.length;
  }

  function readHead(bytes: Buffer, at: number): number {
    quiet?.cancel();
    const begins = beginsRequest(bytes);
    // In the middle of a connection: what is no request's beginning is the rest of something.
    if (talk.number === 0 && !talk.fresh && begins !== "yes") {
      if (talk.replied && ++strange >= STRANGE_MOST) return unread(bytes, "other");
      talk.replied = false;
      talk.up.out.push(bytes, at);
      return bytes.length;
    }
    if (begins === "no") return unread(bytes, beginsTls(bytes) ? "tls" : "other");
    const end = bytes.indexOf(HEAD_END) + HEAD_END.length;
    if (end < HEAD_END.length) {
      if (bytes.length > HEAD_MOST) return unread(bytes, "other");
      if (begins === "maybe" && talk.number === 0) {
        quiet = clock.at(clock.now() + QUIET_MS, () => void talk.leave("other"));
      }
      return 0;
    }
    const head = parseRequestHead(bytes.toString("latin1", 0, end), last);
    if (isRefusal(head)) return unread(bytes, "other");
    last = head;
    const verdict = judge(talk.wanted, head, seed, connection, talk.number);
    const exchange = { head, number: talk.number++, verdict, whole: false, answered: false, continued: false };
    talk.exchanges.push(exchange);
    talk.asking = exchange;
    return take(exchange, bytes, end, at);
  }

  /** A request whose head is `bytes[0, end)`. */
  function take({ head, verdict, number }: Exchange, bytes: Buffer, end: number, at: number): number {
    if (verdict.fate === "drop") {
      // Whatever is answered to later requests would pass for this one's answer: they are lost too.
      talk.up.lane.straighten({ push: () => {}, end: (how, when) => ended(how, when, null) });
      return bytes.length;
    }
    const passes = verdict.fate === "pass";
    const harm = passes ? verdict.up : UNHARMED;
    const bodiless = head.framing === "none";
    if (bodiless && harm.cut !== undefined) {
      talk.up.out.push(bytes.subarray(0, end - 1), at);
      talk.cut("up");
      return bytes.length;
    }
    if (passes) talk.up.out.push(loses(verdict) ? uncompressed(head) : bytes.subarray(0, end), at);
    if (bodiless) whole();
    else {
      const random = randomFor(seed, connection, "body", number, "up");
      body = openBody(head, harm, random, passes ? talk.up.pace.begin(harm.slow) : () => {});
      talk.turn();
    }
    return end;
  }

  /** All of the request was there. */
  function whole(): void {
    const { asking } = talk;
    if (asking === null) return;
    asking.whole = true;
    // What follows may be HTTP's or the new protocol's: the response tells.
    if (asking.head.upgrade !== null && asking.verdict.fate === "pass" && !asking.answered) talk.up.lane.block();
    talk.turn();
  }

  function ended(how: End, at: number, rest: Buffer | null): void {
    talk.asked = true;
    const { out, pace } = talk.up;
    if (rest !== null) out.push(rest, at);
    pace.finish(() => out.end(how, clock.now()));
    if (talk.keptEnd !== null) talk.down.out.end(talk.keptEnd, at);
  }

  return {
    read,
    ended,
    busy: () => body !== null && talk.asking !== null && harmed(talk.asking),
    stop: () => quiet?.cancel(),
  };
}

/** Without the extensions that compress a WebSocket: each message stands for itself then. */
function uncompressed({ text }: RequestHead): Buffer {
  return Buffer.from(text.replace(/\r\nsec-websocket-extensions:[^\r]*/gi, ""), "latin1");
}
