import type { Socket } from "node:net";
import type { Breakpoints } from "../../capture/breakpoints.ts";
import type { Caller } from "../../capture/caller.ts";
import type { HttpExchange } from "../../capture/exchange.ts";
import type { Recorder } from "../../capture/recorder.ts";
import type { TunnelReader } from "../../capture/websocket/tunnel.ts";
import type { Guard } from "../../guard/guard.ts";
import { type Peer, UNCHECKED } from "../../guard/peer.ts";
import type { ChunkScanner } from "../../http1/chunks.ts";
import type { RequestHead } from "../../http1/request-head.ts";
import type { ResponseHead } from "../../http1/response-head.ts";
import type { UpstreamConnection, UpstreamPool, UpstreamUser } from "../upstream/pool.ts";
import type { Route, Routes } from "../upstream/routes.ts";

/** What all connections of one door share. */
export interface DoorInside {
  readonly routes: Routes;
  readonly pool: UpstreamPool;
  /** The port that Host must name, if it names one. */
  readonly port: number;
  /** What the door adds to Via, and knows itself by: `cove-4f2a…`. */
  readonly via: string;
  /** How long a request waits for a service that is starting, ms. */
  readonly startWait: number;
  readonly clients: Set<Client>;
  readonly guard: Guard | null;
  /** Writes exchanges down, where a route is to be captured. */
  readonly recorder: Recorder | null;
  /** Requests that are to be held; null: none ever. */
  readonly breakpoints: Breakpoints | null;
}

/**
 * `idle`: between requests, or within a head. `waiting`: for a service that starts. `exchange`: under way at a service.
 * `tunnel`: upgraded, bytes go both ways as they are. `closing`: answered for the last time, what comes is thrown away.
 */
type Phase = "idle" | "waiting" | "exchange" | "tunnel" | "closing";

/** One connection of a client, and the exchange that it is in: plain state, changed by the functions around it. */
export interface Client {
  readonly door: DoorInside;
  readonly socket: Socket;
  /** The peer's address as X-Forwarded-For names it. */
  readonly peer: string;
  /** Whose socket it is: the way to the client's process. */
  readonly owner: Peer;
  /** The same for what is written down of its exchanges; made with the first one. */
  caller: Caller | null;
  /** What the guard let through last: the same again needs no second look. */
  judged: RequestHead | null;
  judgedRoute: Route | null;
  /** The last request's Host, and the forwarding fields made of it: mostly the next one's too. */
  forwardedHost: string | null;
  forwardedFields: string;
  phase: Phase;
  /** When the phase began, or the first byte of an unfinished head came; `performance.now()`. */
  since: number;
  /** Bytes that came before their turn: part of a head, pipelined requests, a body whose service isn't ready. */
  input: Buffer | null;
  /** Reading was stopped; someone has to resume it. */
  paused: boolean;
  /** The peer sends nothing more: it waits for its answer, or it is gone. */
  ended: boolean;
  /** Bytes written when the peer was last seen to take some, after `ended`. */
  taken: number;

  head: RequestHead | null;
  /** The last request's head, and what the service was sent for it: mostly the next one's too. */
  lastHead: RequestHead | null;
  lastForwarded: string;
  /** Where the exchange goes. */
  route: Route | null;
  /** What an upstream connection calls back: one for all exchanges of this client. */
  readonly user: UpstreamUser;
  /** Bytes of a sized body still to come. */
  bodyLeft: number;
  bodyChunks: ChunkScanner | null;
  bodyDone: boolean;
  /** Part of the body has gone to the service: it can't be asked again. */
  bodySent: boolean;

  /** What is written down of the exchange under way; null: nothing. */
  exchange: HttpExchange | null;
  /** The exchange whose request is held by hand. */
  held: HttpExchange | null;
  /** Reads along after an upgrade. */
  tunnel: TunnelReader | null;

  up: UpstreamConnection | null;
  retried: boolean;
  response: ResponseHead | null;
  /** Part of a response head. */
  responseInput: Buffer | null;
  responseLeft: number;
  responseChunks: ChunkScanner | null;
  /** The connection serves another request after this one. */
  keepAlive: boolean;
}

/** What happens on the upstream connection that serves a client. */
export interface UpstreamEvents {
  readonly read: (client: Client, bytes: Buffer, length: number) => boolean;
  readonly drained: (client: Client) => void;
  readonly ended: (client: Client) => void;
  readonly gone: (client: Client, reason: string) => void;
}

export function newClient(door: DoorInside, socket: Socket, on: UpstreamEvents, owner: Peer = UNCHECKED): Client {
  const client: Client = {
    door,
    socket,
    peer: socket.remoteAddress ?? "127.0.0.1",
    owner,
    caller: null,
    judged: null,
    judgedRoute: null,
    forwardedHost: null,
    forwardedFields: "",
    phase: "idle",
    since: performance.now(),
    input: null,
    paused: false,
    ended: false,
    taken: 0,
    head: null,
    lastHead: null,
    lastForwarded: "",
    route: null,
    user: {
      read: (length, bytes) => on.read(client, bytes as Buffer, length),
      drained: () => on.drained(client),
      ended: () => on.ended(client),
      gone: (error) => on.gone(client, error?.code ?? "closed"),
    },
    bodyLeft: 0,
    bodyChunks: null,
    bodyDone: true,
    bodySent: false,
    exchange: null,
    held: null,
    tunnel: null,
    up: null,
    retried: false,
    response: null,
    responseInput: null,
    responseLeft: 0,
    responseChunks: null,
    keepAlive: true,
  };
  return client;
}

/** Keeps bytes for later. They are copied: the buffer that they are in belongs to the next read. */
export function stash(client: Client, bytes: Uint8Array): void {
  if (bytes.length === 0) return;
  client.input = client.input === null ? Buffer.from(bytes) : Buffer.concat([client.input, bytes]);
}
