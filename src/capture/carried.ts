/** Requests of a service that are remembered. */
const MOST = 10_000;
const SEVERAL = -1;

/**
 * Requests to a service on edges, by the span that their `traceparent` named: what the service sends for one names it, too,
 * and not the exchange that Cove made of the request.
 */
export interface Carried {
  readonly note: (spanId: string, seq: number) => void;
  /** The exchange's number; null: none, or several, had this span. */
  readonly seqOf: (spanId: string) => number | null;
}

export function carried(): Carried {
  const seqs = new Map<string, number>();
  return {
    note: (spanId, seq) => {
      // A copy: a slice would keep the whole head in memory.
      const own = Buffer.from(spanId, "latin1").toString("latin1");
      seqs.set(own, seqs.has(own) ? SEVERAL : seq);
      if (seqs.size <= MOST) return;
      for (const oldest of seqs.keys()) {
        seqs.delete(oldest);
        break;
      }
    },
    seqOf: (spanId) => {
      const seq = seqs.get(spanId);
      return seq === undefined || seq === SEVERAL ? null : seq;
    },
  };
}
