import type { CallerProcess } from "../capture/caller.ts";
import type { Exchange, ExchangeError } from "../capture/exchange.ts";
import { idOf, seqOfSpan, shortId, spanIdOf, traceIdOf } from "../capture/ids.ts";
import type { LinkHow, TraceLink } from "../capture/trace-link.ts";
import type { ExchangeGuess } from "./guess.ts";
import { micros } from "./micros.ts";

/** One line of a list of exchanges: what the CLI and the dashboard draw, and what filters look at. */
export interface ExchangeSummary {
  readonly id: string;
  readonly seq: number;
  /** Its last digits: enough for people. */
  readonly short: string;
  readonly stack: string;
  /** `web→api`. */
  readonly edge: string;
  readonly from: string;
  readonly to: string;
  readonly protocol: Exchange["protocol"];
  /** Epoch ms. */
  readonly at: number;
  /** From its start to its end, ms; null while it is under way. */
  readonly ms: number | null;
  readonly firstByteMs: number | null;
  /** `POST /orders`, `SELECT * FROM orders`, `GET session:12`, `TLS connection`. One line, credentials hidden. */
  readonly title: string;
  /** HTTP status, SQLSTATE, `ok`, an error's code; null while it is under way. */
  readonly status: string | null;
  /** False: an error, or a status from 400 on. Null while it is under way. */
  readonly ok: boolean | null;
  /** Body bytes, whole. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly caller: { readonly address: string; readonly process: CallerProcess | null };
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | null;
  /** Number of the exchange that it is under; null for none, or one that Cove doesn't know. */
  readonly parent: number | null;
  /** How sure Cove is of that: see `LinkHow`. */
  readonly how: LinkHow;
  /** Of a guess: what it may be under. Null of all others. */
  readonly guess: ExchangeGuess | null;
  readonly error: ExchangeError | null;
  /** What to look at: `slow`, `9 times in this trace`, `34 messages`, `replay of 00A7`. */
  readonly notes: readonly string[];
}

/** Adds notes to an exchange's summary: one function each, listed in notes.ts. */
export type Note = (exchange: Exchange) => string | null;

export function summaryOf(exchange: Exchange, title: string, notes: readonly string[]): ExchangeSummary {
  const { edge, caller, trace, error } = exchange;
  const status = statusOf(exchange);
  return {
    id: idOf(exchange),
    seq: exchange.seq,
    short: shortId(exchange.seq),
    stack: edge.stack,
    edge: edge.id,
    from: edge.from,
    to: edge.to,
    protocol: exchange.protocol,
    at: micros(exchange.at),
    ms: micros(exchange.ended),
    firstByteMs: micros(exchange.firstByte),
    title,
    status,
    ok:
      exchange.ended === null
        ? null
        : error === null && !(exchange.protocol === "http" && (exchange.status ?? 0) >= 400),
    ...sizesOf(exchange),
    caller: { address: caller.address, process: caller.process },
    traceId: traceIdOf(exchange),
    spanId: spanIdOf(exchange.seq),
    parentId: trace.parentId,
    parent: parentOf(exchange),
    how: trace.how,
    guess: guessOf(trace),
    error,
    notes,
  };
}

export function parentOf({ trace: { parentId } }: Pick<Exchange, "trace">): number | null {
  return parentId === null ? null : seqOfSpan(parentId);
}

function guessOf({ guess }: TraceLink): ExchangeGuess | null {
  if (guess === null) return null;
  const named = guess.candidates.map(({ seq }) => ({ seq, short: shortId(seq), spanId: spanIdOf(seq) }));
  return { count: guess.count, orNone: guess.orNone, candidates: named };
}

function statusOf(exchange: Exchange): string | null {
  if (exchange.protocol === "http" && exchange.status !== null) return String(exchange.status);
  if (exchange.error !== null) return exchange.error.code;
  return exchange.ended === null ? null : "ok";
}

/** Body bytes; of other protocols all bytes. */
export function sizesOf(exchange: Exchange): { bytesUp: number; bytesDown: number } {
  switch (exchange.protocol) {
    case "http":
      return { bytesUp: exchange.requestBody?.size ?? 0, bytesDown: exchange.responseBody?.size ?? 0 };
    case "tcp":
    case "postgres":
    case "redis":
      return { bytesUp: exchange.bytesUp, bytesDown: exchange.bytesDown };
  }
}
