import { BROKEN, GOES_ON } from "../../http1/chunks.ts";
import { isHeadFault } from "../../http1/fields.ts";
import { parseResponseHead } from "../../http1/response-head.ts";
import type { End, Output, Way } from "../kinds/condition.ts";
import { randomFor } from "../time/random.ts";
import { CUT, type HarmedBody, openBody } from "./body.ts";
import { type Conversation, HEAD_END, HEAD_MOST, type Left, type Reader } from "./conversation.ts";
import { beginsResponse } from "./first-bytes.ts";
import { type FollowedRequest, loses } from "./followed-request.ts";
import { openMessages } from "./websocket.ts";

/** Reads what the service sends. */
export function openResponses(conversation: Conversation): Reader {
  const { clock, seed, connection, exchanges } = conversation;
  let body: HarmedBody | null = null;

  function read(bytes: Buffer, at: number): number {
    if (conversation.socket !== null) {
      conversation.socket.down.take(bytes, at);
      conversation.settle();
      return bytes.length;
    }
    if (body === null) return readHead(bytes, at);
    const end = body.take(bytes, at);
    if (end === GOES_ON) return bytes.length;
    if (end === BROKEN) return unread(bytes, "other");
    body = null;
    if (end === CUT) {
      conversation.cut("down");
      return bytes.length;
    }
    conversation.down.buffer.block();
    conversation.down.pacer.finish(() => {
      conversation.down.buffer.unblock();
      answered();
    });
    return end;
  }

  /** These pass as they are, and all after them; or nothing does. */
  function unread(bytes: Buffer, why: Left): number {
    return conversation.leave(why) ? 0 : bytes.length;
  }

  function readHead(bytes: Buffer, at: number): number {
    const { out } = conversation.down;
    const [exchange] = exchanges;
    if (exchange === undefined) {
      // No request waits. After requests this announces the connection's end; before any, it is a protocol whose server begins.
      if (conversation.number > 0) return unread(bytes, "switched");
      if (conversation.fresh) return unread(bytes, "other");
      // Before the first request that is seen it's an older one's answer.
      conversation.replied = true;
      out.push(bytes, at);
      return bytes.length;
    }
    // A response without a request (a 408 before an idle connection is closed) has no place here.
    if (exchange.verdict.fate !== "pass") return bytes.length;
    const end = bytes.indexOf(HEAD_END) + HEAD_END.length;
    if (end < HEAD_END.length) return bytes.length > HEAD_MOST || !beginsResponse(bytes) ? unread(bytes, "other") : 0;
    const head = parseResponseHead(bytes.toString("latin1", 0, end), { method: exchange.head.method, sameSite: false });
    if (isHeadFault(head)) return unread(bytes, "other");
    const { down: harm } = exchange.verdict;
    const final = head.status >= 200;
    const bodiless = head.framing === "none";
    if (final && bodiless && harm.cut !== undefined) {
      out.push(bytes.subarray(0, end - 1), at);
      conversation.cut("down");
      return bytes.length;
    }
    // A body that ends with the connection may be empty: then the head is what is cut.
    const cutsHead = final && head.framing === "close" && harm.cut !== undefined;
    out.push(bytes.subarray(0, cutsHead ? end - 1 : end), at);
    if (head.status === 101) switchProtocols(exchange);
    else if (final && bodiless) answered();
    else if (final) {
      const random = randomFor(seed, connection, "body", exchange.number, "down");
      const headEnd = cutsHead ? Buffer.from(bytes.subarray(end - 1, end)) : null;
      body = openBody({ ...head, headEnd }, harm, random, conversation.down.pacer.begin(harm.slow));
    }
    return end;
  }

  function switchProtocols(exchange: FollowedRequest): void {
    exchanges.shift();
    exchange.answered = true;
    if (!loses(exchange.verdict)) return void conversation.leave("switched");
    const messages = (way: Way, { push }: Output) => {
      const rate = () => exchange.verdict[way].lose ?? 0;
      return openMessages(rate, randomFor(seed, connection, "messages", exchange.number, way), push);
    };
    conversation.socket = {
      exchange,
      up: messages("up", conversation.up.out),
      down: messages("down", conversation.down.out),
    };
    conversation.up.buffer.unblock();
  }

  /** The first exchange has its answer. */
  function answered(): void {
    const exchange = exchanges.shift();
    if (exchange !== undefined) exchange.answered = true;
    if (exchange?.head.upgrade !== null) conversation.up.buffer.unblock();
    conversation.turn();
  }

  function ended(how: End, at: number, rest: Buffer | null): void {
    const [exchange] = exchanges;
    if (exchange?.verdict.fate === "drop" && !conversation.asked) {
      conversation.keptEnd = how;
      return;
    }
    const { out, pacer } = conversation.down;
    if (rest !== null) out.push(rest, at);
    // A body that the end ends is cut by another one.
    const cut = body?.untilClose ? exchange?.verdict.down.cut?.how : undefined;
    pacer.finish(() => out.end(cut ?? how, clock.now()));
  }

  return { read, ended, leave: () => body?.release(clock.now()) };
}
