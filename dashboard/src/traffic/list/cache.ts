import type { ExchangeSummary } from "../../../../src/inspect/summary.ts";

/** Summaries that were fetched; the ones that came first go first. */
export interface SummaryCache {
  readonly get: (seq: number) => ExchangeSummary | null | undefined;
  readonly put: (exchange: ExchangeSummary) => void;
  /** Home was asked and has it no more. */
  readonly gone: (seq: number) => void;
  /** Those under way may have ended unseen: they are asked for again. */
  readonly doubt: () => void;
  readonly clear: () => void;
}

/** Many screens full, a few MB. */
const MOST = 4_000;

export function createCache(most = MOST): SummaryCache {
  const kept = new Map<number, ExchangeSummary | null>();
  const put = (seq: number, exchange: ExchangeSummary | null) => {
    kept.set(seq, exchange);
    if (kept.size <= most) return;
    for (const oldest of kept.keys()) {
      kept.delete(oldest);
      break;
    }
  };
  return {
    get: (seq) => kept.get(seq),
    put: (exchange) => put(exchange.seq, exchange),
    gone: (seq) => put(seq, null),
    doubt: () => {
      for (const [seq, exchange] of kept) if (exchange?.ms === null) kept.delete(seq);
    },
    clear: () => kept.clear(),
  };
}
