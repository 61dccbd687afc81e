import type { Caller } from "../../capture/caller.ts";
import type { Peer } from "../../guard/peer.ts";
import type { OnData } from "../../http1/chunks.ts";
import type { ResponseHead } from "../../http1/response-head.ts";

/** Bytes of a request's body within a buffer that stays as it is until the call that hands them over returns. */
export interface Piece {
  bytes: Buffer;
  from: number;
  to: number;
}

/** What {@link ClientSide.readBody} found: nothing yet, a piece (in `piece`), or a body that breaks the rules. */
export type BodyStep = "nothing" | "piece" | "broken";

/**
 * The client as an exchange sees it: a connection of HTTP/1.1, which has one exchange at a time, or a stream of HTTP/2. What is written is
 * never refused: `waiting` and `full` tell when to stop.
 */
export interface ClientSide {
  /** The client's address as X-Forwarded-For names it. */
  readonly address: string;
  /** It came by TLS: its own scheme is https. */
  readonly secure: boolean;
  /** Whose socket it is. */
  readonly owner: Peer;
  /** The same for what is written down. */
  readonly caller: () => Caller;
  /** HTTP's major version. */
  readonly version: "1" | "2";
  /** Bodies pass with their chunks as they come (HTTP/1.1); else their data alone does. */
  readonly takesChunks: () => boolean;

  /** The piece that `readBody` found last. */
  readonly piece: Piece;
  /** Reads on in the request's body, as far as it is there. `data` is told each run of its own bytes. */
  readonly readBody: (data?: OnData) => BodyStep;
  /** All of the request's body was read. */
  readonly bodyDone: () => boolean;
  /** The request's bytes are wanted again, after `readBody` was left uncalled or the service was slow. */
  readonly resume: () => void;
  /** Reading stops until `resume`: the service takes no more. */
  readonly pause: () => void;
  /** The request's body, where all of it waits here unread; else null. */
  readonly wholeBody: () => Buffer | null;
  /** Puts another body, of known size, where the one that waits is. */
  readonly replaceBody: (body: Buffer) => void;

  /** An interim response (100, 103). */
  readonly interim: (head: ResponseHead) => void;
  /** A response's head with the first bytes of its body. */
  readonly respond: (head: ResponseHead, bytes: Buffer, from: number, to: number) => void;
  /** More of a response's body, without a copy: the buffer is the client's as long as `waiting` says so. */
  readonly body: (bytes: Buffer, from: number, to: number) => void;
  /** The trailer lines behind a response's body, each with its CRLF, where the client doesn't take chunks. */
  readonly trailers: (lines: string) => void;
  /** Bytes that were written wait to go out. */
  readonly waiting: () => boolean;
  /** So many wait that no more should be written. */
  readonly full: () => boolean;
  /** The response is whole since `now`, `performance.now()`: the next request may come, or the connection ends. */
  readonly finished: (now: number) => void;
  /** An answer of the door's own: head and body as latin1 text, made by `make` once it's known whether the connection goes on. */
  readonly answer: (make: (goesOn: boolean) => string) => void;
  /** The response can't be completed: the client must not take it for whole. */
  readonly cut: () => void;

  /** The protocol changes: `head` is the service's 101, and bytes go both ways as they are. */
  readonly beginTunnel: (head: ResponseHead, upgrade: string) => void;
  /** The service sends no more. */
  readonly endTunnel: () => void;

  /** When the request's first byte came, `performance.now()`. */
  readonly since: () => number;
  /** The client sends no more: it waits for its answer, or it is gone. */
  readonly ended: () => boolean;
  /** Its connection is closed. */
  readonly gone: () => boolean;
}
