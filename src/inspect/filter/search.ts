import type { Exchange } from "../../capture/exchange.ts";
import type { Ring } from "../../capture/ring.ts";
import { newSlices } from "../slices.ts";
import { type Filter, matchesFilter } from "./filter.ts";
import type { FilterContext } from "./filter-test.ts";

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
 * The numbers of the exchanges in the ring that a filter fits, newest first. It walks in slices, so that the event loop waits
 * no longer than one of them and one exchange take; what came after its start isn't in it, what leaves the ring meanwhile
 * may be.
 */
export async function search(ring: Ring, filter: Filter, options: SearchOptions = {}): Promise<number[]> {
  const { context } = options;
  return await walk(ring, (exchange) => matchesFilter(filter, exchange, context), options);
}

/** As {@link search}, for whatever `wanted` says. */
export async function walk(
  ring: Ring,
  wanted: (exchange: Exchange) => boolean,
  { limit = Number.POSITIVE_INFINITY, before = ring.newest(), signal }: Omit<SearchOptions, "context"> = {},
): Promise<number[]> {
  const found: number[] = [];
  const slices = newSlices();
  for (let seq = Math.min(before, ring.newest()); seq >= ring.oldest() && found.length < limit; seq--) {
    const exchange = ring.get(seq);
    if (exchange !== undefined && wanted(exchange)) found.push(seq);
    if (!slices.isOver()) continue;
    await slices.next();
    if (signal?.aborted === true) break;
  }
  return found;
}
