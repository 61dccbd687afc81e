import type { Exchange } from "../../capture/exchange.ts";
import { type Fault, isFault } from "../../fault/fault.ts";
import { joined } from "./batch.ts";
import { type Row, rowOf } from "./row.ts";
import type { StoreLink } from "./store-link.ts";

/** Exchanges are gathered for so long before they are written, ms. */
const GATHER = 25;
/** Rows are made for so long at a time, ms: the event loop has others to serve. */
const SLICE = 4;
/** A batch ends with the exchange that passes this, bytes. */
const BATCH_BYTES = 2 * 1024 * 1024;

/** What one recording takes of what ends, on its way to the thread. */
export interface Feed {
  readonly id: number;
  /** An exchange ended. Quick: it is only queued. */
  readonly take: (exchange: Exchange) => void;
  /** No more comes. */
  readonly close: () => void;
  /** All that was taken is written, or will never be. */
  readonly written: () => Promise<void>;
  /** Exchanges that found no room in the queue. */
  readonly dropped: () => number;
  /** Lets everything go that isn't written; returns how many that were. */
  readonly abandon: () => number;
}

export interface FeedOptions {
  /** The recording's id in the store, and what its exchanges' numbers are shifted by. */
  readonly id: number;
  readonly shift: number;
  readonly matches: (exchange: Exchange) => boolean;
  /** Secrets are hidden before anything is written. */
  readonly redact: boolean;
  /** Bytes that wait, shared with other feeds, and their bound. */
  readonly load: { held: number; readonly most: number };
  readonly link: Pick<StoreLink, "call">;
  readonly failed: (why: Fault) => void;
}

export function openFeed({ id, shift, matches, redact, load, link, failed }: FeedOptions): Feed {
  let queue: Exchange[] = [];
  /** How many of the queue's first are under way. */
  let done = 0;
  /** Exchanges and bytes with the thread. */
  let away = 0;
  let dropped = 0;
  let open = true;
  let pumping = false;
  let settled: (() => void)[] = [];

  /** One batch at a time is with the thread: what a locked file keeps it from writing is known when it says so. */
  function pump(): void {
    const until = performance.now() + SLICE;
    const rows: Row[] = [];
    let bytes = 0;
    let charged = 0;
    let top = 0;
    while (done < queue.length && performance.now() < until && bytes < BATCH_BYTES) {
      const exchange = queue[done++];
      if (exchange === undefined) break;
      const row = rowOf(exchange, shift);
      rows.push(row);
      bytes += row.bytes;
      charged += exchange.charged;
      top = Math.max(top, exchange.seq + shift);
    }
    if (done === queue.length) {
      queue = [];
      done = 0;
    }
    if (rows.length > 0) void send(rows, charged, top);
    else pumping = false;
  }

  /** An error in here ends recording and nothing else. */
  function safely(): void {
    try {
      pump();
    } catch (error) {
      pumping = false;
      failed({ fault: "INTERNAL", message: error instanceof Error ? error.message : String(error) });
    }
  }

  async function send(rows: readonly Row[], charged: number, top: number): Promise<void> {
    away += rows.length;
    const batch = { ...joined(rows), top };
    const result = await link.call(redact ? "writeRedacted" : "write", [id, batch], { transfer: [batch.bytes.buffer] });
    load.held -= charged;
    if (isFault(result)) failed(result);
    away -= rows.length;
    pumping = queue.length > 0;
    if (pumping) setImmediate(safely);
    else settle();
  }

  function settle(): void {
    if (away > 0 || queue.length > 0) return;
    for (const one of settled) one();
    settled = [];
  }

  return {
    id,
    take: (exchange) => {
      if (!open || !matches(exchange)) return;
      if (load.held + exchange.charged > load.most) {
        dropped++;
        return;
      }
      load.held += exchange.charged;
      queue.push(exchange);
      if (pumping) return;
      pumping = true;
      setTimeout(safely, GATHER);
    },
    close: () => {
      open = false;
    },
    written: () =>
      new Promise((resolve) => {
        settled.push(resolve);
        settle();
      }),
    dropped: () => dropped,
    abandon: () => {
      open = false;
      for (const exchange of queue.slice(done)) load.held -= exchange.charged;
      const lost = queue.length - done + away;
      queue = [];
      done = 0;
      settle();
      return lost;
    },
  };
}
