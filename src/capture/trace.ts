import type { CapturedEdge, Exchange, Place } from "./exchange.ts";
import { inTrace, seqOfSpan, spanIdOf, traceIdOf } from "./ids.ts";
import type { Candidate, Guess, TraceLink } from "./trace-link.ts";

export interface TraceParent {
  /** 32 hex digits, not all zero. */
  readonly traceId: string;
  /** 16 hex digits, not all zero. */
  readonly parentId: string;
  /** Two hex digits; 01: sampled. */
  readonly flags: string;
}

const FORM = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Reads a `traceparent` field (W3C Trace Context §3.2); null where it isn't valid: a new trace begins then. */
export function parseTraceParent(value: string): TraceParent | null {
  const match = FORM.exec(value.trim());
  if (match === null) return null;
  const [, version, traceId = "", parentId = "", flags = "", more] = match;
  // Version ff is none; version 00 has nothing behind its flags.
  if (version === "ff" || (version === "00" && more !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return null;
  return { traceId, parentId, flags };
}

const FIELD = /\r\ntraceparent:[\t ]*([^\r\n]*)\r\n/i;

/** The `traceparent` of a raw head. */
export function traceParentIn(head: string): TraceParent | null {
  const value = FIELD.exec(head)?.[1];
  return value === undefined ? null : parseTraceParent(value);
}

/** What an exchange of the door hands on, so that what it causes is under it. */
export function traceParentOf(exchange: Pick<Exchange, "trace" | "seq">, flags = "01"): string {
  return `00-${traceIdOf(exchange)}-${spanIdOf(exchange.seq)}-${flags}`;
}

/** So many requests that something may belong to are named. */
const NAMED_MOST = 8;

/** Of every exchange that begins a trace: one object, since a flood of them is kept. */
const NONE: TraceLink = { traceId: null, parentId: null, how: "none", guess: null };

/**
 * Where an exchange belongs: under what its own bytes say; else under what is under way at the service that sends it, since
 * a database's protocol carries no trace and most handlers don't pass one on. Where that is more than one request it stays
 * a guess. `text`: what is sent, to know it again; `clock`: when.
 */
export function linkOf(edge: CapturedEdge, said: TraceParent | null, text: string, clock: number): TraceLink {
  if (said !== null) return linkByHeader(edge, said);
  return edge.origin === null ? NONE : linkByTime(edge.origin, text, clock);
}

/**
 * The same for a part of something larger: who began a transaction sends all of it. `by` says where the part would belong by
 * itself.
 */
export function linkWithin(within: TraceLink, said: TraceParent | null, by: () => TraceLink): TraceLink {
  if (said !== null) return by();
  if (within.guess === null) return within;
  const own = by();
  // It can only be of a request that was under way when all of it began.
  const fits = own.how === "alone" && within.guess.candidates.some(({ seq }) => spanIdOf(seq) === own.parentId);
  return fits ? own : within;
}

/**
 * A service that passes its `traceparent` on as it got it names the exchange at the door as parent, however far it is away:
 * what it sends belongs under the exchange of that trace that it is working on. Where there are several of that trace, the
 * header doesn't say which.
 */
function linkByHeader({ origin }: CapturedEdge, { traceId, parentId }: TraceParent): TraceLink {
  const asSaid: TraceLink = { traceId, parentId, how: "header", guess: null };
  const saidSeq = seqOfSpan(parentId);
  if (origin === null || saidSeq === null) return asSaid;
  const isOfTrace = inTrace(traceId);
  const found: Candidate[] = [];
  for (const exchange of origin.underWay) {
    if (exchange.seq === saidSeq) return asSaid;
    if (isOfTrace(exchange)) found.push({ seq: exchange.seq, traceId });
  }
  const [first, ...others] = found;
  if (first === undefined) return asSaid;
  if (others.length === 0) return { ...asSaid, parentId: spanIdOf(first.seq) };
  return { traceId, parentId: null, how: "likely", guess: guessOf(found, found.length, false) };
}

function linkByTime(origin: Place, text: string, clock: number): TraceLink {
  const { underWay, unprompted, lastEnd } = origin;
  const { first: only } = underWay;
  const left = origin.abandoned.at(clock);
  // Mostly there is one.
  if (underWay.size === 1 && left.length === 0 && lastEnd <= clock && only !== undefined && only.clock <= clock) {
    if (!unprompted.knows(text, clock)) return aloneUnder(only);
  }
  return guessAmong(origin, left, text, clock);
}

function guessAmong(origin: Place, left: readonly Candidate[], text: string, clock: number): TraceLink {
  const { underWay, unprompted } = origin;
  const candidates = [...left];
  const broken = candidates.length;
  // It was sent before the last one ended: that is no longer under way, and has no name here.
  const unnamed = origin.lastEnd > clock ? 1 : 0;
  let count = broken + unnamed;
  for (const exchange of underWay) {
    if (exchange.clock > clock) continue;
    if (count++ < NAMED_MOST) candidates.push({ seq: exchange.seq, traceId: exchange.trace.traceId });
  }
  const [first] = candidates;
  if (count === 0) unprompted.saw(text, clock);
  if (count === 0 || first === undefined) return NONE;
  const byItself = unprompted.knows(text, clock);
  if (count === 1 && broken === 0 && !byItself) return aloneUnder({ seq: first.seq, trace: first });
  // All of one trace: which it is isn't known, the trace is.
  const whole = candidates.length === count && first.traceId !== null && !byItself;
  const traceId = whole && candidates.every((one) => one.traceId === first.traceId) ? first.traceId : null;
  return { traceId, parentId: null, how: "likely", guess: guessOf(candidates, count, byItself || count === 1) };
}

export function guessOf(candidates: readonly Candidate[], count: number, orNone: boolean): Guess {
  return { count, orNone, candidates: count > NAMED_MOST ? [] : candidates };
}

function aloneUnder(request: Parameters<typeof traceIdOf>[0]): TraceLink {
  return { traceId: traceIdOf(request), parentId: spanIdOf(request.seq), how: "alone", guess: null };
}
