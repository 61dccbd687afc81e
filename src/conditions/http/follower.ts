import { selectedFor } from "../chain.ts";
import { type Condition, isAboutHttp } from "../conditions.ts";
import type { Output, Way } from "../kinds/condition.ts";
import type { Clock } from "../time/clock.ts";
import { openBodyPacer } from "./body-pacer.ts";
import { cannedAnswer } from "./canned-answer.ts";
import type { Conversation, Left } from "./conversation.ts";
import { type FollowedRequest, harmed } from "./followed-request.ts";
import { openLaneBuffer } from "./lane-buffer.ts";
import { openRequests } from "./requests.ts";
import { openResponses } from "./responses.ts";
import { verdictOn } from "./verdict.ts";

const CONTINUE = Buffer.from("HTTP/1.1 100 Continue\r\n\r\n");
/** A direction is full from here on, bytes. */
const HELD_MOST = 64 * 1024;
/** Requests that wait for their turn to be answered. */
const WAITING_MOST = 1_000;
const NOWHERE = () => {};

interface FollowerOptions {
  readonly clock: Clock;
  readonly seed: number;
  readonly connection: number;
  /** To the service. */
  readonly up: Output;
  /** To the consumer. */
  readonly down: Output;
  /** It sees the connection's first byte; else it waits for the beginning of a request. */
  readonly fresh: boolean;
  readonly eased: () => void;
  /** Sends a RST both ways. */
  readonly reset: () => void;
  /** All that it held is handed on: what comes may pass it by. */
  readonly left: (why: Left) => void;
}

/**
 * Follows HTTP/1 through one connection, next to the service: pairs requests with responses and does to them what the
 * conditions say. Bytes that no condition is about pass unchanged and at once, heads as soon as they're whole. One that comes
 * over a live connection takes it that the consumer sends a request when all before it are answered.
 */
export interface Follower {
  /** Bytes from the consumer, and from the service. */
  readonly up: FollowedWay;
  readonly down: FollowedWay;
  /** Other conditions: for requests to come. */
  readonly set: (conditions: readonly Condition[]) => void;
}

export interface FollowedWay extends Output {
  /** No room for more. */
  readonly full: () => boolean;
  /** Nobody is left to hand on to: drops what is held. */
  readonly stop: () => void;
}

export function openFollower(options: FollowerOptions): Follower {
  const { clock, seed, connection, fresh, eased } = options;
  /** Nothing passes any more, one way or both. */
  let over = false;
  let left = false;

  const now = clock.now;
  const up = openLaneBuffer({
    now,
    read: (...read) => requests.read(...read),
    ended: (...end) => requests.ended(...end),
  });
  const down = openLaneBuffer({
    now,
    read: (...read) => responses.read(...read),
    ended: (...end) => responses.ended(...end),
  });
  const conversation: Conversation = {
    ...{ clock, seed, connection, fresh },
    ...{ wanted: [], number: 0, exchanges: [], asking: null, socket: null },
    ...{ replied: false, asked: false, keptEnd: null },
    up: { buffer: up, pacer: openBodyPacer(clock, options.up, eased), out: options.up },
    down: { buffer: down, pacer: openBodyPacer(clock, options.down, eased), out: options.down },
    ...{ leave, cut, turn, settle },
  };
  const requests = openRequests(conversation);
  const responses = openResponses(conversation);

  function leave(why: Left): boolean {
    if (left || over) return left;
    // A response of Cove's own is due that has no place any more.
    if (why !== "removed" && conversation.exchanges.some(({ verdict }) => verdict.fate !== "pass")) {
      options.reset();
      return false;
    }
    left = true;
    requests.stop();
    responses.leave?.();
    for (const { buffer, pacer, out } of [conversation.up, conversation.down]) {
      pacer.change(undefined);
      buffer.straighten(out);
    }
    options.left(why);
    return true;
  }

  function turn(): void {
    const { exchanges } = conversation;
    for (let [first] = exchanges; first?.verdict.fate === "answer"; [first] = exchanges) {
      if (!first.whole) {
        if (first.head.expectsContinue && !first.continued) options.down.push(CONTINUE, now());
        first.continued = true;
        break;
      }
      exchanges.shift();
      options.down.push(cannedAnswer(first.head, first.verdict.status), now());
      if (!first.head.keepAlive) {
        close();
        options.down.end("close", now());
        break;
      }
    }
    eased();
    settle();
  }

  function cut(way: Way): void {
    const verdict = (way === "up" ? conversation.asking : conversation.exchanges[0])?.verdict;
    const how = verdict?.[way].cut?.how ?? "reset";
    close();
    conversation[way].pacer.finish(() => {
      // Upwards the socket is next: what was handed on is with the service already.
      if (way === "up" && how === "reset") options.reset();
      else options[way].end(how, now());
    });
  }

  function repace(way: Way, exchange: FollowedRequest | null | undefined): void {
    if (exchange?.verdict[way].slow === undefined) return;
    const { slow } = verdictOn(conversation.wanted, exchange.head, seed, connection, exchange.number)[way];
    const { slow: _, ...others } = exchange.verdict[way];
    exchange.verdict = { ...exchange.verdict, [way]: slow === undefined ? others : { ...others, slow } };
    conversation[way].pacer.change(slow);
  }

  /** Nothing more is read, either way; a consumer that leaves is still noticed. */
  function close(): void {
    over = true;
    requests.stop();
    up.straighten({ push: NOWHERE, end: options.up.end });
    down.straighten({ push: NOWHERE, end: NOWHERE });
  }

  function settle(): void {
    if (conversation.wanted.length > 0 || over || left) return;
    const { socket, exchanges } = conversation;
    if (socket !== null ? socket.up.between() && socket.down.between() : !exchanges.some(harmed) && !requests.busy()) {
      leave("removed");
    }
  }

  return {
    up: {
      ...{ push: up.push, end: up.end },
      full: () =>
        conversation.exchanges.length >= WAITING_MOST || up.held() + conversation.up.pacer.held() >= HELD_MOST,
      stop: conversation.up.pacer.stop,
    },
    down: {
      ...{ push: down.push, end: down.end },
      full: () => down.held() + conversation.down.pacer.held() >= HELD_MOST,
      stop: () => {
        requests.stop();
        conversation.down.pacer.stop();
      },
    },
    set: (conditions) => {
      conversation.wanted = selectedFor(conditions, seed, connection).filter(({ condition }) => isAboutHttp(condition));
      // A body under way takes another rate at once, as bytes under a bandwidth do.
      repace("up", conversation.asking);
      repace("down", conversation.exchanges[0]);
      // A WebSocket has no requests to come: its messages are what is next.
      if (conversation.socket !== null) {
        const { exchange } = conversation.socket;
        exchange.verdict = verdictOn(conversation.wanted, exchange.head, seed, connection, exchange.number);
      }
      settle();
    },
  };
}
