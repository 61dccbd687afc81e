import { MAX_FOLLOWED_HEAD } from "../../http1/fields.ts";
import { requestReader, responseReader } from "../../http1/messages.ts";
import { selectedFor } from "../chain.ts";
import { type Condition, isAboutHttp } from "../conditions.ts";
import type { Output, Way } from "../kinds/condition.ts";
import { openBodyPacer } from "./body-pacer.ts";
import { type Conversation, type FollowerOptions, type Side, settle } from "./conversation.ts";
import type { FollowedRequest } from "./followed-request.ts";
import { openLaneBuffer } from "./lane-buffer.ts";
import { consumerEnded, readFromConsumer } from "./requests.ts";
import { readFromService, serviceEnded } from "./responses.ts";
import { verdictOn } from "./verdict.ts";

/** A direction is full from here on, bytes. */
const HELD_MOST = 64 * 1024;
/** Requests that wait for their turn to be answered. */
const WAITING_MOST = 1_000;

/**
 * Follows HTTP/1 through one connection, next to the service: pairs requests with responses and does to them what the
 * conditions say. Its messages are read as the door and the capture read them (`http1/messages.ts`). Bytes that no condition is
 * about pass unchanged and at once, heads as soon as they are whole; once a message can't be read, all of them do. A follower
 * that comes over a live connection assumes that all earlier requests are answered when the first one that it sees begins.
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
  const c = newConversation(options);
  const { up, down } = c;
  return {
    up: {
      ...{ push: up.buffer.push, end: up.buffer.end },
      full: () => c.exchanges.length >= WAITING_MOST || isFull(up),
      stop: up.pacer.stop,
    },
    down: {
      ...{ push: down.buffer.push, end: down.buffer.end },
      full: () => isFull(down),
      stop: () => {
        c.quiet?.cancel();
        down.pacer.stop();
      },
    },
    set: (conditions) => setConditions(c, conditions),
  };
}

function newConversation(options: FollowerOptions): Conversation {
  const { clock, eased } = options;
  const { now } = clock;
  const c: Conversation = {
    ...{ options, wanted: [], number: 0, exchanges: [], asking: null, socket: null },
    ...{ replied: false, others: 0, quiet: null, asked: false, keptEnd: null, over: false, left: false },
    up: {
      ...{ way: "up", reader: requestReader(MAX_FOLLOWED_HEAD), body: null },
      buffer: openLaneBuffer({
        now,
        read: (bytes, at) => readFromConsumer(c, bytes, at),
        ended: (how, at, rest) => consumerEnded(c, how, at, rest),
      }),
      ...{ pacer: openBodyPacer(clock, options.up, eased), out: options.up },
    },
    down: {
      ...{ way: "down", reader: responseReader(), body: null },
      buffer: openLaneBuffer({
        now,
        read: (bytes, at) => readFromService(c, bytes, at),
        ended: (how, at, rest) => serviceEnded(c, how, at, rest),
      }),
      ...{ pacer: openBodyPacer(clock, options.down, eased), out: options.down },
    },
  };
  return c;
}

function isFull({ buffer, pacer }: Side): boolean {
  return buffer.held() + pacer.held() >= HELD_MOST;
}

function setConditions(c: Conversation, conditions: readonly Condition[]): void {
  const { seed, connection } = c.options;
  c.wanted = selectedFor(conditions, seed, connection).filter(({ condition }) => isAboutHttp(condition));
  // A body under way gets its new rate at once, as bytes under a bandwidth do.
  changeRate(c, "up", c.asking);
  changeRate(c, "down", c.exchanges[0]);
  // A WebSocket has no requests to come: the new conditions are for its next messages.
  if (c.socket !== null) {
    const { exchange } = c.socket;
    exchange.verdict = verdictOn(c.wanted, exchange.head, seed, connection, exchange.number);
  }
  settle(c);
}

function changeRate(c: Conversation, way: Way, exchange: FollowedRequest | null | undefined): void {
  const { seed, connection } = c.options;
  if (exchange?.verdict[way].slow === undefined) return;
  const { slow } = verdictOn(c.wanted, exchange.head, seed, connection, exchange.number)[way];
  const { slow: _, ...others } = exchange.verdict[way];
  exchange.verdict = { ...exchange.verdict, [way]: slow === undefined ? others : { ...others, slow } };
  c[way].pacer.change(slow);
}
