import { type Claims, openClaim, type TraceContext } from "../capture/claim.ts";
import type { Span } from "./records.ts";

/** Spans of a connection that are remembered: what asks for one asks soon. */
const SPANS_MOST = 256;
/** Statements of a connection that may wait for a report; further ones stay guesses. */
const WAITING_MOST = 10_000;

type Measure = "bytes" | "time";

/** A statement whose report is to come. */
interface Waiting {
  /** Where it begins: its offset, and when it was seen, microseconds of CLOCK_MONOTONIC. */
  readonly at: Readonly<Record<Measure, number>>;
  readonly settle: (context: TraceContext | null | undefined) => void;
}

/** One connection as its relay sees it, and as the preload in its consumer reports it. */
export interface ConnectionClaims extends Claims {
  /** The preload has named this connection: what it reports from now on is of it. */
  readonly match: () => void;
  readonly isMatched: () => boolean;
  readonly report: (measure: Measure, span: Span) => void;
}

interface ConnectionOptions {
  /** Whether a connection that the preload hasn't named may still be. */
  readonly mayBeNamed: () => boolean;
  /** Microseconds of CLOCK_MONOTONIC at a clock in ms, as exchanges have it. */
  readonly micros: (clock: number) => number;
  readonly closed: () => void;
}

export function connectionClaims({ mayBeNamed, micros, closed }: ConnectionOptions): ConnectionClaims {
  let isMatched = false;
  let isOver = false;
  /** In the order in which they were reported. */
  const reported: Record<Measure, Span[]> = { bytes: [], time: [] };
  let waiting: Waiting[] = [];
  return {
    at: (offset, clock) => {
      if (isOver || (!isMatched && !mayBeNamed())) return null;
      const at = { bytes: offset, time: micros(clock) };
      const found = spanAt(reported.bytes, at.bytes) ?? spanAt(reported.time, at.time);
      if (found === undefined && (isPast(reported.bytes, at.bytes) || waiting.length >= WAITING_MOST)) return null;
      const claim = openClaim();
      if (found === undefined) waiting.push({ at, settle: claim.settle });
      else claim.settle(found.context);
      return claim;
    },
    closed: () => {
      isOver = true;
      closed();
    },
    match: () => {
      isMatched = true;
    },
    isMatched: () => isMatched,
    report: (measure, span) => {
      remember(reported[measure], span);
      if (waiting.length === 0) return;
      const before = waiting;
      waiting = before.filter(({ at }) => at[measure] >= span.to);
      for (const { at, settle } of before) {
        // What lies before it was left out: reports come in order.
        if (at[measure] < span.to) settle(at[measure] >= span.from ? span.context : undefined);
      }
    },
  };
}

/** The latest span that has this place. */
function spanAt(spans: readonly Span[], at: number): Span | undefined {
  for (let n = spans.length - 1; n >= 0; n--) {
    const span = spans[n] as Span;
    if (span.from <= at) return at < span.to ? span : undefined;
  }
  return undefined;
}

function isPast(spans: readonly Span[], at: number): boolean {
  const last = spans.at(-1);
  return last !== undefined && at < last.to;
}

/** What goes on in the same context is one span: a COPY may have thousands of writes. */
function remember(spans: Span[], span: Span): void {
  const last = spans.at(-1);
  if (last !== undefined && last.to === span.from && isSame(last.context, span.context)) {
    spans[spans.length - 1] = { ...last, to: span.to };
    return;
  }
  spans.push(span);
  if (spans.length > SPANS_MOST) spans.shift();
}

function isSame(a: TraceContext | null, b: TraceContext | null): boolean {
  return a?.spanId === b?.spanId && a?.traceId === b?.traceId;
}
