import type { Caller } from "./caller.ts";
import type { Claims } from "./claim.ts";
import type { CapturedEdge } from "./exchange.ts";
import type { Recorder } from "./recorder.ts";

/**
 * Reads the bytes of one connection without taking part in it: they are valid only during a call, and are copied where they
 * are kept. Clocks are `performance.now()`. It never throws on bytes: what it can't read, it gives up with `lost`.
 */
export interface Decoder {
  /** What the consumer sent. */
  readonly up: (bytes: Buffer, clock: number) => void;
  /** What the consumer was sent. */
  readonly down: (bytes: Buffer, clock: number) => void;
  /** That side sends no more. */
  readonly end: (way: "up" | "down", clock: number) => void;
  /** The connection is over; `error` where it broke: a system's code such as ECONNRESET. */
  readonly closed: (clock: number, error: string | null) => void;
}

/** As many commands or messages may wait for their answers on one connection; with more it is no longer followed. */
export const PENDING_MOST = 200_000;

/** What a decoder knows of its connection. */
export interface DecoderLink {
  readonly recorder: Recorder;
  readonly edge: CapturedEdge;
  readonly caller: Caller;
  /** When the consumer was accepted. */
  readonly accepted: number;
  /** When the service was; null while it isn't. */
  readonly connected: () => number | null;
  /** What the consumer reports of the connection; null: nothing. */
  readonly claims: Claims | null;
  /** It isn't this protocol, or it is encrypted: from here on bytes are only counted. */
  readonly lost: (what: "tls" | "unknown") => void;
}

/** A protocol that is read: one file each, listed in decoders/decoders.ts. */
export interface DecoderKind {
  readonly protocol: "http" | "postgres" | "redis";
  /** Whether a connection's first bytes from the consumer begin like this protocol; asked for services of unknown protocol. */
  readonly fits: (bytes: Buffer) => boolean;
  readonly open: (link: DecoderLink) => Decoder;
}
