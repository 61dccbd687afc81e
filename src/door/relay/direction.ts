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
/** What one read takes at the most while bulk flows, bytes: with 256 KiB it costs half of what 64 KiB do. */
const LARGE = 256 * 1024;
/** Large buffers kept for the next bulk. */
const SPARE_MOST = 8;
const spare: Buffer[] = [];

/** Bytes of one direction over all connections. */
export interface Count {
  /** Read from the source. */
  read: number;
  /** Of these, not yet with the target: held by a condition, or dropped by one. */
  withheld: number;
}

interface DirectionOptions {
  readonly way: Way;
  readonly seed: number;
  readonly connection: number;
  readonly count: Count;
  /** Bytes came from the source. */
  readonly came?: () => void;
  /** Bytes go to the target. */
  readonly went?: () => void;
  /** Sends a RST both ways. */
  readonly reset: () => void;
}

/** One direction: what is read from one socket is written to the other, straight or through conditions. */
export interface RelayDirection {
  /** For `onread`: asked after each read where the next one lands, and told of each. */
  readonly buffer: () => Buffer;
  readonly callback: (length: number, bytes: Uint8Array) => boolean;
  readonly join: (from: Socket) => void;
  readonly target: (to: Socket) => void;
  /** Whoever reads along: what comes on the way up, what is delivered on the way down. */
  readonly tap: (tap: Tap) => void;
  /** The source ended or broke: the target hears of it behind the bytes. */
  readonly end: (how: "fin" | "reset") => void;
  readonly ended: () => boolean;
  /** `fresh`: the connection is only being made. */
  readonly set: (conditions: readonly Condition[], fresh?: boolean) => void;
  /** Puts what follows HTTP's messages into the way, next to the service; null takes it out. */
  readonly follow: (followed: FollowedWay | null) => void;
  /** Where that hands on. */
  readonly onward: Output;
  /** Something was handed on: the source may be read again if there is room. */
  readonly eased: () => void;
  /** The target is gone: drops what is held. */
  readonly stop: () => void;
}

export function openDirection(options: DirectionOptions): RelayDirection {
  const { way, seed, connection, count, came, went, reset } = options;
  /** Its own large buffer, while it moves bulk; null: it reads into the shared one. */
  let own: Buffer | null = null;
  /** A write out of `own` is still under way: its bytes must stay as they are. */
  let inUse = false;
  let bulk = false;
  let from: Socket | undefined;
  let to: Socket | undefined;
  let chain: Chain | null = null;
  let followed: FollowedWay | null = null;
  /** What takes the bytes that were read; null: no condition, they go straight on. */
  let entry: Output | null = null;
  let tap: Tap | null = null;
  let ended = false;
  /** No read is under way until there is room. */
  let full = false;

  function giveBack(): void {
    if (own !== null && !inUse && spare.length < SPARE_MOST) spare.push(own);
    own = null;
    inUse = false;
  }

  function deliver(bytes: Buffer): void {
    count.withheld -= bytes.length;
    went?.();
    if (way === "down") tap?.down(bytes, monotonic.now());
    if (to?.writable) to.write(bytes);
  }

  function deliverEnd(how: End): void {
    if (to === undefined) return;
    if (how !== "reset") tap?.end(way, monotonic.now());
    if (how === "fin") to.end();
    else if (how === "reset") breakOff(to);
    else {
      to.destroySoon();
      from?.destroySoon();
    }
    // A condition may have said so, while the source lives.
    if (how === "reset") from?.destroy();
  }

  const target: Output = { push: deliver, end: deliverEnd };
  const toFollowed: Output = {
    push: (bytes, at) => (followed ?? target).push(bytes, at),
    end: (end, at) => (followed ?? target).end(end, at),
  };
  const toChain: Output = {
    push: (bytes, at) => (chain ?? target).push(bytes, at),
    end: (end, at) => (chain ?? target).end(end, at),
  };

  /** On the way up the messages are followed behind the conditions, on the way down before them. */
  function enter(): void {
    entry = way === "up" ? (chain ?? followed) : (followed ?? chain);
    if (full) goOn();
  }

  const noRoom = () => to?.writableNeedDrain === true || chain?.full() === true || followed?.full() === true;

  function goOn(): void {
    if (noRoom()) return;
    full = false;
    from?.resume();
  }

  function eased(): void {
    if (full) goOn();
  }

  return {
    buffer: () => {
      if (own !== null && (inUse || !bulk)) giveBack();
      if (bulk) own ??= spare.pop() ?? Buffer.allocUnsafeSlow(LARGE);
      return own ?? SHARED;
    },
    callback: (length, bytes) => {
      count.read += length;
      came?.();
      const read = bytes.subarray(0, length) as Buffer;
      if (tap !== null && way === "up") tap.up(read, monotonic.now());
      else if (tap !== null && entry === null) tap.down(read, monotonic.now());
      if (entry !== null) {
        count.withheld += length;
        bulk = length >= SMALL;
        // What a condition may hold is its own; what only passes the follower is written from where it lies.
        if (chain !== null || own === null) entry.push(Buffer.from(read), monotonic.now());
        else {
          entry.push(read, monotonic.now());
          inUse = to !== undefined && to.writableLength > 0;
        }
        full = noRoom();
        return !full;
      }
      if (to === undefined) return false;
      went?.();
      if (own === null) {
        to.write(Buffer.from(read));
        bulk = length === SMALL;
      } else {
        to.write(read);
        inUse = to.writableLength > 0;
        bulk = length >= SMALL;
      }
      full = to.writableNeedDrain;
      return !full;
    },
    join: (source) => {
      from = source;
    },
    target: (socket) => {
      to = socket;
      socket.on("drain", goOn);
    },
    tap: (reader) => {
      tap = reader;
    },
    end: (how) => {
      ended = true;
      if (entry === null) deliverEnd(how);
      else entry.end(how, monotonic.now());
    },
    ended: () => ended,
    set: (conditions, fresh = false) => {
      if (chain === null) {
        const here = conditions.some(({ direction }) => direction === "both" || direction === way);
        if (!here) return;
        const sink = way === "up" ? toFollowed : target;
        chain = openChain({ way, clock: monotonic, seed, connection, sink, reset, eased });
      }
      chain.set(conditions, fresh);
      if (chain.idle()) chain = null;
      enter();
    },
    follow: (wanted) => {
      followed = wanted;
      enter();
    },
    onward: way === "up" ? target : toChain,
    eased,
    stop: () => {
      chain?.stop();
      followed?.stop();
      to = undefined;
      giveBack();
    },
  };
}

/** Ends a socket with a RST. A Unix socket knows none. */
export function breakOff(socket: Socket): void {
  try {
    socket.resetAndDestroy();
  } catch {
    socket.destroy();
  }
}
