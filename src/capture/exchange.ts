import { type Abandoned, abandoned } from "./abandoned.ts";
import type { CapturedBody } from "./body.ts";
import type { Caller } from "./caller.ts";
import { type Carried, carried } from "./carried.ts";
import type { CapturePolicy } from "./edge.ts";
import type { TraceLink } from "./trace-link.ts";
import { type UnderWay, underWay } from "./under-way.ts";
import { type Unprompted, unprompted } from "./unprompted.ts";

/** Why an exchange has no good end: `ECONNREFUSED`, `closed`, a fault's code, a database's SQLSTATE. */
export interface ExchangeError {
  readonly code: string;
  readonly message: string;
}

/** What all exchanges have. Filled in while it is under way; durations are ms since `at`, null until known. */
interface ExchangeBase {
  /** Counts up from 1 in each home; `idOf` makes the text that people use of it. */
  readonly seq: number;
  readonly edge: CapturedEdge;
  readonly caller: Caller;
  /** Epoch ms, with a fraction. */
  readonly at: number;
  /** `performance.now()` at `at`: what durations are taken from. */
  readonly clock: number;
  /** Waited for a service that was starting, or for a held request to be released. */
  queued: number | null;
  /** A connection to the service stood: 0 where one was there already. */
  connected: number | null;
  firstByte: number | null;
  /** The last byte, or the failure. Null: still under way. */
  ended: number | null;
  error: ExchangeError | null;
  /** Changes at most once, when the service's own report of it arrives: see Claim. */
  trace: TraceLink;
  /** Bytes that it is charged with in the ring. */
  charged: number;
}

/** A response head that was refused: the client got an error page instead. */
export interface RefusedHead {
  /** As the service sent it (latin1), its first 16 KiB. */
  readonly text: string;
  /** Which rule of HTTP it breaks. */
  readonly reason: string;
}

export interface HttpExchange extends ExchangeBase {
  readonly protocol: "http";
  method: string;
  /** As in the request line: `/orders?page=2`. */
  target: string;
  /** The Host field. */
  readonly host: string;
  /** Null until the response's head is there. */
  status: number | null;
  /** Raw heads, latin1, from the first line to the empty one. */
  requestHead: string;
  responseHead: string | null;
  /** Null unless the service's response head was refused. `responseHead` is then null or Cove's own. */
  refusedHead: RefusedHead | null;
  requestBody: CapturedBody | null;
  responseBody: CapturedBody | null;
  /** Of a WebSocket; null where there was no upgrade. */
  messages: Messages | null;
  /** The number of the exchange that this one is a replay of. */
  replayOf: number | null;
  /** It was held and edited: head and body are as the service got them. */
  edited: boolean;
}

export interface Message {
  /** `up`: from the consumer. */
  readonly way: "up" | "down";
  /** ms since the exchange's start. */
  readonly at: number;
  readonly kind: "text" | "binary" | "ping" | "pong" | "close";
  /** Whole payload, decompressed, bytes. */
  readonly size: number;
  /** Up to the edge's limit. */
  readonly data: Buffer;
}

export interface Messages {
  /** The last ones. */
  readonly kept: Message[];
  /** All that there were. */
  total: number;
}

export interface PostgresExchange extends ExchangeBase {
  readonly protocol: "postgres";
  /** Text of the query; a named statement's own text where its parse was seen, else its name. */
  readonly sql: string;
  /** Prepared statement's name; empty for the unnamed one, null for the simple protocol. */
  readonly statement: string | null;
  /** As text; binary ones as hex with `\x`. Null is NULL. */
  readonly params: readonly (string | null)[];
  columns: readonly string[];
  /** The first ones, within the edge's limit. */
  readonly rows: (readonly (string | null)[])[];
  rowCount: number;
  /** `SELECT 3`, `INSERT 0 1`; null without one. */
  tag: string | null;
  /** Number of the transaction block within the connection that it ran in; null outside of one. */
  transaction: number | null;
  readonly database: string | null;
  readonly user: string | null;
  /** Bytes of its messages both ways. */
  bytesUp: number;
  bytesDown: number;
}

export interface RedisExchange extends ExchangeBase {
  readonly protocol: "redis";
  /** Upper case: `SET`. */
  readonly command: string;
  readonly args: readonly string[];
  /** As redis-cli prints it, cut at the edge's limit. */
  reply: string | null;
  bytesUp: number;
  bytesDown: number;
}

/** A connection that no decoder reads: its bytes are counted. */
export interface ConnectionExchange extends ExchangeBase {
  readonly protocol: "tcp";
  /** `tls`: encrypted; `unknown`: no protocol that Cove reads. */
  readonly what: "tls" | "unknown";
  bytesUp: number;
  bytesDown: number;
}

export type Exchange = HttpExchange | PostgresExchange | RedisExchange | ConnectionExchange;

/** What a decoder knows of a new exchange; the recorder adds the rest. */
export type Opening<E extends Exchange> = Omit<E, Exclude<keyof ExchangeBase, "edge" | "caller">> & {
  /** Epoch ms of an imported one; default: now. */
  readonly at?: number;
};

/** A service as the recorder sees it: an exchange that it makes is the child of one that is under way there. */
export interface Place {
  /** The stack's name. */
  readonly stack: string;
  readonly service: string;
  readonly underWay: UnderWay<Exchange>;
  readonly abandoned: Abandoned;
  readonly unprompted: Unprompted;
  readonly carried: Carried;
  /** Clock of the last end of an exchange there. */
  lastEnd: number;
}

/** Who talks to whom. One object as long as the edge exists. */
export interface CapturedEdge {
  /** `api→db`. */
  readonly id: string;
  readonly stack: string;
  /** The folder of the stack's project; none for what was imported, or read from a recording. */
  readonly root?: string;
  /** A service, or `browser` for all that comes through the door. */
  readonly from: string;
  readonly to: string;
  /** Null for browsers. */
  readonly origin: Place | null;
  readonly place: Place;
  readonly policy: CapturePolicy;
}

export function newPlace(stack: string, service: string): Place {
  return {
    ...{ stack, service, underWay: underWay<Exchange>(), abandoned: abandoned(), unprompted: unprompted() },
    carried: carried(),
    lastEnd: Number.NEGATIVE_INFINITY,
  };
}
