import { BROKEN, GOES_ON } from "../../http1/chunks.ts";
import { isRefusal } from "../../http1/fields.ts";
import { parseResponseHead } from "../../http1/response-head.ts";
import type { End, Output, Way } from "../kinds/condition.ts";
import { randomFor } from "../time/random.ts";
import { type Body, CUT, openBody } from "./body.ts";
import { HEAD_END, HEAD_MOST, type Left, type Reader, type Talk } from "./conversation.ts";
import { beginsResponse } from "./first-bytes.ts";
import { type Exchange, loses } from "./followed-request.ts";
import { openMessages } from "./websocket.ts";

/** Reads what the service sends. */
export function openResponses(talk: Talk): Reader {
  const { clock, seed, connection, exchanges } = talk;
  let body: Body | null = null;

  function read(bytes: Buffer, at: number): number {
    if (talk.socket !== null) {
      talk.socket.down.take(bytes, at);
      talk.settle();
      return bytes.length;
    }
    if (body === null) return readHead(bytes, at);
    const end = body.take(bytes, at);
    if (end === GOES_ON) return bytes.length;
    if (end === BROKEN) return unread(bytes, "other");
    body = null;
    if (end === CUT) {
      talk.cut("down");
      return bytes.length;
    }
    talk.down.lane.block();
    talk.down.pace.finish(() => {
      talk.down.lane.unblock();
      answered();
    });
    return end;
  }

  /** These pass as they are, and all after them; or nothing does. */
  function unread(bytes: Buffer, why: Left): number {
    return talk.leave(why) ? 0 : bytes.length;
  }

  function readHead(bytes: Buffer, at: number): number {
    const { out } = talk.down;
    const [exchange] = exchanges;
    if (exchange === undefined) {
      // Nobody asked. After requests it's a word on the connection's end; at the beginning, a protocol whose server begins.
      if (talk.number > 0) return unread(bytes, "switched");
      if (talk.fresh) return unread(bytes, "other");
      // Before the first request that is seen it's an older one's answer.
      talk.replied = true;
      out.push(bytes, at);
      return bytes.length;
    }
    // What the service says to nobody in particular (that it closes an idle connection) has no place here.
    if (exchange.verdict.fate !== "pass") return bytes.length;
    const end = bytes.indexOf(HEAD_END) + HEAD_END.length;
    if (end < HEAD_END.length) return bytes.length > HEAD_MOST || !beginsResponse(bytes) ? unread(bytes, "other") : 0;
    const head = parseResponseHead(bytes.toString("latin1", 0, end), exchange.head.method);
    if (isRefusal(head)) return unread(bytes, "other");
    const { down: harm } = exchange.verdict;
    const final = head.status >= 200;
    const bodiless = head.framing === "none";
    if (final && bodiless && harm.cut !== undefined) {
      out.push(bytes.subarray(0, end - 1), at);
      talk.cut("down");
      return bytes.length;
    }
    out.push(bytes.subarray(0, end), at);
    if (head.status === 101) switchProtocols(exchange);
    else if (final && bodiless) answered();
    else if (final) {
      const random = randomFor(seed, connection, "body", exchange.number, "down");
      body = openBody(head, harm, random, talk.down.pace.begin(harm.slow));
    }
    return end;
  }

  function switchProtocols(exchange: Exchange): void {
    exchanges.shift();
    exchange.answered = true;
    if (!loses(exchange.verdict)) return void talk.leave("switched");
    const messages = (way: Way, { push }: Output) => {
      const rate = () => exchange.verdict[way].lose ?? 0;
      return openMessages(rate, randomFor(seed, connection, "messages", exchange.number, way), push);
    };
    talk.socket = { exchange, up: messages("up", talk.up.out), down: messages("down", talk.down.out) };
    talk.up.lane.unblock();
  }

  /** The first exchange has its answer. */
  function answered(): void {
    const exchange = exchanges.shift();
    if (exchange !== undefined) exchange.answered = true;
    if (exchange?.head.upgrade !== null) talk.up.lane.unblock();
    talk.turn();
  }

  function ended(how: End, at: number, rest: Buffer | null): void {
    const [exchange] = exchanges;
    if (exchange?.verdict.fate === "drop" && !talk.asked) {
      talk.keptEnd = how;
      return;
    }
    const { out, pace } = talk.down;
    if (rest !== null) out.push(rest, at);
    // A body that the end ends is cut by another one.
    const cut = body?.untilClose ? exchange?.verdict.down.cut?.how : undefined;
    pace.finish(() => out.end(cut ?? how, clock.now()));
  }

  return { read, ended };
}
