/** Requests of a service that are remembered. */
const MOST = 10_000;

/**
 * Requests to a service on edges, by the span that their `traceparent` named: what the service sends for one names it, too,
 * and not the exchange that Cove made of the request.
 */
export interface Carried {
  /** A request with this span begins. One that had it before counts no more if it is over: this is its replay. */
  readonly note: (spanId: string, seq: number, isOver: (seq: number) => boolean) => void;
  /** The exchange's number; null: none, or several, have this span. */
  readonly seqOf: (spanId: string) => number | null;
}

export function carried(): Carried {
  const seqs = new Map<string, number | null>();
  return {
    note: (spanId, seq, isOver) => {
      // A copy: a slice would keep the whole head in memory.
      const own = Buffer.from(spanId, "latin1").toString("latin1");
      const before = seqs.get(own);
      seqs.set(own, before === undefined || (before !== null && isOver(before)) ? seq : null);
      if (seqs.size <= MOST) return;
      for (const oldest of seqs.keys()) {
        seqs.delete(oldest);
        break;
      }
    },
    seqOf: (spanId) => seqs.get(spanId) ?? null,
  };
}
