import type { Server } from "node:net";
import type { Address } from "../address/address.ts";
import type { Breakpoints } from "../capture/breakpoints.ts";
import type { Recorder } from "../capture/recorder.ts";
import { type Fault, isFault } from "../fault/fault.ts";
import type { Guard } from "../guard/guard.ts";
import { type ListenHints, listen } from "../machine/listen.ts";
import { type Accepting, acceptServer, type OnRead } from "./accept/accept.ts";
import { admit } from "./accept/admit.ts";
import { readAfterFailedWrite } from "./accept/failed-writes.ts";
import { createTurns, type Turns } from "./accept/turns.ts";
import type { DoorInside } from "./exchange/door-inside.ts";
import { newVia } from "./exchange/forwarded-head.ts";
import {
  type Connection,
  clientDrained,
  connectionEnded,
  connectionGone,
  readClient,
  sweepConnection,
} from "./http1/connection.ts";
import { openConnection } from "./http1/http1-client.ts";
import { TLS_FIRST_BYTE } from "./tls/client-hello.ts";
import {
  type CertificateFor,
  createHandshakes,
  type Handshake,
  type Handshakes,
  newHandshake,
  readHandshake,
  sweepHandshake,
} from "./tls/handshake.ts";
import { createUpstreamPool } from "./upstream/pool.ts";
import type { Routes } from "./upstream/routes.ts";

/** Reads of all clients land here: each is dealt with, or copied, before the next one. */
const READ_SIZE = 64 * 1024;
/** Every connection's deadlines are looked at this often, ms: one timer for all of them. */
const SWEEP_TIME = 1_000;

export interface DoorOptions {
  readonly port: number;
  /** Default 127.0.0.1 and, where the system has it, ::1. */
  readonly hosts?: readonly string[];
  readonly routes: Routes;
  /** How long a request waits for a service that is starting, ms. Default 30,000. */
  readonly startWait?: number;
  /** Judges connections and requests. Absent: all are let in. */
  readonly guard?: Guard;
  /** Writes down what goes to routes with `capture`. */
  readonly recorder?: Recorder;
  /** Holds requests that are written down. */
  readonly breakpoints?: Breakpoints;
  /** What TLS clients are shown. Absent: the door speaks no TLS. */
  readonly certificateFor?: CertificateFor;
}

export interface Door {
  readonly port: number;
  readonly addresses: readonly Address[];
  /** Client connections open now. */
  readonly connections: () => number;
  /** Stops listening and ends all connections. */
  readonly close: () => Promise<void>;
}

/** Opens the door on both loopback addresses. Faults: PORT_TAKEN, which names the holder; PORT_PRIVILEGED. */
export async function openDoor(options: DoorOptions): Promise<Door | Fault> {
  const pool = createUpstreamPool();
  const clients = new Set<Client>();
  const inside: DoorInside = {
    routes: options.routes,
    pool,
    port: options.port,
    via: newVia(),
    startWait: options.startWait ?? 30_000,
    guard: options.guard ?? null,
    recorder: options.recorder ?? null,
    breakpoints: options.breakpoints ?? null,
  };
  const turns = createTurns();
  const buffer = Buffer.allocUnsafeSlow(READ_SIZE);
  const { certificateFor } = options;
  const handshakes =
    certificateFor === undefined ? null : handshakesOf({ inside, clients, turns, buffer, certificateFor });
  const shared: Shared = { inside, clients, turns, buffer, handshakes };
  const servers: Server[] = [];
  for (const host of options.hosts ?? ["127.0.0.1", "::1"]) {
    const server = acceptServer(() => clientSide(shared));
    const at = await listen(server, { host, port: inside.port }, portHints(inside.port));
    // Port 0 is for tests: the second address takes the port that the first one got.
    if (!isFault(at)) {
      servers.push(server);
      if (inside.port === 0) Object.assign(inside, { port: at.port });
      // ADDRESS_INVALID: the system has no IPv6, or not on loopback.
    } else if (at.fault !== "ADDRESS_INVALID" || servers.length === 0) {
      await closeAll(servers);
      return at;
    }
  }
  const sweeper = setInterval(() => sweep(clients, pool.sweep), SWEEP_TIME);
  sweeper.unref();

  return {
    port: inside.port,
    addresses: servers.flatMap((server) => {
      const at = server.address();
      return typeof at === "object" && at !== null ? [{ host: at.address, port: at.port }] : [];
    }),
    connections: () => clients.size,
    close: async () => {
      clearInterval(sweeper);
      pool.close();
      const closed = closeAll(servers);
      for (const client of [...clients]) client.socket.destroy();
      await closed;
    },
  };
}

/** A connection that speaks HTTP, or one that is on its way to TLS. */
type Client = Connection | Handshake;

/** What all connections of one door use. */
interface Shared {
  readonly inside: DoorInside;
  readonly clients: Set<Client>;
  readonly turns: Turns;
  readonly buffer: Buffer;
  /** Null: no TLS. */
  readonly handshakes: Handshakes | null;
}

function clientSide(shared: Shared): Accepting {
  const { inside, clients, turns, buffer } = shared;
  let take: OnRead = () => true;
  return {
    buffer,
    callback: (length, bytes) => take(length, bytes),
    accepted: (socket) => {
      const owner = admit(inside.guard, clients, socket);
      if (owner === null) return;
      // A client that takes no more may still be sending what its service is to have.
      readAfterFailedWrite(socket, () => {});
      const mine = openConnection(inside, turns, socket, owner);
      const read: OnRead = (length, bytes) => readClient(mine, bytes as Buffer, length);
      take = (length, bytes) => {
        // Of an old connection one more function call is all that TLS costs.
        const { handshakes } = shared;
        if (bytes[0] !== TLS_FIRST_BYTE || handshakes === null) take = read;
        else take = beginTls(handshakes, clients, mine);
        return take(length, bytes);
      };
      attach(clients, mine);
      socket.resume();
    },
  };
}

/** Counts a connection among the door's clients, and tells it what becomes of its socket. */
function attach(clients: Set<Client>, mine: Connection): void {
  const { socket } = mine;
  clients.add(mine);
  socket.on("end", () => connectionEnded(mine));
  socket.on("drain", () => clientDrained(mine));
  // `close` follows and does what is to be done.
  socket.on("error", () => {});
  socket.on("close", () => {
    clients.delete(mine);
    connectionGone(mine);
  });
}

/** What takes the bytes of a connection that begins as TLS does, until TLS reads them itself. */
function beginTls(handshakes: Handshakes, clients: Set<Client>, plain: Connection): OnRead {
  const { socket, owner } = plain;
  clients.delete(plain);
  const handshake = newHandshake(socket, owner);
  clients.add(handshake);
  socket.once("close", () => clients.delete(handshake));
  return (length, bytes) => readHandshake(handshakes, handshake, bytes, length);
}

function handshakesOf(shared: Omit<Shared, "handshakes"> & { readonly certificateFor: CertificateFor }): Handshakes {
  const { inside, clients, turns, buffer, certificateFor } = shared;
  return createHandshakes({
    certificateFor,
    protocols: ["http/1.1"],
    buffer,
    secured: (socket, owner) => {
      const mine = openConnection(inside, turns, socket, owner);
      attach(clients, mine);
      return (length, bytes) => readClient(mine, bytes as Buffer, length);
    },
    ended: (handshake) => void clients.delete(handshake),
  });
}

function sweep(clients: Set<Client>, sweepPool: (now: number) => void): void {
  const now = performance.now();
  sweepPool(now);
  for (const client of clients) {
    if (client.phase === "handshake") sweepHandshake(client, now);
    else sweepConnection(client, now);
  }
}

function portHints(port: number): ListenHints {
  const other = `COVE_PORT=${port === 62894 ? 62895 : 62894} cove up`;
  return { taken: `end it, or choose another port: ${other}`, privileged: `choose another port: ${other}` };
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
}
