import type { Socket } from "node:net";
import type { Caller } from "../../capture/caller.ts";
import type { Peer } from "../../guard/peer.ts";
import type { Input } from "../../http1/input.ts";
import type { RequestReader } from "../../http1/messages.ts";
import type { FrameReader } from "../../http2/frame-reader.ts";
import type { HpackDecoder } from "../../http2/hpack-decoder.ts";
import type { RequestFields } from "../../http2/request-fields.ts";
import type { Admitted } from "../accept/admit.ts";
import type { Turns } from "../accept/turns.ts";
import type { DoorInside } from "../exchange/door-inside.ts";
import type { ProxyExchange } from "../exchange/proxy-exchange.ts";
import type { Budget } from "./budget.ts";
import type { ClosedStreams } from "./closed-streams.ts";

/** `preface`: its first 24 bytes aren't there. `closing`: GOAWAY is out, what comes is thrown away. */
type Phase = "preface" | "open" | "closing";

/** A client's connection: its socket, its streams, both windows, and what waits to be written. */
export interface Http2Connection extends Admitted {
  readonly door: DoorInside;
  readonly turns: Turns;
  readonly socket: Socket;
  readonly owner: Peer;
  readonly address: string;
  /** It came by TLS. */
  readonly secure: boolean;
  caller: Caller | null;
  phase: Phase;
  idle: boolean;
  /** When it became idle, or closing; `performance.now()`. */
  since: number;

  /** Bytes of a frame that isn't whole, or of frames that wait for their turn. */
  readonly input: Input;
  /** When the first byte of an unfinished preface or header block came, `performance.now()`; 0: there is none. */
  headSince: number;
  readonly reader: FrameReader;
  readonly hpack: HpackDecoder;
  /** The fields of the block that is decoded. */
  readonly fields: RequestFields;
  /** Reading was stopped. */
  paused: boolean;
  /** Frames wait for their turn. */
  queued: boolean;
  /** Streams begun in this turn. */
  begun: number;
  /** The client sends nothing more (FIN). */
  ended: boolean;
  /** Bytes written when the client was last seen to take some, after `ended`. */
  taken: number;
  /** When the door's SETTINGS went out, `performance.now()`; 0: they are acknowledged. */
  settingsSince: number;

  readonly streams: Map<number, Stream>;
  readonly closed: ClosedStreams;
  /** The highest that the client began. */
  lastStream: number;
  /** Streams whose exchange ended well: the next ones take their place. */
  readonly free: Stream[];

  /** What the client may still send, bytes; what came and wasn't given back; and what waits for services. */
  receiveWindow: number;
  uncredited: number;
  waiting: number;

  /** Frames as latin1 text, until the end of the turn. */
  out: string;
  flushing: boolean;
  /** What the client takes: for all streams, of one that begins, and in one frame. */
  sendWindow: number;
  initialWindow: number;
  maxFrame: number;
  /** The client made its table smaller: the next block says that this side uses none (RFC 7541 §4.2). */
  saysNoTable: boolean;
  /** Streams with bytes that wait for a window or for the socket, in the order in which they get their next frame. */
  readonly blocked: Set<Stream>;

  readonly idleFrames: Budget;
  readonly brokenStreams: Budget;
}

/** A request and its response. A plain object that is used again for a later one, with its exchange. */
export interface Stream {
  readonly connection: Http2Connection;
  readonly exchange: ProxyExchange;
  id: number;
  /** When its header block came, `performance.now()`. */
  since: number;
  closed: boolean;
  /** END_STREAM came; END_STREAM went out. */
  remoteEnded: boolean;
  localEnded: boolean;
  /** An extended CONNECT: bytes, once the service agrees. */
  upgrade: boolean;

  /** The request's body, as HTTP/1.1 has it, as far as its service hasn't taken it. */
  readonly input: Input;
  readonly reader: RequestReader;
  /** What is still to come of a body of known size, bytes; -1: the size isn't known. */
  left: number;
  receiveWindow: number;
  uncredited: number;
  /** What of the connection's `waiting` is this stream's, bytes. */
  waiting: number;
  /** The service takes no more: the window isn't given back. */
  paused: boolean;

  sendWindow: number;
  /** What is still to go out of a response of known size, bytes; -1: the size isn't known. */
  responseLeft: number;
  /** Bytes of the response that wait. */
  readonly pending: Buffer[];
  pendingLength: number;
  /** The response ends behind them. */
  ends: boolean;
  /** Its trailers, as lines. */
  trailers: string;
}
