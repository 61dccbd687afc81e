import type { ExchangeSummary } from "../../../inspect/summary.ts";

/** Traces kept for roots that are under way; beyond that the oldest are told of as they are. */
const TRACES_MOST = 1_000;

/**
 * Puts exchanges that come as they end, children before their parents, into traces: a root is told of with all that it
 * caused under it. What has no root under way is told of at once.
 */
export function inTraces(
  tell: (exchange: ExchangeSummary, depth: number) => void,
): (exchanges: readonly ExchangeSummary[]) => void {
  /** Roots under way, by trace. */
  const roots = new Map<string, string>();
  const waiting = new Map<string, Map<string, ExchangeSummary>>();

  function release(trace: string, root: ExchangeSummary | null): void {
    const members = [...(waiting.get(trace)?.values() ?? [])].sort((a, b) => a.at - b.at);
    waiting.delete(trace);
    roots.delete(trace);
    const all = root === null ? members : [root, ...members];
    const ids = new Set(all.map(({ spanId }) => spanId));
    const under = (parent: string | null) => all.filter(({ parentId }) => parentId === parent);
    const told = new Set<string>();
    const walk = (exchange: ExchangeSummary, depth: number) => {
      if (told.has(exchange.spanId)) return;
      told.add(exchange.spanId);
      tell(exchange, depth);
      for (const child of under(exchange.spanId)) walk(child, depth + 1);
    };
    for (const exchange of all) if (exchange.parentId === null || !ids.has(exchange.parentId)) walk(exchange, 0);
  }

  return (exchanges) => {
    for (const exchange of exchanges) if (isRoot(exchange)) roots.set(exchange.traceId, exchange.spanId);
    // A guess has a trace of its own unless all that it may be under is of one.
    for (const { how, traceId, spanId } of exchanges)
      if (how === "likely" && !roots.has(traceId)) roots.set(traceId, spanId);
    while (roots.size > TRACES_MOST) release(roots.keys().next().value ?? "", null);
    // In order of their end, so that what a root caused is there when the root is told of.
    for (const exchange of [...exchanges].sort((a, b) => endOf(a) - endOf(b))) {
      const { traceId: trace, spanId, ms } = exchange;
      if (ms === null) continue;
      const root = roots.get(trace);
      if (root === spanId) release(trace, exchange);
      else if (root === undefined) tell(exchange, 0);
      else waiting.set(trace, (waiting.get(trace) ?? new Map<string, ExchangeSummary>()).set(spanId, exchange));
    }
  };
}

function isRoot({ how, from }: ExchangeSummary): boolean {
  return how === "none" || from === "browser";
}

function endOf({ at, ms }: ExchangeSummary): number {
  return at + (ms ?? 0);
}
