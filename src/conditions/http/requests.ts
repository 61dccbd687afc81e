import { BROKEN, GOES_ON } from "../../http1/chunks.ts";
import { beginsRequest, beginsTls } from "../../http1/first-bytes.ts";
import type { RequestHead } from "../../http1/request-head.ts";
import type { End } from "../kinds/condition.ts";
import { answerDue, type Conversation, leave, passUnread } from "./conversation.ts";
import { type FollowedRequest, loses } from "./followed-request.ts";
import { passHead, readMessages, swallowBody } from "./messages.ts";
import { verdictOn } from "./verdict.ts";

/** Bytes that begin like a request and don't go on within this time are taken for another protocol's, ms. */
const QUIET_MS = 2_000;
/** A live connection on which the consumer answered the service so often with what is no request speaks no HTTP. */
const OTHER_MOST = 3;

/** Reads what the consumer sends. Returns how many bytes were dealt with; 0: more are needed. */
export function readFromConsumer(c: Conversation, bytes: Buffer, at: number): number {
  return readMessages(c, c.up, REQUESTS, bytes, at);
}

/** The consumer sends no more; `rest` is the beginning of a head. */
export function consumerEnded(c: Conversation, how: End, at: number, rest: Buffer | null): void {
  c.asked = true;
  const { out, pacer } = c.up;
  if (rest !== null) out.push(rest, at);
  pacer.finish(() => out.end(how, c.options.clock.now()));
  if (c.keptEnd !== null) c.down.out.end(c.keptEnd, at);
}

function readHead(c: Conversation, bytes: Buffer, at: number): number {
  const { reader } = c.up;
  const { seed, connection, fresh } = c.options;
  c.quiet?.cancel();
  // In the middle of a connection: what doesn't begin a request is the rest of something.
  if (c.number === 0 && !fresh && beginsRequest(bytes) !== "yes") return passOther(c, bytes, at);
  const end = reader.readHead(bytes, 0, bytes.length);
  if (end === BROKEN) return passUnread(c, bytes, beginsTls(bytes) ? "tls" : "other");
  const { head } = reader;
  if (end === GOES_ON || head === null) return waitForHead(c, bytes);
  const verdict = verdictOn(c.wanted, head, seed, connection, c.number);
  const request = { head, number: c.number++, verdict, whole: false, answered: false, continued: false };
  c.exchanges.push(request);
  c.asking = request;
  return take(c, request, bytes, end, at);
}

function passOther(c: Conversation, bytes: Buffer, at: number): number {
  if (c.replied && ++c.others >= OTHER_MOST) return passUnread(c, bytes, "other");
  c.replied = false;
  c.up.out.push(bytes, at);
  return bytes.length;
}

/** The head isn't whole. What can't become a request needn't wait, and the first one doesn't wait for long. */
function waitForHead(c: Conversation, bytes: Buffer): number {
  const { clock } = c.options;
  const begins = beginsRequest(bytes);
  if (begins === "no") return passUnread(c, bytes, "other");
  if (begins === "maybe" && c.number === 0) c.quiet = clock.at(clock.now() + QUIET_MS, () => void leave(c, "other"));
  return 0;
}

/** A request whose head is `bytes[0, end)`. */
function take(c: Conversation, request: FollowedRequest, bytes: Buffer, end: number, at: number): number {
  const { head, verdict } = request;
  if (verdict.fate === "drop") {
    // Whatever is answered to later requests would pass for this one's answer: they are lost too.
    c.up.buffer.straighten({ push: () => {}, end: (how, when) => consumerEnded(c, how, when, null) });
    return bytes.length;
  }
  if (verdict.fate === "pass") {
    const passed = loses(verdict) ? uncompressed(head) : bytes.subarray(0, end);
    const begun = passHead(c, c.up, request, { ...head, bytes: passed }, at);
    if (begun === "cut") return bytes.length;
    if (begun === "whole") requestPassed(c);
  } else if (head.framing === "none") requestPassed(c);
  else {
    swallowBody(c.up, head);
    answerDue(c);
  }
  return end;
}

/** All of the request was there. */
function requestPassed(c: Conversation): void {
  const { asking } = c;
  if (asking === null) return;
  asking.whole = true;
  // What follows may be HTTP's or the new protocol's: the response tells.
  if (asking.head.upgrade !== null && asking.verdict.fate === "pass" && !asking.answered) c.up.buffer.block("upgrade");
  answerDue(c);
}

/** Without the extensions that compress a WebSocket: each message stands for itself then. */
function uncompressed({ text }: RequestHead): Buffer {
  return Buffer.from(text.replace(/\r\nsec-websocket-extensions:[^\r]*/gi, ""), "latin1");
}

const REQUESTS = { readHead, bodyPassed: requestPassed };
