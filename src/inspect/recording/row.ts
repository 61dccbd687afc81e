import {
  type CapturedEdge,
  type Exchange,
  type HttpExchange,
  type Message,
  newPlace,
  type RefusedHead,
} from "../../capture/exchange.ts";
import { seqOfSpan, spanIdOf, traceIdOf } from "../../capture/ids.ts";
import { BASE } from "../../capture/ring.ts";
import type { Candidate, Guess, TraceLink } from "../../capture/trace-link.ts";

/** An exchange as it is kept: a text, and the bytes that it speaks of in a row. */
export interface Row {
  readonly text: string;
  readonly parts: readonly Buffer[];
  /** Bytes of the parts. */
  readonly bytes: number;
}

/** A body in the text: its bytes are the next `kept` of the row's. */
interface KeptBody {
  readonly size: number;
  readonly kept: number;
}

type KeptMessage = Omit<Message, "data"> & { readonly kept: number };

/** `own`, and `likely` with a parent, are of older versions. */
interface KeptTrace extends Omit<TraceLink, "how" | "guess"> {
  readonly how: TraceLink["how"] | "own";
  /** The recorded exchange that it is under; null: its parent is a span from outside. */
  readonly parent: number | null;
  /** Candidates by their numbers in the recording. */
  readonly guess?: Guess | null;
}

/** What the text says beside the exchange's own plain fields. */
interface Text {
  readonly seq: number;
  readonly at: number;
  readonly edge: Pick<CapturedEdge, "stack" | "from" | "to" | "policy"> & { readonly door: boolean };
  readonly trace: KeptTrace;
  readonly protocol: Exchange["protocol"];
  readonly refusedHead?: RefusedHead | null;
  readonly requestBody?: KeptBody | null;
  readonly responseBody?: KeptBody | null;
  readonly messages?: { readonly kept: readonly KeptMessage[]; readonly total: number } | null;
}

/**
 * An exchange as a row. `shift` is added to its number, so that exchanges of several homes have different ones in a
 * recording; spans are stored by number too, since their ids differ in each home.
 */
export function rowOf(exchange: Exchange, shift: number): Row {
  const { edge, trace, clock, charged, ...rest } = exchange;
  const parts: Buffer[] = [];
  const parent = trace.parentId === null ? null : seqOfSpan(trace.parentId);
  const text = JSON.stringify({
    ...rest,
    ...(exchange.protocol === "http" && bodiesOf(exchange, shift, parts)),
    seq: exchange.seq + shift,
    edge: { stack: edge.stack, from: edge.from, to: edge.to, door: edge.origin === null, policy: edge.policy },
    trace: {
      ...{ ...trace, traceId: traceIdOf(exchange), parent: parent === null ? null : parent + shift },
      guess: trace.guess && { ...trace.guess, candidates: trace.guess.candidates.map((one) => kept(one, shift)) },
    },
  });
  return { text, parts, bytes: parts.reduce((sum, part) => sum + part.length, 0) };
}

/** Traces by their ids: an exchange of another home would begin another one by its number. */
function kept({ seq, traceId }: Candidate, shift: number): Candidate {
  return { seq: seq + shift, traceId: traceIdOf({ seq, trace: { traceId } }) };
}

function readTrace({ parent, traceId, parentId, how, guess }: KeptTrace): TraceLink {
  if (how === "likely" && !guess) {
    const candidates = parent === null ? [] : [{ seq: parent, traceId }];
    return { traceId, parentId: null, how, guess: { count: 1, orNone: true, candidates } };
  }
  return {
    ...{ traceId, parentId: parent === null ? parentId : spanIdOf(parent) },
    ...{ how: how === "own" ? ("none" as const) : how, guess: guess ?? null },
  };
}

function bodiesOf(exchange: HttpExchange, shift: number, parts: Buffer[]) {
  const kept = (body: HttpExchange["requestBody"]): KeptBody | null => {
    if (body === null) return null;
    parts.push(...body.kept);
    return { size: body.size, kept: body.keptSize };
  };
  const requestBody = kept(exchange.requestBody);
  const responseBody = kept(exchange.responseBody);
  const messages = exchange.messages && {
    total: exchange.messages.total,
    kept: exchange.messages.kept.map(({ data, ...message }) => {
      parts.push(data);
      return { ...message, kept: data.length };
    }),
  };
  const replayOf = exchange.replayOf === null ? null : exchange.replayOf + shift;
  return { requestBody, responseBody, messages, replayOf };
}

/** Makes exchanges of rows again; those of one edge share it. */
export function rowReader(): (text: string, bytes: Uint8Array) => Exchange {
  const edges = new Map<string, CapturedEdge>();
  return (text, bytes) => {
    const { edge: said, trace, ...rest } = JSON.parse(text) as Text;
    const key = JSON.stringify(said);
    const edge = edges.get(key) ?? detachedEdge(said);
    edges.set(key, edge);
    return {
      ...rest,
      ...(rest.protocol === "http" && readHttp(rest, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))),
      edge,
      clock: rest.at - performance.timeOrigin,
      trace: readTrace(trace),
      charged: BASE + text.length + bytes.length,
    } as unknown as Exchange;
  };
}

function readHttp({ refusedHead, requestBody, responseBody, messages }: Omit<Text, "edge" | "trace">, bytes: Buffer) {
  let at = 0;
  const next = (length: number): Buffer => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  const body = (said: KeptBody | null | undefined) =>
    said ? { size: said.size, kept: said.kept === 0 ? [] : [next(said.kept)], keptSize: said.kept } : null;
  return {
    // Recordings of older versions say nothing about it.
    refusedHead: refusedHead ?? null,
    requestBody: body(requestBody),
    responseBody: body(responseBody),
    messages: messages
      ? { total: messages.total, kept: messages.kept.map(({ kept, ...message }) => ({ ...message, data: next(kept) })) }
      : null,
  };
}

/** An edge that no longer exists: nothing is under way on it. */
function detachedEdge({ stack, from, to, door, policy }: Text["edge"]): CapturedEdge {
  return {
    ...{ id: `${from}→${to}`, stack, from, to },
    origin: door ? null : newPlace(stack, from),
    place: newPlace(stack, to),
    policy,
  };
}
