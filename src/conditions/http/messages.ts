import { BROKEN, GOES_ON } from "../../http1/chunks.ts";
import type { Framing } from "../../http1/fields.ts";
import type { Output } from "../kinds/condition.ts";
import { randomFor } from "../time/random.ts";
import { CUT, openBody, takeBody } from "./body.ts";
import { type Conversation, cut, passUnread, type Side, settle } from "./conversation.ts";
import type { FollowedRequest } from "./followed-request.ts";
import { UNHARMED } from "./verdict.ts";

/** What each side knows of its own messages. */
interface SideReader {
  /** Reads a head at the start of `bytes`. Returns how many were dealt with; 0: more are needed. */
  readonly readHead: (c: Conversation, bytes: Buffer, at: number) => number;
  /** A body is complete and handed on. */
  readonly bodyPassed: (c: Conversation) => void;
}

/** Reads on where the last bytes stopped. Returns how many were dealt with; 0: more are needed. */
export function readMessages(
  c: Conversation,
  side: Side,
  { readHead, bodyPassed }: SideReader,
  bytes: Buffer,
  at: number,
): number {
  if (c.socket !== null) {
    c.socket[side.way].take(bytes, at);
    settle(c);
    return bytes.length;
  }
  if (side.body === null) return readHead(c, bytes, at);
  const end = takeBody(side.body, bytes, at);
  if (end === GOES_ON) return bytes.length;
  if (end === BROKEN) return passUnread(c, bytes, "other");
  side.body = null;
  if (end === CUT) {
    cut(c, side.way);
    return bytes.length;
  }
  side.buffer.block("body");
  side.pacer.finish(() => {
    // First, so that what waits is read as what follows this message.
    bodyPassed(c);
    side.buffer.unblock("body");
  });
  return end;
}

interface Head {
  readonly framing: Framing;
  readonly length: number;
  /** As it is handed on. */
  readonly bytes: Buffer;
}

/** Hands on a head, and opens its body. `whole`: it has none. `cut`: the message ends before its end. */
export function passHead(
  c: Conversation,
  side: Side,
  { verdict, number }: FollowedRequest,
  { framing, length, bytes }: Head,
  at: number,
): "body" | "whole" | "cut" {
  const { seed, connection } = c.options;
  const harm = verdict[side.way];
  // Without a body the head is what is cut, and a body that ends with the connection may turn out empty.
  const cutsHead = harm.cut !== undefined && (framing === "none" || framing === "close");
  side.out.push(cutsHead ? bytes.subarray(0, -1) : bytes, at);
  if (framing === "none") {
    if (!cutsHead) return "whole";
    cut(c, side.way);
    return "cut";
  }
  const headEnd = cutsHead ? Buffer.from(bytes.subarray(-1)) : null;
  const random = randomFor(seed, connection, "body", number, side.way);
  const push = side.pacer.begin(harm.slow);
  side.body = openBody({ ...{ reader: side.reader, framing, length, headEnd }, ...{ harm, random, push } });
  return "body";
}

/** The body of a message that nobody gets: only its end matters. */
export function swallowBody(side: Side, { framing, length }: { framing: Framing; length: number }): void {
  const nobody = { harm: UNHARMED, random: () => 0, push: NOWHERE };
  side.body = openBody({ ...{ reader: side.reader, framing, length, headEnd: null }, ...nobody });
}

const NOWHERE: Output["push"] = () => {};
