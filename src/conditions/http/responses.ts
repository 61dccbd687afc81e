import { BROKEN, GOES_ON } from "../../http1/chunks.ts";
import type { End, Output, Way } from "../kinds/condition.ts";
import { randomFor } from "../time/random.ts";
import { answerDue, type Conversation, leave, passUnread } from "./conversation.ts";
import { type FollowedRequest, loses } from "./followed-request.ts";
import { passHead, readMessages } from "./messages.ts";
import { openMessages } from "./websocket.ts";

/** Reads what the service sends. Returns how many bytes were dealt with; 0: more are needed. */
export function readFromService(c: Conversation, bytes: Buffer, at: number): number {
  return readMessages(c, c.down, RESPONSES, bytes, at);
}

/** The service sends no more; `rest` is the beginning of a head. */
export function serviceEnded(c: Conversation, how: End, at: number, rest: Buffer | null): void {
  const [exchange] = c.exchanges;
  if (exchange?.verdict.fate === "drop" && !c.asked) {
    c.keptEnd = how;
    return;
  }
  const { out, pacer, body } = c.down;
  if (rest !== null) out.push(rest, at);
  // A body that ends with the connection is cut by giving the connection another end.
  const cutHow = body?.untilClose ? exchange?.verdict.down.cut?.how : undefined;
  pacer.finish(() => out.end(cutHow ?? how, c.options.clock.now()));
}

function readHead(c: Conversation, bytes: Buffer, at: number): number {
  const { out, reader } = c.down;
  const [exchange] = c.exchanges;
  if (exchange === undefined) return readUnasked(c, bytes, at);
  // A response without a request (a 408 before an idle connection is closed) has no place here.
  if (exchange.verdict.fate !== "pass") return bytes.length;
  const { method, upgrade } = exchange.head;
  const end = reader.readHead(bytes, 0, bytes.length, { method, upgrade: upgrade !== null, sameSite: false });
  if (end === GOES_ON) return 0;
  const { head } = reader;
  if (end === BROKEN || head === null) return passUnread(c, bytes, "other");
  if (head.status >= 200) {
    const begun = passHead(c, c.down, exchange, { ...head, bytes: bytes.subarray(0, end) }, at);
    if (begun === "cut") return bytes.length;
    if (begun === "whole") responsePassed(c);
    return end;
  }
  out.push(bytes.subarray(0, end), at);
  if (head.status === 101) switchProtocols(c, exchange);
  return end;
}

/** No request waits for an answer. */
function readUnasked(c: Conversation, bytes: Buffer, at: number): number {
  // After requests this announces the connection's end; before any, it is a protocol in which the server begins.
  if (c.number > 0) return passUnread(c, bytes, "switched");
  if (c.options.fresh) return passUnread(c, bytes, "other");
  // Before the first request that is seen it is the answer to an older one.
  c.replied = true;
  c.down.out.push(bytes, at);
  return bytes.length;
}

function switchProtocols(c: Conversation, exchange: FollowedRequest): void {
  const { seed, connection } = c.options;
  c.exchanges.shift();
  exchange.answered = true;
  if (!loses(exchange.verdict)) return void leave(c, "switched");
  const messages = (way: Way, { push }: Output) => {
    const rate = () => exchange.verdict[way].lose ?? 0;
    return openMessages(rate, randomFor(seed, connection, "messages", exchange.number, way), push);
  };
  c.socket = { exchange, up: messages("up", c.up.out), down: messages("down", c.down.out) };
  c.up.buffer.unblock("upgrade");
}

/** The first exchange has its answer. */
function responsePassed(c: Conversation): void {
  const exchange = c.exchanges.shift();
  if (exchange !== undefined) exchange.answered = true;
  if (exchange?.head.upgrade !== null) c.up.buffer.unblock("upgrade");
  answerDue(c);
}

const RESPONSES = { readHead, bodyPassed: responsePassed };
