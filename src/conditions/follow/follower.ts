import { BROKEN, GOES_ON } from "../../http1/chunks.ts";
import { isRefusal, MAX_HEAD } from "../../http1/fields.ts";
import { parseRequestHead, type RequestHead } from "../../http1/request-head.ts";
import { parseResponseHead } from "../../http1/response-head.ts";
import { type Appointed, appointed } from "../chain.ts";
import type { Clock, Timer } from "../clock.ts";
import type { End, Output, Way } from "../condition.ts";
import { type Condition, isAboutHttp } from "../conditions.ts";
import { randomFor } from "../random.ts";
import { answerInStead } from "./answer.ts";
import { type Body, CUT, openBody } from "./body.ts";
import { beginsRequest, beginsResponse, beginsTls } from "./first-bytes.ts";
import { openLane } from "./lane.ts";
import { openPace } from "./pace.ts";
import { judge, UNHARMED, type Verdict } from "./verdict.ts";
import { type Messages, openMessages } from "./websocket.ts";

const HEAD_END = Buffer.from("\r\n\r\n");
const HEAD_MOST = 4 * MAX_HEAD;
const CONTINUE = Buffer.from("HTTP/1.1 100 Continue\r\n\r\n");
/** A direction is full from here on, bytes. */
const HELD_MOST = 64 * 1024;
/** Requests that wait for their turn to be answered. */
const WAITING_MOST = 1_000;
/** What begins like a request but doesn't go on is some other protocol's word after this time, ms. */
const QUIET_MS = 2_000;

/**
 * Why a follower stands no longer in the way. `removed`: no condition is about HTTP any more. `other`: it's no HTTP/1, or none
 * that can be followed. `switched`: the connection speaks another protocol from here on.
 */
export type Left = "removed" | "tls" | "other" | "switched";

export interface FollowerOptions {
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
 * conditions say. Bytes that no condition is about pass unchanged and at once, heads as soon as they're whole.
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

/** A request that has not been answered. */
interface Exchange {
  readonly head: RequestHead;
  readonly number: number;
  verdict: Verdict;
  /** All of the request was there. */
  whole: boolean;
  answered: boolean;
  /** The consumer was told to send the body. */
  continued: boolean;
}

export function openFollower(options: FollowerOptions): Follower {
  const { clock, seed, connection, fresh, eased } = options;
  let wanted: readonly Appointed[] = [];
  let number = 0;
  const exchanges: Exchange[] = [];
  let last: RequestHead | null = null;
  let asking: Exchange | null = null;
  let upBody: Body | null = null;
  let downBody: Body | null = null;
  /** Once it's a WebSocket of which messages may get lost. */
  let socket: { readonly exchange: Exchange; readonly up: Messages; readonly down: Messages } | null = null;
  /** Nothing passes any more, one way or both. */
  let over = false;
  let left = false;
  let upEnded = false;
  /** The service's end, which nobody is told while a lost request is waited for. */
  let keptEnd: End | null = null;
  let quiet: Timer | null = null;

  const up = openLane({ now: clock.now, read: readUp, ended: endUp });
  const down = openLane({ now: clock.now, read: readDown, ended: endDown });
  const upPace = openPace(clock, options.up, eased);
  const downPace = openPace(clock, options.down, eased);

  function leave(why: Left): void {
    if (left || over) return;
    // An answer is owed that has no place any more.
    if (why !== "removed" && exchanges.some(({ verdict }) => verdict.fate !== "pass")) return options.reset();
    left = true;
    quiet?.cancel();
    upPace.hurry();
    downPace.hurry();
    up.straighten(options.up);
    down.straighten(options.down);
    options.left(why);
  }

  // The consumer's side.

  function readUp(bytes: Buffer, at: number): number {
    if (socket !== null) {
      socket.up.take(bytes, at);
      settle();
      return bytes.length;
    }
    if (upBody === null) return readRequest(bytes, at);
    const end = upBody.take(bytes, at);
    if (end === GOES_ON) return bytes.length;
    if (end === BROKEN) {
      leave("other");
      return left ? 0 : bytes.length;
    }
    upBody = null;
    if (end === CUT) {
      cut("up");
      return bytes.length;
    }
    up.block();
    upPace.finish(() => {
      up.unblock();
      asked();
    });
    return end;
  }

  function readRequest(bytes: Buffer, at: number): number {
    quiet?.cancel();
    const begins = beginsRequest(bytes);
    // In the middle of a connection: what is no request's beginning is the rest of something.
    if (number === 0 && !fresh && begins !== "yes") {
      options.up.push(bytes, at);
      return bytes.length;
    }
    const end = begins === "yes" ? bytes.indexOf(HEAD_END) + 4 : 3;
    if (begins === "no" || (end === 3 && bytes.length > HEAD_MOST)) {
      leave(beginsTls(bytes) ? "tls" : "other");
      return left ? 0 : bytes.length;
    }
    if (end === 3) {
      if (begins === "maybe" && number === 0) quiet = clock.at(clock.now() + QUIET_MS, () => leave("other"));
      return 0;
    }
    const head = parseRequestHead(bytes.toString("latin1", 0, end), last);
    if (isRefusal(head)) {
      leave("other");
      return left ? 0 : bytes.length;
    }
    last = head;
    const verdict = judge(wanted, head, seed, connection, number);
    const exchange = { head, number: number++, verdict, whole: false, answered: false, continued: false };
    exchanges.push(exchange);
    asking = exchange;
    return take(exchange, bytes, end, at);
  }

  /** A request whose head is `bytes[0, end)`. */
  function take(exchange: Exchange, bytes: Buffer, end: number, at: number): number {
    const { head, verdict } = exchange;
    if (verdict.fate === "drop") {
      // Whatever is answered to later requests would pass for this one's answer: they are lost too.
      up.straighten({ push: () => {}, end: endUp });
      return bytes.length;
    }
    const passes = verdict.fate === "pass";
    const harm = passes ? verdict.up : UNHARMED;
    const bodiless = head.framing === "none";
    if (bodiless && harm.cut !== undefined) {
      options.up.push(bytes.subarray(0, end - 1), at);
      cut("up");
      return bytes.length;
    }
    if (passes) options.up.push(loses(verdict) ? uncompressed(head) : bytes.subarray(0, end), at);
    if (bodiless) asked();
    else {
      const random = randomFor(seed, connection, "body", exchange.number, "up");
      upBody = openBody(head, harm, random, passes ? upPace.begin(harm.slow) : () => {});
      turn();
    }
    return end;
  }

  function asked(): void {
    if (asking === null) return;
    asking.whole = true;
    // What follows may be HTTP's or the new protocol's: the response tells.
    if (asking.head.upgrade !== null && asking.verdict.fate === "pass" && !asking.answered) up.block();
    turn();
  }

  function endUp(how: End, at: number, rest: Buffer | null = null): void {
    upEnded = true;
    if (rest !== null) options.up.push(rest, at);
    upPace.finish(() => options.up.end(how, clock.now()));
    if (keptEnd !== null) options.down.end(keptEnd, at);
  }

  // The service's side.

  function readDown(bytes: Buffer, at: number): number {
    if (socket !== null) {
      socket.down.take(bytes, at);
      settle();
      return bytes.length;
    }
    const [exchange] = exchanges;
    if (downBody === null) return readResponse(exchange, bytes, at);
    const end = downBody.take(bytes, at);
    if (end === GOES_ON) return bytes.length;
    if (end === BROKEN) {
      leave("other");
      return left ? 0 : bytes.length;
    }
    downBody = null;
    if (end === CUT) {
      cut("down");
      return bytes.length;
    }
    down.block();
    downPace.finish(() => {
      down.unblock();
      answered();
    });
    return end;
  }

  function readResponse(exchange: Exchange | undefined, bytes: Buffer, at: number): number {
    if (exchange === undefined) {
      // Nobody asked. Before the first request that is seen it's an older one's answer, or a protocol whose server begins.
      if (number > 0 || fresh) leave(number > 0 ? "switched" : "other");
      else options.down.push(bytes, at);
      return left ? 0 : bytes.length;
    }
    // What the service says to nobody in particular (that it closes an idle connection) has no place here.
    if (exchange.verdict.fate !== "pass") return bytes.length;
    const end = bytes.indexOf(HEAD_END) + 4;
    if (end === 3 && bytes.length <= HEAD_MOST && beginsResponse(bytes)) return 0;
    const head = end === 3 ? null : parseResponseHead(bytes.toString("latin1", 0, end), exchange.head.method);
    if (head === null || isRefusal(head)) {
      leave("other");
      return left ? 0 : bytes.length;
    }
    const { down: harm } = exchange.verdict;
    const final = head.status >= 200;
    if (final && head.framing === "none" && harm.cut !== undefined) {
      options.down.push(bytes.subarray(0, end - 1), at);
      cut("down");
      return bytes.length;
    }
    options.down.push(bytes.subarray(0, end), at);
    if (head.status === 101) switchProtocols(exchange);
    else if (final && head.framing === "none") answered();
    else if (final) {
      const random = randomFor(seed, connection, "body", exchange.number, "down");
      downBody = openBody(head, harm, random, downPace.begin(harm.slow));
    }
    return end;
  }

  function switchProtocols(exchange: Exchange): void {
    exchanges.shift();
    exchange.answered = true;
    if (!loses(exchange.verdict)) return leave("switched");
    const messages = (way: Way, { push }: Output) => {
      const rate = () => exchange.verdict[way].lose ?? 0;
      return openMessages(rate, randomFor(seed, connection, "messages", exchange.number, way), push);
    };
    socket = { exchange, up: messages("up", options.up), down: messages("down", options.down) };
    up.unblock();
  }

  /** The first exchange has its answer. */
  function answered(): void {
    const exchange = exchanges.shift();
    if (exchange !== undefined) exchange.answered = true;
    if (exchange?.head.upgrade !== null) up.unblock();
    turn();
  }

  function endDown(how: End, at: number, rest: Buffer | null = null): void {
    const [exchange] = exchanges;
    if (exchange?.verdict.fate === "drop" && !upEnded) {
      keptEnd = how;
      return;
    }
    if (rest !== null) options.down.push(rest, at);
    const cutHow = downBody?.untilClose ? exchange?.verdict.down.cut?.how : undefined;
    downPace.finish(() => options.down.end(cutHow ?? how, clock.now()));
  }

  // Both.

  /** Gives the answers whose turn has come. */
  function turn(): void {
    for (let [first] = exchanges; first?.verdict.fate === "answer"; [first] = exchanges) {
      if (!first.whole) {
        if (first.head.expectsContinue && !first.continued) options.down.push(CONTINUE, clock.now());
        first.continued = true;
        break;
      }
      exchanges.shift();
      options.down.push(answerInStead(first.head, first.verdict.status), clock.now());
      if (!first.head.keepAlive) {
        finish("down", "close");
        break;
      }
    }
    eased();
    settle();
  }

  /** Ends a message before its end. */
  function cut(way: Way): void {
    const { verdict } = (way === "up" ? asking : exchanges[0]) ?? {};
    const how = verdict?.[way].cut?.how ?? "reset";
    (way === "up" ? upPace : downPace).finish(() => finish(way, how));
    close();
  }

  function finish(way: Way, how: "reset" | "close"): void {
    close();
    // Upwards the socket is next: what was handed on is with the service already.
    if (way === "up" && how === "reset") options.reset();
    else options[way].end(how, clock.now());
  }

  /** Nothing more is read, either way; a consumer that leaves is still noticed. */
  function close(): void {
    if (over) return;
    over = true;
    quiet?.cancel();
    up.straighten({ push: () => {}, end: options.up.end });
    down.straighten({ push: () => {}, end: () => {} });
  }

  /** Leaves as soon as nothing is to be done any more. */
  function settle(): void {
    if (wanted.length > 0 || over || left) return;
    if (socket !== null ? !(socket.up.between() && socket.down.between()) : exchanges.some(harmed)) return;
    if (socket === null && upBody !== null && asking !== null && harmed(asking)) return;
    leave("removed");
  }

  return {
    up: {
      ...{ push: up.push, end: up.end },
      full: () => exchanges.length >= WAITING_MOST || up.held() + upPace.held() >= HELD_MOST,
      stop: upPace.stop,
    },
    down: {
      ...{ push: down.push, end: down.end },
      full: () => down.held() + downPace.held() >= HELD_MOST,
      stop: () => {
        quiet?.cancel();
        downPace.stop();
      },
    },
    set: (conditions) => {
      wanted = appointed(conditions, seed, connection).filter(({ condition }) => isAboutHttp(condition));
      if (!wanted.some(({ condition }) => condition.kind === "http-slow")) {
        upPace.hurry();
        downPace.hurry();
      }
      // A WebSocket has no requests to come: its messages are what is next.
      if (socket !== null) {
        const { exchange } = socket;
        exchange.verdict = judge(wanted, exchange.head, seed, connection, exchange.number);
      }
      settle();
    },
  };
}

const loses = ({ up, down }: Verdict) => up.lose !== undefined || down.lose !== undefined;

function harmed({ verdict: { fate, up, down } }: Exchange): boolean {
  return fate !== "pass" || Object.keys(up).length + Object.keys(down).length > 0;
}

/** Its head without the extensions that compress a WebSocket: each message stands for itself then. */
function uncompressed(head: RequestHead): Buffer {
  return Buffer.from(head.text.replace(/\r\nsec-websocket-extensions:[^\r]*/gi, ""), "latin1");
}
