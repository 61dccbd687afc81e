import { appointed } from "../chain.ts";
import { type Condition, isAboutHttp } from "../conditions.ts";
import type { Output, Way } from "../kinds/condition.ts";
import type { Clock } from "../time/clock.ts";
import { openPace } from "./body-pacer.ts";
import { answerInStead } from "./canned-answer.ts";
import type { Left, Talk } from "./conversation.ts";
import { harmed } from "./followed-request.ts";
import { openLane } from "./lane-buffer.ts";
import { openRequests } from "./requests.ts";
import { openResponses } from "./responses.ts";
import { judge } from "./verdict.ts";

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
  const up = openLane({ now, read: (...read) => requests.read(...read), ended: (...end) => requests.ended(...end) });
  const down = openLane({
    now,
    read: (...read) => responses.read(...read),
    ended: (...end) => responses.ended(...end),
  });
  const talk: Talk = {
    ...{ clock, seed, connection, fresh },
    ...{ wanted: [], number: 0, exchanges: [], asking: null, socket: null },
    ...{ replied: false, asked: false, keptEnd: null },
    up: { lane: up, pace: openPace(clock, options.up, eased), out: options.up },
    down: { lane: down, pace: openPace(clock, options.down, eased), out: options.down },
    ...{ leave, cut, turn, settle },
  };
  const requests = openRequests(talk);
  const responses = openResponses(talk);

  function leave(why: Left): boolean {
    if (left || over) return left;
    // An answer is owed that has no place any more.
    if (why !== "removed" && talk.exchanges.some(({ verdict }) => verdict.fate !== "pass")) {
      options.reset();
      return false;
    }
    left = true;
    requests.stop();
    for (const { lane, pace, out } of [talk.up, talk.down]) {
      pace.hurry();
      lane.straighten(out);
    }
    options.left(why);
    return true;
  }

  function turn(): void {
    const { exchanges } = talk;
    for (let [first] = exchanges; first?.verdict.fate === "answer"; [first] = exchanges) {
      if (!first.whole) {
        if (first.head.expectsContinue && !first.continued) options.down.push(CONTINUE, now());
        first.continued = true;
        break;
      }
      exchanges.shift();
      options.down.push(answerInStead(first.head, first.verdict.status), now());
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
    const verdict = (way === "up" ? talk.asking : talk.exchanges[0])?.verdict;
    const how = verdict?.[way].cut?.how ?? "reset";
    close();
    talk[way].pace.finish(() => {
      // Upwards the socket is next: what was handed on is with the service already.
      if (way === "up" && how === "reset") options.reset();
      else options[way].end(how, now());
    });
  }

  /** Nothing more is read, either way; a consumer that leaves is still noticed. */
  function close(): void {
    over = true;
    requests.stop();
    up.straighten({ push: NOWHERE, end: options.up.end });
    down.straighten({ push: NOWHERE, end: NOWHERE });
  }

  function settle(): void {
    if (talk.wanted.length > 0 || over || left) return;
    const { socket, exchanges } = talk;
    if (socket !== null ? socket.up.between() && socket.down.between() : !exchanges.some(harmed) && !requests.busy()) {
      leave("removed");
    }
  }

  return {
    up: {
      ...{ push: up.push, end: up.end },
      full: () => talk.exchanges.length >= WAITING_MOST || up.held() + talk.up.pace.held() >= HELD_MOST,
      stop: talk.up.pace.stop,
    },
    down: {
      ...{ push: down.push, end: down.end },
      full: () => down.held() + talk.down.pace.held() >= HELD_MOST,
      stop: () => {
        requests.stop();
        talk.down.pace.stop();
      },
    },
    set: (conditions) => {
      talk.wanted = appointed(conditions, seed, connection).filter(({ condition }) => isAboutHttp(condition));
      if (!talk.wanted.some(({ condition }) => condition.kind === "http-slow")) {
        for (const { pace } of [talk.up, talk.down]) pace.hurry();
      }
      // A WebSocket has no requests to come: its messages are what is next.
      if (talk.socket !== null) {
        const { exchange } = talk.socket;
        exchange.verdict = judge(talk.wanted, exchange.head, seed, connection, exchange.number);
      }
      settle();
    },
  };
}
