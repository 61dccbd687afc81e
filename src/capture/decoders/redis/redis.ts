import { type Queue, queue } from "../../../async/queue.ts";
import { type Decoder, type DecoderKind, type DecoderLink, PENDING_MOST } from "../../decoder.ts";
import type { RedisExchange } from "../../exchange.ts";
import { commandReader, type SentCommand } from "./commands.ts";
import { type Reply, replyReader } from "./replies.ts";
import { withoutSecrets } from "./text.ts";

const SUBSCRIBES = /^[PS]?(UN)?SUBSCRIBE$/;
/** What a subscriber gets that is no reply. */
const MESSAGES: ReadonlySet<string> = new Set(["message", "pmessage", "smessage"]);

/** Redis' protocols 2 and 3 on a relay: each command is an exchange. */
export const redis: DecoderKind = {
  protocol: "redis",
  fits: (bytes) =>
    /^(?:\*[1-9]\d{0,6}\r\n\$\d|(?:PING|AUTH |HELLO|QUIT|INFO)[^\n]*\r\n)/i.test(bytes.toString("latin1", 0, 64)),
  open,
};

/** One connection. */
interface Session {
  readonly link: DecoderLink;
  /** Commands that the server has still to answer. */
  readonly waiting: Queue<RedisExchange>;
  over: boolean;
  /** Clock of the bytes at hand. */
  now: number;
  /** When the reply at hand began. */
  replyAt: number;
  /** Channels and patterns that it listens to, as the last confirmation had it. */
  subscriptions: number;
  /** CLIENT REPLY: `skip` is for the next command. */
  replies: "on" | "off" | "skip";
  /** After MONITOR all that comes is what others do. */
  monitors: boolean;
}

function open(link: DecoderLink): Decoder {
  const { bodies } = link.edge.policy;
  const session: Session = {
    ...{ link, waiting: queue<RedisExchange>(PENDING_MOST), over: false, now: 0, replyAt: 0 },
    ...{ subscriptions: 0, replies: "on", monitors: false },
  };
  const readUp = commandReader(bodies, (command) => sent(session, command));
  const began = () => {
    session.replyAt = session.now;
  };
  const readDown = replyReader(bodies, began, (reply) => replied(session, reply));
  return {
    up: (bytes, clock) => {
      if (session.over) return;
      session.now = clock;
      if (!readUp(bytes)) giveUp(session);
    },
    down: (bytes, clock) => {
      if (session.over) return;
      session.now = clock;
      if (!readDown(bytes)) giveUp(session);
    },
    end: () => {},
    closed: (clock, error) => {
      if (session.over) return;
      session.now = clock;
      endAll(session, error ?? "closed", "the connection ended before the reply did");
    },
  };
}

function sent(session: Session, { name, args, cost, bytes, offset }: SentCommand): boolean {
  const { recorder, edge, caller, claims } = session.link;
  const exchange = recorder.begin<RedisExchange>(
    {
      ...{ protocol: "redis", edge, caller, command: name, args: withoutSecrets(name, args), reply: null },
      ...{ bytesUp: bytes, bytesDown: 0 },
    },
    session.now,
    null,
    null,
    claims?.at(offset, session.now),
  );
  exchange.connected = 0;
  recorder.grew(exchange, cost);
  if (!isAnswerless(session, name, args)) return session.waiting.put(exchange);
  recorder.end(exchange, session.now);
  return true;
}

/** Whether the consumer asked for no reply to this command (CLIENT REPLY). */
function isAnswerless(session: Session, name: string, args: readonly string[]): boolean {
  if (name === "CLIENT" && args[0]?.toUpperCase() === "REPLY") {
    const mode = args[1]?.toUpperCase();
    if (mode === "ON") session.replies = "on";
    else if (mode === "OFF") session.replies = "off";
    else if (mode === "SKIP" && session.replies === "on") session.replies = "skip";
    return session.replies !== "on";
  }
  if (session.replies === "skip") {
    session.replies = "on";
    return true;
  }
  return session.replies === "off";
}

/** Whether this answers no command: a message to a subscriber, an invalidation for a client's cache. */
function isNews(session: Session, { push, array, first: kind, third }: Reply): boolean {
  const next = session.waiting.first();
  const subscribes = next !== undefined && SUBSCRIBES.test(next.command);
  if (!push && !(array && (subscribes || session.subscriptions > 0))) return session.monitors && next === undefined;
  if (MESSAGES.has(kind)) return true;
  const confirmed = kind.toUpperCase();
  if (!SUBSCRIBES.test(confirmed)) return push;
  session.subscriptions = third ?? 0;
  // The first confirmation is the command's reply, the others (one for each channel) are not.
  return next?.command !== confirmed;
}

function replied(session: Session, reply: Reply): boolean {
  if (isNews(session, reply)) return true;
  const exchange = session.waiting.take();
  // No command is pending: an error before the server closes.
  if (exchange === undefined) return true;
  if (exchange.command === "MONITOR" && reply.error === null) session.monitors = true;
  if (exchange.command === "RESET" && reply.error === null) {
    session.monitors = false;
    session.subscriptions = 0;
  }
  const { recorder } = session.link;
  exchange.reply = reply.text;
  exchange.bytesDown = reply.bytes;
  exchange.firstByte = Math.max(0, session.replyAt - exchange.clock);
  recorder.grew(exchange, reply.text.length);
  recorder.end(exchange, session.now, reply.error);
  return true;
}

function endAll(session: Session, code: string, message: string): void {
  const { waiting, link, now } = session;
  session.over = true;
  for (let one = waiting.take(); one !== undefined; one = waiting.take())
    link.recorder.end(one, now, { code, message });
}

function giveUp(session: Session): void {
  endAll(session, "EPROTO", "what followed on the connection is not Redis' protocol");
  session.link.lost("unknown");
}
