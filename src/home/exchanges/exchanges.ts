import type { Address } from "../../address/address.ts";
import { type Breakpoints, createBreakpoints, type Edit } from "../../capture/breakpoints.ts";
import type { Exchange, HttpExchange } from "../../capture/exchange.ts";
import { seqOf } from "../../capture/ids.ts";
import type { Recorder } from "../../capture/recorder.ts";
import type { Ring } from "../../capture/ring.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { detailOf, type ExchangeDetail } from "../../inspect/detail.ts";
import { matchesFilter, parseFilter } from "../../inspect/filter/filter.ts";
import type { FilterContext } from "../../inspect/filter/filter-test.ts";
import { type ExchangeSummary, summaryOf } from "../../inspect/summary.ts";
import { titleOf } from "../../inspect/title.ts";
import type { Why } from "../../inspect/why/why.ts";
import { createTelemetry, type Telemetry } from "../../telemetry/store.ts";
import type { Model } from "../model/model.ts";
import { type ExchangeLists, exchangeLists } from "./lists.ts";
import { replay } from "./replay.ts";
import { explainTime } from "./why.ts";

/** Where an exchange's request is replayed; null: its edge isn't there any more. */
export type WhereTo = (exchange: HttpExchange) => Address | null;

/** What passed on edges, as the API hands it out. */
export interface Exchanges extends ExchangeLists {
  readonly recorder: Recorder;
  readonly breakpoints: Breakpoints;
  readonly summary: (exchange: Exchange) => ExchangeSummary;
  /** By id or a tail of it. Faults: EXCHANGE_UNKNOWN. */
  readonly find: (id: string) => Exchange | Fault;
  readonly http: (id: string) => HttpExchange | Fault;
  /** Faults: FILTER_INVALID. */
  readonly predicate: (filter: string) => ((exchange: Exchange) => boolean) | Fault;
  readonly detail: (id: string, reveal: boolean) => Promise<ExchangeDetail | Fault>;
  /** Where its time went. Faults: EXCHANGE_UNKNOWN. */
  readonly why: (id: string) => Promise<Why | Fault>;
  readonly replay: (id: string, edit: Edit) => Promise<HttpExchange | Fault>;
  /** Returns the function that ends it. */
  readonly listenHeld: (listener: () => void) => () => void;
}

export function openExchanges(
  recorder: Recorder,
  notes: (exchange: Exchange) => readonly string[],
  whereTo: WhereTo,
  { aboveIn }: Pick<Telemetry, "aboveIn"> = createTelemetry(),
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
  const lists = exchangeLists(ring, context, summary);
  return {
    ...lists,
    ...{ recorder, breakpoints, summary },
    find: (id) => find(ring, id),
    http: (id) => findHttp(ring, id),
    predicate: (filter) => {
      const parsed = parseFilter(filter);
      return isFault(parsed) ? parsed : (exchange) => matchesFilter(parsed, exchange, context);
    },
    detail: async (id, reveal) => {
      const found = find(ring, id);
      return isFault(found) ? found : await detailOf(found, summary(found), { reveal });
    },
    why: async (id) => {
      const found = find(ring, id);
      return isFault(found) ? found : await explainTime({ ring, summary, trace: lists.trace, aboveIn }, found);
    },
    replay: async (id, edit) => {
      const found = findHttp(ring, id);
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

function find(ring: Ring, id: string): Exchange | Fault {
  const seq = seqOf(id);
  const found = seq === null ? undefined : ring.get(seq);
  if (found !== undefined) return found;
  const gone = seq !== null && seq < ring.oldest() && seq > 0;
  return gone
    ? fault("EXCHANGE_UNKNOWN", `${id} is no longer kept`, "the oldest go first; keep what you need: cove record NAME")
    : fault("EXCHANGE_UNKNOWN", `there is no exchange ${id}`, "see: cove watch");
}

function findHttp(ring: Ring, id: string): HttpExchange | Fault {
  const found = find(ring, id);
  if (isFault(found) || found.protocol === "http") return found;
  return fault("REQUEST_INVALID", `${id} is no HTTP request`, "only HTTP can be resent or written as a command");
}

/** Where an edge's requests are replayed: browsers' at the door, others at the edge's own address. */
export function whereOf(model: Model, doorPort: number): WhereTo {
  return ({ edge }) => {
    if (edge.from === "browser") return { host: "127.0.0.1", port: doorPort };
    return model.find(edge.stack)?.edges.get(edge.id)?.address ?? null;
  };
}
