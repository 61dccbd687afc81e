import type { Exchange, HttpExchange } from "../../capture/exchange.ts";
import { inTrace, traceIdOf } from "../../capture/ids.ts";
import type { Ring } from "../../capture/ring.ts";
import type { Guess } from "../../capture/trace-link.ts";
import { type Fault, isFault } from "../../fault/fault.ts";
import { parseFilter } from "../../inspect/filter/filter.ts";
import type { FilterContext } from "../../inspect/filter/filter-test.ts";
import { search, walk } from "../../inspect/filter/search.ts";
import { mapInSlices } from "../../inspect/slices.ts";
import { type ExchangeSummary, parentOf } from "../../inspect/summary.ts";

/** Exchanges of one trace that are listed: the newest. */
const TRACE_MOST = 10_000;

/** Lists of what is kept. All walk it in slices, since the event loop serves the door too. */
export interface ExchangeLists {
  /** Faults: FILTER_INVALID, here and below. */
  readonly rows: (filter: string, withParents?: boolean) => Promise<Rows | Fault>;
  /** The last that match, newest first. */
  readonly last: (filter: string, limit: number) => Promise<ExchangeSummary[] | Fault>;
  /** The HTTP exchanges that match, in order of time; each is read when it is taken. */
  readonly matchingHttp: (filter: string) => Promise<Iterable<HttpExchange> | Fault>;
  readonly byNumber: (seqs: readonly number[]) => Promise<ExchangeSummary[]>;
  /**
   * All of its trace, in order of time, with what may belong to it and, of a guess, what it may be under; of a very long one
   * the newest 10,000.
   */
  readonly trace: (exchange: Exchange) => Promise<ExchangeSummary[]>;
}

interface Rows {
  readonly oldest: number;
  readonly newest: number;
  /** Ascending; null: all of them. */
  readonly seqs: number[] | null;
  readonly total: number;
  /** Parallel to it: the number of each one's parent exchange; 0: none. */
  readonly parents?: number[];
}

export function exchangeLists(
  ring: Ring,
  context: FilterContext,
  summary: (exchange: Exchange) => ExchangeSummary,
): ExchangeLists {
  const matching = async (text: string, limit?: number): Promise<number[] | Fault> => {
    const filter = parseFilter(text);
    return isFault(filter) ? filter : await search(ring, filter, { context, ...(limit !== undefined && { limit }) });
  };
  const byNumber = async (seqs: readonly number[]) => {
    const found = await mapInSlices(seqs, (seq) => {
      const exchange = ring.get(seq);
      return exchange === undefined ? null : summary(exchange);
    });
    return found.filter((one) => one !== null);
  };
  return {
    rows: async (text, withParents = false) => {
      const bounds = { oldest: ring.oldest(), newest: ring.newest() };
      const under = async (seqs: readonly number[]) =>
        withParents ? { parents: await mapInSlices(seqs, (seq) => parentAt(ring, seq)) } : {};
      if (text.trim() === "") {
        const total = Math.max(0, bounds.newest - bounds.oldest + 1);
        const all = withParents ? Array.from({ length: total }, (_, n) => bounds.oldest + n) : [];
        return { ...bounds, seqs: null, total, ...(await under(all)) };
      }
      const found = await matching(text);
      if (isFault(found)) return found;
      const seqs = found.reverse();
      return { ...bounds, seqs, total: seqs.length, ...(await under(seqs)) };
    },
    last: async (text, limit) => {
      const found = await matching(text, limit);
      return isFault(found) ? found : await byNumber(found);
    },
    matchingHttp: async (text) => {
      const found = await matching(text);
      return isFault(found) ? found : httpExchanges(ring, found.reverse());
    },
    byNumber,
    trace: async (exchange) => {
      const isOfTrace = inTrace(traceIdOf(exchange));
      const own = new Set(exchange.trace.guess?.candidates.map(({ seq }) => seq));
      const wanted = (one: Exchange) =>
        isOfTrace(one) || own.has(one.seq) || (one.trace.guess !== null && mayBeOf(one.trace.guess, isOfTrace));
      const seqs = await walk(ring, wanted, { limit: TRACE_MOST });
      return (await byNumber(seqs)).sort((a, b) => a.at - b.at);
    },
  };
}

function mayBeOf({ candidates }: Guess, isOfTrace: ReturnType<typeof inTrace>): boolean {
  return candidates.some(({ seq, traceId }) => isOfTrace({ seq, trace: { traceId } }));
}

function* httpExchanges(ring: Ring, seqs: readonly number[]): Generator<HttpExchange> {
  for (const seq of seqs) {
    const exchange = ring.get(seq);
    if (exchange?.protocol === "http") yield exchange;
  }
}

function parentAt(ring: Ring, seq: number): number {
  const exchange = ring.get(seq);
  return exchange === undefined ? 0 : (parentOf(exchange) ?? 0);
}
