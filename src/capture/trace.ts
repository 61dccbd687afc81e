import type { CapturedEdge, Exchange, TraceLink } from "./exchange.ts";
import { seqOfSpan, spanIdOf, traceIdOf } from "./ids.ts";

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

/**
 * A service that hands its `traceparent` on as it got it names the exchange at the door as parent, however far it is away:
 * what it asks then belongs under the exchange of that trace that it is at work on. The span of that one; null where the
 * parent that was said is right, or not Cove's to judge.
 */
function passedOn({ origin }: CapturedEdge, { traceId, parentId }: TraceParent): string | null {
  if (origin === null || seqOfSpan(parentId) === null) return null;
  let latest: Exchange | null = null;
  for (const exchange of origin.underWay) {
    if (spanIdOf(exchange.seq) === parentId) return null;
    if (traceIdOf(exchange) === traceId) latest = exchange;
  }
  return latest === null ? null : spanIdOf(latest.seq);
}

/** Of every exchange that begins a trace: one object, since a flood of them is kept. */
const OWN: TraceLink = { traceId: null, parentId: null, how: "own" };

/**
 * Where an exchange belongs: under what its own bytes say; else under what is under way at the service that makes it, since
 * a database's protocol carries no trace and most handlers don't pass one on. Else it begins a trace.
 */
export function linkOf(edge: CapturedEdge, said: TraceParent | null): TraceLink {
  if (said !== null) return { traceId: said.traceId, parentId: passedOn(edge, said) ?? said.parentId, how: "header" };
  const { origin } = edge;
  const latest = origin?.underWay.latest;
  if (origin === null || latest === undefined) return OWN;
  const how = origin.underWay.size === 1 ? "alone" : "likely";
  return { traceId: traceIdOf(latest), parentId: spanIdOf(latest.seq), how };
}
