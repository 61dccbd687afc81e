import { setImmediate } from "node:timers/promises";
import type { Exchange } from "../../capture/exchange.ts";
import type { Ring } from "../../capture/ring.ts";
import { type Filter, matchesFilter } from "./filter.ts";
import type { FilterContext } from "./filter-test.ts";

/** A slice of a walk, ms: then others have their turn. */
const SLICE = 4;

export interface SearchOptions {
  /** At most so many. Default: all. */
  readonly limit?: number;
  /** Begin with this number, and go to older ones. Default: the newest. */
  readonly before?: number;
  readonly context?: FilterContext;
  /** Ends the search early; what was found until then is the answer. */
  readonly signal?: AbortSignal;
}

/**
 * The exchanges in the ring that a filter fits, newest first. It walks in slices, so that the event loop waits no longer than
 * one of them and one exchange's bodies take; what came after its start isn't in it, what leaves the ring meanwhile may be.
 */
export async function search(ring: Ring, filter: Filter, options: SearchOptions = {}): Promise<Exchange[]> {
  const { limit = Number.POSITIVE_INFINITY, before = ring.newest(), context, signal } = options;
  const found: Exchange[] = [];
  let until = performance.now() + SLICE;
  for (let seq = Math.min(before, ring.newest()); seq >= ring.oldest() && found.length < limit; seq--) {
    const exchange = ring.get(seq);
    if (exchange !== undefined && matchesFilter(filter, exchange, context)) found.push(exchange);
    if (performance.now() < until) continue;
    await setImmediate();
    if (signal?.aborted === true) break;
    until = performance.now() + SLICE;
  }
  return found;
}
