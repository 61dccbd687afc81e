import type { SelectedCondition } from "../chain.ts";
import type { End, Output, Way } from "../kinds/condition.ts";
import type { Clock } from "../time/clock.ts";
import type { BodyPacer } from "./body-pacer.ts";
import type { FollowedRequest } from "./followed-request.ts";
import type { LaneBuffer } from "./lane-buffer.ts";
import type { Messages } from "./websocket.ts";

/** The longest head that is waited for, bytes. */
export const HEAD_MOST = 64 * 1024;
export const HEAD_END = Buffer.from("\r\n\r\n");

/**
 * Why a connection is no longer followed. `removed`: no condition is about HTTP any more. `other`: it's no HTTP/1, or none that
 * can be followed. `switched`: it speaks another protocol from here on.
 */
export type Left = "removed" | "tls" | "other" | "switched";

/** One connection's conversation, as the readers of both its sides share it. */
export interface Conversation {
  readonly clock: Clock;
  readonly seed: number;
  readonly connection: number;
  /** The connection's first byte was seen; else the beginning of a request is waited for. */
  readonly fresh: boolean;
  wanted: readonly SelectedCondition[];
  /** Requests so far. */
  number: number;
  /** Those that were not answered, in order. */
  readonly exchanges: FollowedRequest[];
  /** The last of them. */
  asking: FollowedRequest | null;
  /** Once it's a WebSocket of which messages may get lost. */
  socket: { readonly exchange: FollowedRequest; readonly up: Messages; readonly down: Messages } | null;
  /** Before the first request that is seen: the service has spoken since the consumer did. */
  replied: boolean;
  /** The consumer sends no more. */
  asked: boolean;
  /** The service's end, which nobody is told while a lost request is waited for. */
  keptEnd: End | null;
  readonly up: Side;
  readonly down: Side;
  /** Bytes pass unread from here on, those that are held first. False: they are lost, and the connection with them. */
  readonly leave: (why: Left) => boolean;
  /** The message that passes this way ends before its end, and the connection with it. */
  readonly cut: (way: Way) => void;
  /** Gives the answers whose turn has come, and leaves if there is nothing more to do. */
  readonly turn: () => void;
  readonly settle: () => void;
}

interface Side {
  readonly buffer: LaneBuffer;
  /** Where bodies go. */
  readonly pacer: BodyPacer;
  /** Where all else goes. */
  readonly out: Output;
}

/** What reads one side: whole heads, and bodies as they come. */
export interface Reader {
  readonly read: (bytes: Buffer, at: number) => number;
  readonly ended: (how: End, at: number, rest: Buffer | null) => void;
  /** Hands on what was kept of a message that is no longer followed. */
  readonly leave?: () => void;
}
