import { queue } from "../../../async/queue.ts";
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

function open({ recorder, edge, caller, lost }: DecoderLink): Decoder {
  const { bodies } = edge.policy;
  const waiting = queue<RedisExchange>(PENDING_MOST);
  let over = false;
  let now = 0;
  /** When the reply at hand began. */
  let replyAt = 0;
  /** Channels and patterns that it listens to, as the last confirmation had it. */
  let subscriptions = 0;
  /** CLIENT REPLY: `skip` is for the next command, `skipping` for the one after that. */
  let replies: "on" | "off" | "skip" = "on";
  /** After MONITOR all that comes is what others do. */
  let monitors = false;

  function sent({ name, args, cost, bytes }: SentCommand): boolean {
    const exchange = recorder.begin<RedisExchange>(
      {
        ...{ protocol: "redis", edge, caller, command: name, args: withoutSecrets(name, args), reply: null },
        ...{ bytesUp: bytes, bytesDown: 0 },
      },
      now,
    );
    exchange.connected = 0;
    recorder.grew(exchange, cost);
    if (answerless(name, args)) {
      recorder.end(exchange, now);
      return true;
    }
    return waiting.put(exchange);
  }

  /** Whether the consumer asked for no reply to this command (CLIENT REPLY). */
  function answerless(name: string, args: readonly string[]): boolean {
    if (name === "CLIENT" && args[0]?.toUpperCase() === "REPLY") {
      const mode = args[1]?.toUpperCase();
      if (mode === "ON") replies = "on";
      else if (mode === "OFF") replies = "off";
      else if (mode === "SKIP" && replies === "on") replies = "skip";
      return replies !== "on";
    }
    if (replies === "skip") {
      replies = "on";
      return true;
    }
    return replies === "off";
  }

  /** Whether this is nobody's reply: a message to a subscriber, news for a client's cache. */
  function isNews({ push, array, first: kind, third }: Reply): boolean {
    const next = waiting.first();
    const subscribes = next !== undefined && SUBSCRIBES.test(next.command);
    if (!push && !(array && (subscribes || subscriptions > 0))) return monitors && next === undefined;
    if (MESSAGES.has(kind)) return true;
    const confirmed = kind.toUpperCase();
    if (!SUBSCRIBES.test(confirmed)) return push;
    subscriptions = third ?? 0;
    // The first confirmation is the command's reply, the others (one for each channel) are not.
    return next?.command !== confirmed;
  }

  function replied(reply: Reply): boolean {
    if (isNews(reply)) return true;
    const exchange = waiting.take();
    // Nobody asked: an error as the server hangs up.
    if (exchange === undefined) return true;
    if (exchange.command === "MONITOR" && reply.error === null) monitors = true;
    if (exchange.command === "RESET" && reply.error === null) {
      monitors = false;
      subscriptions = 0;
    }
    exchange.reply = reply.text;
    exchange.bytesDown = reply.bytes;
    exchange.firstByte = Math.max(0, replyAt - exchange.clock);
    recorder.grew(exchange, reply.text.length);
    recorder.end(exchange, now, reply.error);
    return true;
  }

  function endAll(code: string, message: string): void {
    over = true;
    for (let one = waiting.take(); one !== undefined; one = waiting.take()) recorder.end(one, now, { code, message });
  }

  function giveUp(): void {
    endAll("EPROTO", "what followed on the connection is not Redis' protocol");
    lost("unknown");
  }

  const readUp = commandReader(bodies, sent);
  const readDown = replyReader(
    bodies,
    () => {
      replyAt = now;
    },
    replied,
  );

  return {
    up: (bytes, clock) => {
      if (over) return;
      now = clock;
      if (!readUp(bytes)) giveUp();
    },
    down: (bytes, clock) => {
      if (over) return;
      now = clock;
      if (!readDown(bytes)) giveUp();
    },
    end: () => {},
    closed: (clock, error) => {
      if (over) return;
      now = clock;
      endAll(error ?? "closed", "the connection ended before the reply did");
    },
  };
}
