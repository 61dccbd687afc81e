import type { Exchange } from "../../capture/exchange.ts";
import { type Fault, isFault } from "../../fault/fault.ts";
import { newSlices } from "../slices.ts";
import { joined } from "./batch.ts";
import { type Row, rowOf } from "./row.ts";
import type { StoreLink } from "./store-link.ts";

/** Exchanges are gathered for so long before they are written, ms. */
const GATHER = 25;
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

interface State {
  readonly options: FeedOptions;
  queue: Exchange[];
  /** How many of the queue's first are under way. */
  done: number;
  /** Exchanges that are with the thread. */
  away: number;
  dropped: number;
  open: boolean;
  /** A batch is being gathered, made, or written. */
  pumping: boolean;
  /** Callbacks that wait until all is written. */
  waiting: (() => void)[];
}

export function openFeed(options: FeedOptions): Feed {
  const feed: State = {
    options,
    ...{ queue: [], done: 0, away: 0, dropped: 0, open: true, pumping: false, waiting: [] },
  };
  return {
    id: options.id,
    take: (exchange) => take(feed, exchange),
    close: () => {
      feed.open = false;
    },
    written: () =>
      new Promise((resolve) => {
        feed.waiting.push(resolve);
        settle(feed);
      }),
    dropped: () => feed.dropped,
    abandon: () => abandon(feed),
  };
}

function take(feed: State, exchange: Exchange): void {
  const { matches, load } = feed.options;
  if (!feed.open || !matches(exchange)) return;
  if (load.held + exchange.charged > load.most) {
    feed.dropped++;
    return;
  }
  load.held += exchange.charged;
  feed.queue.push(exchange);
  if (feed.pumping) return;
  feed.pumping = true;
  setTimeout(() => safely(feed), GATHER);
}

/** An error in here ends recording and nothing else. */
function safely(feed: State): void {
  try {
    pump(feed);
  } catch (error) {
    feed.pumping = false;
    feed.options.failed({ fault: "INTERNAL", message: error instanceof Error ? error.message : String(error) });
  }
}

/** One batch at a time is with the thread: whether it was written is known only from its answer. */
function pump(feed: State): void {
  const { queue, options } = feed;
  const { shift } = options;
  const slice = newSlices();
  const rows: Row[] = [];
  let bytes = 0;
  let charged = 0;
  let top = 0;
  while (feed.done < queue.length && !slice.isOver() && bytes < BATCH_BYTES) {
    const exchange = queue[feed.done++];
    if (exchange === undefined) break;
    const row = rowOf(exchange, shift);
    rows.push(row);
    bytes += row.bytes;
    charged += exchange.charged;
    top = Math.max(top, exchange.seq + shift);
  }
  if (feed.done === queue.length) {
    feed.queue = [];
    feed.done = 0;
  }
  if (rows.length > 0) void send(feed, rows, charged, top);
  else feed.pumping = false;
}

async function send(feed: State, rows: readonly Row[], charged: number, top: number): Promise<void> {
  const { id, link, load, redact, failed } = feed.options;
  feed.away += rows.length;
  const batch = { ...joined(rows), top };
  const result = await link.call(redact ? "writeRedacted" : "write", [id, batch], { transfer: [batch.bytes.buffer] });
  load.held -= charged;
  if (isFault(result)) failed(result);
  feed.away -= rows.length;
  feed.pumping = feed.queue.length > 0;
  if (feed.pumping) setImmediate(() => safely(feed));
  else settle(feed);
}

function settle(feed: State): void {
  if (feed.away > 0 || feed.queue.length > 0) return;
  for (const done of feed.waiting) done();
  feed.waiting = [];
}

function abandon(feed: State): number {
  const { load } = feed.options;
  feed.open = false;
  for (const exchange of feed.queue.slice(feed.done)) load.held -= exchange.charged;
  const lost = feed.queue.length - feed.done + feed.away;
  feed.queue = [];
  feed.done = 0;
  settle(feed);
  return lost;
}
