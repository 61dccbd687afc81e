import type { Address } from "../../address/address.ts";
import { type Breakpoints, createBreakpoints, type Edit } from "../../capture/breakpoints.ts";
import type { Exchange, HttpExchange } from "../../capture/exchange.ts";
import { inTrace, seqOf, traceIdOf } from "../../capture/ids.ts";
import type { Recorder } from "../../capture/recorder.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { detailOf, type ExchangeDetail } from "../../inspect/detail.ts";
import { matchesFilter, parseFilter } from "../../inspect/filter/filter.ts";
import type { FilterContext } from "../../inspect/filter/filter-test.ts";
import { search } from "../../inspect/filter/search.ts";
import { type ExchangeSummary, parentOf, summaryOf } from "../../inspect/summary.ts";
import { titleOf } from "../../inspect/title.ts";
import type { Model } from "../model/model.ts";
import { replay } from "./replay.ts";

/** Where replays of an edge's exchanges go; null: it isn't there any more. */
export type WhereTo = (exchange: HttpExchange) => Address | null;

/** What was said on edges, as the API hands it out. */
export interface Exchanges {
  readonly recorder: Recorder;
  readonly breakpoints: Breakpoints;
  readonly summary: (exchange: Exchange) => ExchangeSummary;
  /** By id or a tail of it. Faults: EXCHANGE_UNKNOWN. */
  readonly find: (id: string) => Exchange | Fault;
  readonly http: (id: string) => HttpExchange | Fault;
  /** Faults: FILTER_INVALID. */
  readonly predicate: (filter: string) => ((exchange: Exchange) => boolean) | Fault;
  readonly rows: (filter: string, withParents?: boolean) => Promise<Rows | Fault>;
  /** The last that match, newest first. */
  readonly last: (filter: string, limit: number) => Promise<ExchangeSummary[] | Fault>;
  /** The HTTP exchanges that match, in order of time. Faults: FILTER_INVALID. */
  readonly matchingHttp: (filter: string) => Promise<HttpExchange[] | Fault>;
  readonly byNumber: (seqs: readonly number[]) => ExchangeSummary[];
  readonly detail: (id: string, reveal: boolean) => Promise<ExchangeDetail | Fault>;
  /** All of its trace, in order of time. */
  readonly trace: (exchange: Exchange) => ExchangeSummary[];
  readonly replay: (id: string, edit: Edit) => Promise<HttpExchange | Fault>;
  /** Returns the function that ends it. */
  readonly listenHeld: (listener: () => void) => () => void;
}

interface Rows {
  readonly oldest: number;
  readonly newest: number;
  /** Ascending; null: all of them. */
  readonly seqs: number[] | null;
  readonly total: number;
  /** Beside each: the number of the exchange that it is under; 0: none. */
  readonly parents?: number[];
}

export function openExchanges(
  recorder: Recorder,
  notes: (exchange: Exchange) => readonly string[],
  whereTo: WhereTo,
): Exchanges {
  const { ring } = recorder;
  const listeners = new Set<() => void>();
  const breakpoints = createBreakpoints(() => {
    for (const listener of listeners) listener();
  });
  const context: FilterContext = {
    notes,
    held: ({ seq }) => breakpoints.held().some(({ exchange }) => exchange.seq === seq),
  };
  const summary = (exchange: Exchange) => summaryOf(exchange, titleOf(exchange), notes(exchange));

  function find(id: string): Exchange | Fault {
    const seq = seqOf(id);
    const found = seq === null ? undefined : ring.get(seq);
    if (found !== undefined) return found;
    const gone = seq !== null && seq < ring.oldest() && seq > 0;
    return gone
      ? fault(
          "EXCHANGE_UNKNOWN",
          `${id} is no longer kept`,
          "the oldest go first; keep what you need: cove record NAME",
        )
      : fault("EXCHANGE_UNKNOWN", `there is no exchange ${id}`, "see: cove watch");
  }

  function parentAt(seq: number): number {
    const exchange = ring.get(seq);
    return exchange === undefined ? 0 : (parentOf(exchange) ?? 0);
  }

  function http(id: string): HttpExchange | Fault {
    const found = find(id);
    if (isFault(found) || found.protocol === "http") return found;
    return fault("REQUEST_INVALID", `${id} is no HTTP request`, "only HTTP can be said again or written as a command");
  }

  return {
    recorder,
    breakpoints,
    summary,
    find,
    http,
    predicate: (filter) => {
      const parsed = parseFilter(filter);
      return isFault(parsed) ? parsed : (exchange) => matchesFilter(parsed, exchange, context);
    },
    rows: async (text, withParents = false) => {
      const bounds = { oldest: ring.oldest(), newest: ring.newest() };
      const under = (seqs: readonly number[]) => (withParents ? { parents: seqs.map(parentAt) } : {});
      if (text.trim() === "") {
        const total = Math.max(0, bounds.newest - bounds.oldest + 1);
        const all = withParents ? Array.from({ length: total }, (_, n) => bounds.oldest + n) : [];
        return { ...bounds, seqs: null, total, ...under(all) };
      }
      const filter = parseFilter(text);
      if (isFault(filter)) return filter;
      const found = await search(ring, filter, { context });
      const seqs = found.map(({ seq }) => seq).reverse();
      return { ...bounds, seqs, total: seqs.length, ...under(seqs) };
    },
    last: async (text, limit) => {
      const filter = parseFilter(text);
      if (isFault(filter)) return filter;
      return (await search(ring, filter, { limit, context })).map(summary);
    },
    matchingHttp: async (text) => {
      const filter = parseFilter(text);
      if (isFault(filter)) return filter;
      const found = await search(ring, filter, { context });
      return found.filter((one): one is HttpExchange => one.protocol === "http").reverse();
    },
    byNumber: (seqs) =>
      seqs.flatMap((seq) => {
        const found = ring.get(seq);
        return found === undefined ? [] : [summary(found)];
      }),
    detail: async (id, reveal) => {
      const found = find(id);
      return isFault(found) ? found : await detailOf(found, summary(found), { reveal });
    },
    trace: (exchange) => {
      const belongs = inTrace(traceIdOf(exchange));
      const all: ExchangeSummary[] = [];
      for (let seq = ring.oldest(); seq <= ring.newest(); seq++) {
        const one = ring.get(seq);
        if (one !== undefined && belongs(one)) all.push(summary(one));
      }
      return all.sort((a, b) => a.at - b.at);
    },
    replay: async (id, edit) => {
      const found = http(id);
      if (isFault(found)) return found;
      const to = whereTo(found);
      if (to !== null) return await replay(recorder, to, found, edit);
      return fault("STACK_UNKNOWN", `${found.edge.id} of ${found.edge.stack} is not up`, "start it: cove up");
    },
    listenHeld: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Where what was said on an edge is said again: at the door for browsers' ways, at the edge's own address for others. */
export function whereOf(model: Model, doorPort: number): WhereTo {
  return ({ edge }) => {
    if (edge.from === "browser") return { host: "127.0.0.1", port: doorPort };
    return model.find(edge.stack)?.edges.get(edge.id)?.address ?? null;
  };
}
