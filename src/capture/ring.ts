import type { Exchange } from "./exchange.ts";
import { createPacked } from "./packed.ts";

/** What the ring holds at the most. */
export interface RingBounds {
  readonly exchanges: number;
  /** Heads, bodies, messages, and BASE for each exchange. */
  readonly bytes: number;
}

/** The last 100,000 exchanges and 128 MiB of them. */
const RING_BOUNDS: RingBounds = { exchanges: 100_000, bytes: 128 * 1024 * 1024 };
/** What an exchange costs beside its texts and bodies, bytes. */
export const BASE = 640;
/**
 * So many of those that ended last stay objects, for whoever looks at them at once; the others are packed. Few: what lives
 * through a collection of young objects is copied by it.
 */
const LOOSE = 16;

/** The last exchanges, by number. The oldest go when there are too many, or too many bytes. */
export interface Ring {
  readonly add: (exchange: Exchange) => void;
  /** One that is over and older comes as a new object each time: tell exchanges by their numbers. */
  readonly get: (seq: number) => Exchange | undefined;
  /** It is over: it may be packed, and changes no more. */
  readonly ended: (exchange: Exchange) => void;
  /** Charges an exchange that grew. */
  readonly charge: (exchange: Exchange, bytes: number) => void;
  /** Number of the oldest that is there, and of the newest; `newest < oldest` where there is none. */
  readonly oldest: () => number;
  readonly newest: () => number;
  readonly bytes: () => number;
  readonly clear: () => void;
}

export function createRing(bounds: RingBounds = RING_BOUNDS): Ring {
  const slots: (Exchange | undefined)[] = [];
  const packed = createPacked();
  let oldest = 1;
  let newest = 0;
  let bytes = 0;
  /** Numbers of those that ended last. */
  const loose = new Float64Array(LOOSE);
  let ends = 0;

  function dropOldest(): void {
    const seq = oldest++;
    const at = seq % bounds.exchanges;
    bytes -= slots[at]?.charged ?? packed.charged(seq);
    slots[at] = undefined;
    packed.dropUpTo(seq);
  }

  function pack(seq: number): void {
    if (seq < oldest || seq > newest) return;
    const at = seq % bounds.exchanges;
    const exchange = slots[at];
    if (exchange !== undefined && packed.put(exchange)) slots[at] = undefined;
  }

  return {
    add: (exchange) => {
      const { seq } = exchange;
      if (newest < oldest) oldest = seq;
      newest = seq;
      while (newest - oldest >= bounds.exchanges) dropOldest();
      slots[seq % bounds.exchanges] = exchange;
      bytes += exchange.charged;
      while (bytes > bounds.bytes && oldest < newest) dropOldest();
    },
    ended: ({ seq }) => {
      const at = ends++ % LOOSE;
      pack(loose[at] ?? 0);
      loose[at] = seq;
    },
    get: (seq) => (seq < oldest || seq > newest ? undefined : (slots[seq % bounds.exchanges] ?? packed.get(seq))),
    charge: (exchange, more) => {
      exchange.charged += more;
      // One that has left the ring, or is packed, lives only as long as its connection.
      if (slots[exchange.seq % bounds.exchanges] !== exchange) return;
      bytes += more;
      while (bytes > bounds.bytes && oldest < newest) dropOldest();
    },
    oldest: () => oldest,
    newest: () => newest,
    bytes: () => bytes,
    clear: () => {
      while (oldest <= newest) dropOldest();
      bytes = 0;
    },
  };
}
