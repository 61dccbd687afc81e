import { randomInt } from "node:crypto";
import type { Server, Socket } from "node:net";
import type { Address } from "../../address/address.ts";
import type { Tap } from "../../capture/decoders/tap.ts";
import { type Condition, isAboutHttp } from "../../conditions/conditions.ts";
import { monotonic } from "../../conditions/time/scheduler.ts";
import { type Fault, isFault } from "../../fault/fault.ts";
import { type Peer, UNCHECKED } from "../../guard/peer.ts";
import { listen } from "../../machine/listen.ts";
import { type Accepting, acceptServer } from "../accept/accept.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { type Connection, openConnection } from "./connection.ts";
import type { Count } from "./direction.ts";
import { createTurnCount, type Turns } from "./response-times.ts";

export interface RelayOptions {
  /** Where the edge's consumer connects to. */
  readonly listen: Address;
  /** Further ports at the same address. Default: none. */
  readonly also?: readonly number[];
  /** Where the service answers now, asked for each connection; null: nowhere. */
  readonly to: () => Upstream | null;
  /** How long connecting to the service may take, ms; then the consumer is reset. Default 10,000. */
  readonly connectTime?: number;
  /**
   * Judges a connection before a byte of it is read; null resets it. Until a promise is kept, the connection waits, alone.
   * Absent: all are let in.
   */
  readonly admit?: (client: Socket) => Peer | null | Promise<Peer | null>;
  /** Reads along, as the consumer sees it; asked for each connection. */
  readonly tap?: (client: Socket, peer: Peer, clock: number) => Tap | null;
  /** Conditions from the start. Default: none. */
  readonly conditions?: readonly Condition[];
  /** Seeds all random draws (jitter, loss, which connections): the same seed, the same run. Default: random. */
  readonly seed?: number;
  /** Its sockets don't keep the process running: a relay in a test's own process. */
  readonly background?: boolean;
  /** Conditions are about HTTP, and a connection speaks none that could be followed: called once until others are set. */
  readonly noHttp?: (why: "tls" | "other") => void;
}

export interface RelayStats {
  /** Open now. */
  readonly connections: number;
  /** Since the relay was opened. */
  readonly accepted: number;
  /** Delivered since the relay was opened: consumer to service, and back. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Read since then, delivered or not. */
  readonly receivedUp: number;
  readonly receivedDown: number;
}

/** A TCP listener in front of a service: what an edge points at. Bytes pass unchanged, in order, both ways. */
export interface Relay {
  readonly address: Address;
  /** Why it doesn't listen at ports of {@link RelayOptions.also}. */
  readonly missing: readonly Fault[];
  readonly seed: number;
  readonly stats: () => RelayStats;
  /** How long answers took since this was last called; null: none came. */
  readonly takeTurns: () => Turns | null;
  readonly conditions: () => readonly Condition[];
  /** Other conditions, in this order, for live connections too. What a removed one holds is delivered; [] is the fast path. */
  readonly setConditions: (conditions: readonly Condition[]) => void;
  /** What a connection spoke that conditions about HTTP could not follow; null: none did. */
  readonly noHttp: () => "tls" | "other" | null;
  /** Breaks its connections off with a RST, or with a plain end, and frees the port. Default: a RST. */
  readonly close: (how?: "reset" | "fin") => Promise<void>;
}

/**
 * Opens a relay. Port 0 takes any free one. What conditions hold is bounded: HELD_MOST of conditions/chain.ts per direction
 * and connection. Faults: those of `listen`, PORT_TAKEN among them.
 */
export async function openRelay(options: RelayOptions): Promise<Relay | Fault> {
  const { seed = randomInt(2 ** 32), background = false } = options;
  let conditions = options.conditions ?? [];
  const counts = { connections: 0, accepted: 0 };
  const up: Count = { read: 0, withheld: 0 };
  const down: Count = { read: 0, withheld: 0 };
  const turns = createTurnCount();
  const live = new Set<Connection>();
  /** Clients whose verdict is still to come. */
  const waiting = new Set<Socket>();
  let noHttp: "tls" | "other" | null = null;
  const tellNoHttp = (why: "tls" | "other") => {
    const first = noHttp === null;
    noHttp = why;
    if (first) options.noHttp?.(why);
  };

  const open = (): Accepting => {
    const connection = openConnection({
      to: options.to,
      background,
      ...{ seed, number: counts.accepted++, up, down, turns, noHttp: tellNoHttp },
      connectTime: options.connectTime,
      left: () => counts.connections--,
      closed: () => live.delete(connection),
    });
    return {
      ...connection.reading,
      accepted: (client) => {
        const verdict = options.admit === undefined ? UNCHECKED : options.admit(client);
        if (verdict instanceof Promise) void admitLater(client, verdict, waiting, enter);
        else if (verdict === null) refuse(client);
        else enter(client, verdict);
      },
    };

    function enter(client: Socket, peer: Peer): void {
      if (background) client.unref();
      counts.connections++;
      live.add(connection);
      connection.accept(client, conditions, options.tap?.(client, peer, monotonic.now()) ?? null);
    }
  };

  const listeners = await listenAtAll(options, open);
  if (isFault(listeners)) return listeners;
  const { address, servers, missing } = listeners;
  if (background) for (const server of servers) server.unref();
  return {
    address,
    missing,
    seed,
    stats: () => ({
      ...counts,
      bytesUp: up.read - up.withheld,
      bytesDown: down.read - down.withheld,
      receivedUp: up.read,
      receivedDown: down.read,
    }),
    takeTurns: turns.take,
    conditions: () => conditions,
    noHttp: () => noHttp,
    setConditions: (wanted) => {
      conditions = wanted;
      if (!conditions.some(isAboutHttp)) noHttp = null;
      for (const connection of live) connection.set(wanted);
    },
    close: async (how = "reset") => {
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
      for (const client of waiting) refuse(client);
      for (const connection of live) connection[how === "fin" ? "drop" : "reset"]();
      await Promise.all(closed);
    },
  };
}

const TAKEN = { taken: "end that process; the edge works again at once" };

interface Listeners {
  readonly address: Address;
  readonly servers: readonly Server[];
  readonly missing: readonly Fault[];
}

/** Listens at the relay's address, and at its further ports as far as they can be had. */
async function listenAtAll({ listen: at, also = [] }: RelayOptions, open: () => Accepting): Promise<Listeners | Fault> {
  const first = acceptServer(open);
  const address = await listen(first, at, TAKEN);
  if (isFault(address)) return address;
  const servers = [first];
  const missing: Fault[] = [];
  for (const port of also) {
    const server = acceptServer(open);
    const more = await listen(server, { host: at.host, port }, TAKEN);
    if (isFault(more)) missing.push(more);
    else servers.push(server);
  }
  return { address, servers, missing };
}

/** Nothing of the client is read until it is judged; one that leaves meanwhile is seen when it is let in and read. */
async function admitLater(
  client: Socket,
  verdict: Promise<Peer | null>,
  waiting: Set<Socket>,
  enter: (client: Socket, peer: Peer) => void,
): Promise<void> {
  waiting.add(client);
  const peer = await verdict;
  waiting.delete(client);
  // The relay was closed.
  if (client.destroyed) return;
  if (peer === null) refuse(client);
  else enter(client, peer);
}

/** A reset, as a port that nobody listens on gives. */
function refuse(client: Socket): void {
  client.on("error", () => {});
  client.resetAndDestroy();
}
