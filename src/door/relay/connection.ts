import type { Socket } from "node:net";
import type { Tap } from "../../capture/decoders/tap.ts";
import { admission } from "../../conditions/chain.ts";
import { type Condition, isAboutHttp } from "../../conditions/conditions.ts";
import type { Left } from "../../conditions/http/conversation.ts";
import { type Follower, openFollower } from "../../conditions/http/follower.ts";
import type { End, Way } from "../../conditions/kinds/condition.ts";
import type { Timer } from "../../conditions/time/clock.ts";
import { monotonic } from "../../conditions/time/scheduler.ts";
import type { OnRead } from "../accept/accept.ts";
import { readAfterFailedWrite } from "../accept/failed-writes.ts";
import { dial } from "../upstream/dial.ts";
import type { Upstream } from "../upstream/upstream.ts";
import {
  type Count,
  type Direction,
  dropRest,
  ease,
  endDirection,
  followHttp,
  giveBack,
  nextBuffer,
  openDirection,
  setDirection,
  takeRead,
} from "./direction.ts";
import { openTurn, type TurnCount } from "./response-times.ts";

/** Once one side is gone, the other gets so long to take what is left and to close, ms; what it sends is dropped. */
const LINGER = 2_000;
/** The same before a reset is passed to a consumer in the middle of an upload, ms: it has an answer to read. */
const RESET_LINGER = 500;
const NOTHING = Buffer.alloc(0);

interface ConnectionOptions {
  readonly to: () => Upstream | null;
  /** Its sockets don't keep the process running. */
  readonly background: boolean;
  readonly seed: number;
  /** Its number within its relay. */
  readonly number: number;
  readonly up: Count;
  readonly down: Count;
  /** It doesn't speak HTTP that could be followed, though conditions are about HTTP. */
  readonly noHttp: (why: "tls" | "other") => void;
  readonly turns: TurnCount;
  /** How long connecting to the service may take, ms; undefined: as at the door. */
  readonly connectTime: number | undefined;
  /** The consumer is gone. */
  readonly left: () => void;
  /** Both sides are. */
  readonly closed: () => void;
}

/** One consumer's connection and the one to the service that belongs to it. */
export interface Connection {
  /** Where the consumer's bytes land. */
  readonly reading: { readonly buffer: () => Buffer; readonly callback: OnRead };
  /** `tap` reads along. */
  readonly accept: (client: Socket, conditions: readonly Condition[], tap: Tap | null) => void;
  readonly set: (conditions: readonly Condition[]) => void;
  /** Breaks it both ways, with a RST. */
  readonly reset: () => void;
  /** Closes both sockets as they are: what was written is still sent, then a FIN. */
  readonly drop: () => void;
}

interface State {
  readonly options: ConnectionOptions;
  readonly up: Direction;
  readonly down: Direction;
  readonly turn: ReturnType<typeof openTurn>;
  client: Socket | null;
  service: Socket | null;
  accepted: number;
  tap: Tap | null;
  /** The code of what broke first. */
  broken: string | null;
  /** Until the service may be connected to. */
  waiting: Timer | null;
  /** Stands in both ways while conditions are about HTTP. */
  follower: Follower | null;
  unfollowable: boolean;
  /** The service is gone or going, and the consumer was still sending to it. */
  cutUpload: boolean;
}

export function openConnection(options: ConnectionOptions): Connection {
  const { seed, number: connection } = options;
  const turn = openTurn(options.turns);
  const direction = (way: Way, came: (() => void) | null, went: (() => void) | null): Direction => {
    const delivered = (how: End) => tellTarget(c, way, how);
    return openDirection({ way, seed, connection, count: options[way], came, went, reset: () => reset(c), delivered });
  };
  const c: State = {
    ...{ options, turn, up: direction("up", turn.asked, null), down: direction("down", null, turn.answered) },
    ...{ client: null, service: null, accepted: 0, tap: null, broken: null },
    ...{ waiting: null, follower: null, unfollowable: false, cutUpload: false },
  };
  return {
    reading: { buffer: () => nextBuffer(c.up), callback: (length, bytes) => takeRead(c.up, length, bytes) },
    accept: (client, conditions, tap) => accept(c, client, conditions, tap),
    set: (conditions) => setConditions(c, conditions),
    reset: () => reset(c),
    drop: () => {
      c.client?.destroy();
      c.service?.destroy();
    },
  };
}

function accept(c: State, client: Socket, conditions: readonly Condition[], tap: Tap | null): void {
  c.client = client;
  c.tap = c.up.tap = c.down.tap = tap;
  c.accepted = monotonic.now();
  c.up.from = c.down.to = client;
  readAfterFailedWrite(client, () => dropRest(c.down));
  client.on("drain", () => ease(c.down));
  client.on("end", () => endDirection(c.up, "fin"));
  client.on("error", ({ code }: NodeJS.ErrnoException) => {
    c.broken ??= code ?? "EIO";
    endDirection(c.up, "reset");
  });
  client.on("close", () => clientClosed(c));
  if (conditions.length === 0) return connectService(c);
  admit(c, conditions);
  if (client.destroyed) return;
  setDirection(c.up, conditions, true);
  setDirection(c.down, conditions, true);
  follow(c, conditions, true);
}

/** Connects to the service when the conditions let it. */
function admit(c: State, conditions: readonly Condition[]): void {
  const { seed, number } = c.options;
  c.waiting?.cancel();
  const { refuse, delay } = admission(conditions, seed, number);
  // A reset, as a port that nobody listens on gives: a clean end would look like an empty answer.
  if (refuse) return reset(c);
  const left = c.accepted + delay - monotonic.now();
  if (left <= 0) return connectService(c);
  c.waiting = monotonic.at(c.accepted + delay, () => connectService(c));
  // Held back for good, it's read all the same: a consumer that leaves is noticed. The condition keeps the bytes.
  if (delay === Number.POSITIVE_INFINITY) c.client?.resume();
}

function connectService(c: State): void {
  const { up, down, options } = c;
  c.waiting = null;
  const to = options.to();
  if (to === null || c.client === null || c.client.destroyed) return reset(c);
  const service = dial(to, {
    onread: { buffer: () => nextBuffer(down), callback: (length, bytes) => takeRead(down, length, bytes) },
    // Reading starts with the service's answer to the connect: nothing is taken that could not be delivered.
    connected: () => {
      c.tap?.connected(monotonic.now());
      c.turn.begin(c.accepted);
      c.client?.resume();
    },
    refusing: () => {
      c.cutUpload = true;
      dropRest(up);
    },
    ...(options.connectTime !== undefined && { connectTime: options.connectTime }),
  });
  if (options.background) service.unref();
  c.service = up.to = down.from = service;
  service.on("drain", () => ease(up));
  service.on("end", () => endDirection(down, "fin"));
  service.on("error", ({ code }: NodeJS.ErrnoException) => {
    c.broken ??= code ?? "EIO";
    if (service.writableLength > 0 || up.bulk) c.cutUpload = true;
    endDirection(down, "reset");
  });
  service.on("close", () => serviceClosed(c));
}

/** What was written to the consumer is still delivered, and so is what a condition holds; what it sends is dropped. */
function serviceClosed(c: State): void {
  const { client, up, down } = c;
  giveBack(down);
  dropRest(up);
  if (!down.ended) client?.destroySoon();
  else if (down.told === "fin") closeLater(client, LINGER);
  if (client?.closed) c.options.closed();
}

function clientClosed(c: State): void {
  const { service, up, down } = c;
  c.tap?.closed(monotonic.now(), c.broken);
  c.waiting?.cancel();
  c.options.left();
  giveBack(up);
  dropRest(down);
  if (!up.ended) service?.destroy();
  else if (up.told === "fin") closeLater(service, LINGER);
  if (service?.closed ?? true) c.options.closed();
}

/** A source's end has arrived behind its bytes, or a condition made one while the source lives. */
function tellTarget(c: State, way: Way, how: End): void {
  const [from, to] = way === "up" ? [c.client, c.service] : [c.service, c.client];
  if (to === null) return;
  if (how === "fin") {
    to.end();
    if (from?.closed) closeLater(to, LINGER);
  } else if (how === "close") {
    to.destroySoon();
    from?.destroySoon();
  } else {
    resetLater(to, way === "down" && (c.cutUpload || c.up.dropped) && !c.up.ended);
    from?.destroy();
  }
}

/** Closes a socket whose other side is gone, unless it closes by itself before. */
function closeLater(socket: Socket | null, ms: number, close = (late: Socket): unknown => late.destroy()): void {
  if (socket === null || socket.destroyed) return;
  const timer = setTimeout(close, ms, socket).unref();
  socket.once("close", () => clearTimeout(timer));
}

/**
 * Resets a socket behind what was written to it. One that is `sending` may not have read that yet: its next failed write
 * would be its end for many programs. It gets time to.
 */
function resetLater(socket: Socket, sending: boolean): void {
  const behindWrites = () => void (socket.writable ? socket.write(NOTHING, () => breakOff(socket)) : breakOff(socket));
  if (sending) {
    closeLater(socket, RESET_LINGER, breakOff);
    socket.once("end", behindWrites);
  } else if (socket.writableLength > 0) {
    closeLater(socket, LINGER, breakOff);
    behindWrites();
  } else breakOff(socket);
}

/** Ends a socket with a RST. A Unix socket has none. */
function breakOff(socket: Socket): void {
  try {
    socket.resetAndDestroy();
  } catch {
    socket.destroy();
  }
}

function reset({ client, service }: State): void {
  if (client !== null) breakOff(client);
  if (service !== null) breakOff(service);
}

function setConditions(c: State, conditions: readonly Condition[]): void {
  if (c.client?.destroyed === false && c.waiting !== null) admit(c, conditions);
  setDirection(c.up, conditions);
  setDirection(c.down, conditions);
  follow(c, conditions, false);
}

function follow(c: State, conditions: readonly Condition[], fresh: boolean): void {
  if (c.follower === null) {
    if (c.unfollowable || !conditions.some(isAboutHttp)) return;
    const { up, down } = c;
    const { seed, number: connection } = c.options;
    const eased = () => {
      ease(up);
      ease(down);
    };
    c.follower = openFollower({
      ...{ clock: monotonic, seed, connection, up: up.target, down: down.toChain, fresh, eased },
      reset: () => reset(c),
      left: (why) => unfollow(c, why),
    });
    followHttp(up, c.follower.up);
    followHttp(down, c.follower.down);
  }
  c.follower.set(conditions);
}

function unfollow(c: State, why: Left): void {
  c.follower = null;
  followHttp(c.up, null);
  followHttp(c.down, null);
  c.unfollowable = why !== "removed";
  if (why === "tls" || why === "other") c.options.noHttp(why);
}
