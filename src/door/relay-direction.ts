import type { Socket } from "node:net";
import type { Tap } from "../capture/tap.ts";
import { type Chain, openChain } from "../conditions/chain.ts";
import type { End, Way } from "../conditions/condition.ts";
import type { Condition } from "../conditions/conditions.ts";
import { monotonic } from "../conditions/scheduler.ts";

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
  /** Null: no condition, bytes go straight on. */
  let chain: Chain | null = null;
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
  }

  function goOn(): void {
    if (to?.writableNeedDrain || chain?.full()) return;
    full = false;
    from?.resume();
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
      else if (tap !== null && chain === null) tap.down(read, monotonic.now());
      if (chain !== null) {
        count.withheld += length;
        bulk = length >= SMALL;
        chain.push(Buffer.from(read), monotonic.now());
        full = to?.writableNeedDrain === true || chain?.full() === true;
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
      if (chain === null) deliverEnd(how);
      else chain.end(how, monotonic.now());
    },
    ended: () => ended,
    set: (conditions, fresh = false) => {
      if (chain === null) {
        const here = conditions.some(({ direction }) => direction === "both" || direction === way);
        if (!here) return;
        const sink = { push: deliver, end: deliverEnd };
        const eased = () => {
          if (full) goOn();
        };
        chain = openChain({ way, clock: monotonic, seed, connection, sink, reset, eased });
      }
      chain.set(conditions, fresh);
      if (chain.idle()) chain = null;
      if (full) goOn();
    },
    stop: () => {
      chain?.stop();
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
