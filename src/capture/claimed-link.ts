import type { TraceContext } from "./claim.ts";
import type { Exchange, Place } from "./exchange.ts";
import { inTrace, seqOfSpan, spanIdOf } from "./ids.ts";
import { guessOf } from "./trace.ts";
import type { Candidate, TraceLink } from "./trace-link.ts";

/** Of all that a service sends for no request: one object, since many are kept. */
const FOR_NONE: TraceLink = { traceId: null, parentId: null, how: "exact", guess: null };

const STATE = /\r\ntracestate:[\t ]*cove=([0-9a-f]{16})-([0-9a-f]{16})[\t ]*\r\n/i;

/**
 * What Cove's preload in the consumer says beside its `traceparent`: the span of the request that this one is sent for. The
 * `traceparent` names a span of this request's own, so that several requests for the same one can be told apart. Null: it
 * says nothing, or what it said belongs to another `traceparent`.
 */
export function senderIn(head: string, spanId: string): string | null {
  const [, own, sender] = STATE.exec(head) ?? [];
  return own === spanId ? (sender ?? null) : null;
}

interface Sent {
  /** The service that sent it. */
  readonly origin: Place;
  /** The request that it was sent for, as the service was told of it. */
  readonly context: TraceContext | null;
  /** When, as in exchanges. */
  readonly clock: number;
}

/** Where something belongs whose sender says what it sent it for. `find`: an exchange by its number, if it is kept. */
export function linkByClaim(
  { origin, context, clock }: Sent,
  how: "exact" | "header",
  find: (seq: number) => Exchange | undefined,
): TraceLink {
  if (context === null) return FOR_NONE;
  const { traceId, spanId } = context;
  const seq = requestAt(origin, spanId, find);
  if (seq !== null) return linkUnder(origin, { seq, traceId }, { how, clock, find });
  // Several requests of the trace that named the same span: a service between doesn't tell them apart.
  const isOfTrace = inTrace(traceId);
  const found: Candidate[] = [];
  for (const exchange of origin.underWay) if (isOfTrace(exchange)) found.push({ seq: exchange.seq, traceId });
  if (found.length > 0) return { traceId, parentId: null, how: "likely", guess: guessOf(found, found.length, false) };
  // A request that didn't pass Cove, or is kept no longer.
  return { traceId, parentId: spanId, how, guess: null };
}

/** The number of the request at a service that has, or was sent with, this span; null where that is none, or not one. */
function requestAt(origin: Place, spanId: string, find: (seq: number) => Exchange | undefined): number | null {
  const own = seqOfSpan(spanId);
  if (own !== null) {
    for (const { seq } of origin.underWay) if (seq === own) return own;
    if (find(own)?.edge.place === origin) return own;
  }
  return origin.carried.seqOf(spanId);
}

function linkUnder(
  origin: Place,
  { seq, traceId }: { readonly seq: number; readonly traceId: string },
  { how, clock, find }: { how: "exact" | "header"; clock: number; find: (seq: number) => Exchange | undefined },
): TraceLink {
  const link: TraceLink = { traceId, parentId: spanIdOf(seq), how, guess: null };
  for (const exchange of origin.underWay) if (exchange.seq === seq) return link;
  const parent = find(seq);
  const isOver = parent === undefined || (parent.ended !== null && parent.clock + parent.ended < clock);
  return isOver ? { ...link, afterEnd: true } : link;
}
