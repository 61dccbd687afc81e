/**
 * How sure Cove is of an exchange's place in a trace:
 * - `header`: it carried a `traceparent`.
 * - `exact`: the service itself reported for which request it sent this, or that it was for none.
 * - `alone`: one request was under way at its consumer when it was sent, no other was broken off lately, and the consumer
 *   hasn't been seen to send the same by itself. Requests that don't pass Cove aren't known.
 * - `likely`: a guess. It may belong to one of several requests, or to none.
 * - `none`: nothing speaks for a parent. It begins a trace.
 */
export type LinkHow = "header" | "exact" | "alone" | "likely" | "none";

/** Where an exchange stands in a trace (W3C Trace Context). */
export interface TraceLink {
  /** 32 hex digits; null: it began a trace of its own. */
  readonly traceId: string | null;
  /** 16 hex digits: the span that it is under. Null: none, or it is only guessed. */
  readonly parentId: string | null;
  readonly how: LinkHow;
  /** Of a guess; null of all others. */
  readonly guess: Guess | null;
  /** It was sent when its parent was over already: work after the answer, or what a request left running. Absent: false. */
  readonly afterEnd?: true;
}

/** One of several requests sent it. */
export interface Guess {
  /** How many come into question. */
  readonly count: number;
  /** The service may have sent it by itself, for none of them: it does so, or only one comes into question. */
  readonly orNone: boolean;
  /** All of them, in the order in which they began; empty where there are more than eight. */
  readonly candidates: readonly Candidate[];
}

/** An exchange that another may belong to. */
export interface Candidate {
  readonly seq: number;
  /** As in its {@link TraceLink}. */
  readonly traceId: string | null;
}
