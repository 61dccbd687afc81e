import type { Socket } from "node:net";
import type { Tap } from "../../capture/decoders/tap.ts";
import { type Chain, openChain } from "../../conditions/chain.ts";
import type { Condition } from "../../conditions/conditions.ts";
import type { FollowedWay } from "../../conditions/http/follower.ts";
import type { End, Output, Way } from "../../conditions/kinds/condition.ts";
import { monotonic } from "../../conditions/time/scheduler.ts";

/** Reads of up to this size, bytes, land in one buffer for all connections and are copied: idle ones cost no memory. */
const SMALL = 16 * 1024;
const SHARED = Buffer.allocUnsafeSlow(SMALL);
/** The largest read while bulk flows, bytes: 256 KiB cost half of what 64 KiB do. */
const LARGE = 256 * 1024;
/** Large buffers kept for the next bulk. */
const SPARE_MOST = 8;
const spare: Buffer[] = [];

/** Bytes of one direction over all connections. */
export interface Count {
  /** Read from the source. */
  read: number;
  /** Of these, not yet with the target: held by a condition, or dropped. */
  withheld: number;
}

interface DirectionOptions {
  readonly way: Way;
  readonly seed: number;
  /** The connection's number. */
  readonly connection: number;
  readonly count: Count;
  /** Bytes came from the source; null: nobody asks. */
  readonly came: (() => void) | null;
  /** Bytes go to the target. */
  readonly went: (() => void) | null;
  /** Sends a RST both ways. */
  readonly reset: () => void;
  /** The end reached the front: everything before it was written to the target, which is to be told now. */
  readonly delivered: (how: End) => void;
}

/** One direction: what is read from one socket is written to the other, straight or through conditions. */
export interface Direction {
  readonly options: DirectionOptions;
  from: Socket | null;
  to: Socket | null;
  /** Its own large buffer, while it moves bulk; null: it reads into the shared one. */
  own: Buffer | null;
  /** A write out of `own` is still under way: its bytes must not change. */
  inUse: boolean;
  bulk: boolean;
  chain: Chain | null;
  followed: FollowedWay | null;
  /** What takes the bytes that were read; null: no condition, they go straight on. */
  entry: Output | null;
  /** Reads along what comes on the way up, what is delivered on the way down. */
  tap: Tap | null;
  /** The source ended or broke. */
  ended: boolean;
  /** What the target was told of the source's end. */
  told: End | null;
  /** No read is under way until there is room. */
  full: boolean;
  /** The target takes nothing more: what is read is dropped. */
  dropping: boolean;
  /** Something was: the source hasn't noticed. */
  dropped: boolean;
  /** The sockets and stages behind `entry`, as outputs. */
  readonly target: Output;
  readonly toFollowed: Output;
  readonly toChain: Output;
}

export function openDirection(options: DirectionOptions): Direction {
  const d: Direction = {
    options,
    ...{ from: null, to: null, own: null, inUse: false, bulk: false },
    ...{ chain: null, followed: null, entry: null, tap: null },
    ...{ ended: false, told: null, full: false, dropping: false, dropped: false },
    target: { push: (bytes) => deliver(d, bytes), end: (how) => deliverEnd(d, how) },
    toFollowed: {
      push: (bytes, at) => (d.followed ?? d.target).push(bytes, at),
      end: (how, at) => (d.followed ?? d.target).end(how, at),
    },
    toChain: {
      push: (bytes, at) => (d.chain ?? d.target).push(bytes, at),
      end: (how, at) => (d.chain ?? d.target).end(how, at),
    },
  };
  return d;
}

/** For `onread`: where the next read lands. Asked at first, by each attempt to connect, and after each read. */
export function nextBuffer(d: Direction): Buffer {
  if (d.own !== null && (d.inUse || !d.bulk)) giveBack(d);
  if (d.bulk) d.own ??= spare.pop() ?? Buffer.allocUnsafeSlow(LARGE);
  return d.own ?? SHARED;
}

/** Only where no read can land in it any more: behind a read, or once the source is closed. */
export function giveBack(d: Direction): void {
  if (d.own !== null && !d.inUse && spare.length < SPARE_MOST) spare.push(d.own);
  d.own = null;
  d.inUse = false;
}

/** For `onread`: bytes came. False stops reading until there is room. */
export function takeRead(d: Direction, length: number, bytes: Uint8Array): boolean {
  const { to, options } = d;
  options.count.read += length;
  if (d.dropping) {
    options.count.withheld += length;
    d.dropped = true;
    return true;
  }
  options.came?.();
  const read = bytes.subarray(0, length) as Buffer;
  if (d.tap !== null) {
    if (options.way === "up") d.tap.up(read, monotonic.now());
    else if (d.entry === null) d.tap.down(read, monotonic.now());
  }
  if (d.entry !== null) return takeInto(d, d.entry, read);
  if (to === null) return false;
  options.went?.();
  if (d.own === null) {
    to.write(Buffer.from(read));
    d.bulk = length === SMALL;
  } else {
    to.write(read);
    d.inUse = to.writableLength > 0;
    d.bulk = length >= SMALL;
  }
  // A write that failed has nothing to wait for.
  d.full = to.writableNeedDrain && !d.dropping;
  return !d.full;
}

function takeInto(d: Direction, entry: Output, read: Buffer): boolean {
  d.options.count.withheld += read.length;
  d.bulk = read.length >= SMALL;
  // What a condition may hold is its own; what only passes the follower is written from where it lies.
  if (d.chain !== null || d.own === null) entry.push(Buffer.from(read), monotonic.now());
  else {
    entry.push(read, monotonic.now());
    d.inUse = d.to !== null && d.to.writableLength > 0;
  }
  d.full = hasNoRoom(d) && !d.dropping;
  return !d.full;
}

/** `how`: the source sent its end, or broke. The target hears of it behind the bytes. */
export function endDirection(d: Direction, how: "fin" | "reset"): void {
  d.ended = true;
  if (d.entry === null || d.dropping) deliverEnd(d, how);
  else d.entry.end(how, monotonic.now());
}

function deliver(d: Direction, bytes: Buffer): void {
  const { count, went, way } = d.options;
  if (d.dropping) return;
  count.withheld -= bytes.length;
  went?.();
  if (way === "down") d.tap?.down(bytes, monotonic.now());
  if (d.to?.writable) d.to.write(bytes);
}

function deliverEnd(d: Direction, how: End): void {
  if (d.to === null) return;
  if (how !== "reset" && !d.dropping) d.tap?.end(d.options.way, monotonic.now());
  d.told = how;
  d.options.delivered(how);
}

/** Puts what follows HTTP's messages into the way, next to the service; null takes it out. */
export function followHttp(d: Direction, followed: FollowedWay | null): void {
  d.followed = followed;
  enter(d);
}

/** `fresh`: the connection is only being made. */
export function setDirection(d: Direction, conditions: readonly Condition[], fresh = false): void {
  const { way, seed, connection, reset } = d.options;
  if (d.dropping) return;
  if (d.chain === null) {
    const here = conditions.some(({ direction }) => direction === "both" || direction === way);
    if (!here) return;
    const sink = way === "up" ? d.toFollowed : d.target;
    d.chain = openChain({ way, clock: monotonic, seed, connection, sink, reset, eased: () => ease(d) });
  }
  d.chain.set(conditions, fresh);
  if (d.chain.idle()) d.chain = null;
  enter(d);
}

/** On the way up the messages are followed behind the conditions, on the way down before them. */
function enter(d: Direction): void {
  d.entry = d.options.way === "up" ? (d.chain ?? d.followed) : (d.followed ?? d.chain);
  ease(d);
}

function hasNoRoom({ to, chain, followed }: Direction): boolean {
  return to?.writableNeedDrain === true || chain?.full() === true || followed?.full() === true;
}

/** Something was handed on, or the target takes bytes again: the source is read on if there is room. */
export function ease(d: Direction): void {
  if (!d.full || (!d.dropping && hasNoRoom(d))) return;
  d.full = false;
  d.from?.resume();
}

/** The target takes nothing more: what is held is dropped, and so is what the source still sends. */
export function dropRest(d: Direction): void {
  if (d.dropping) return;
  d.dropping = true;
  d.chain?.stop();
  d.followed?.stop();
  // Its large buffer goes back behind the next read, which may land in it yet.
  d.bulk = false;
  d.full = false;
  d.from?.resume();
}
