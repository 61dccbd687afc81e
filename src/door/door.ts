import type { Server, Socket } from "node:net";
import type { Address } from "../address/address.ts";
import type { Breakpoints } from "../capture/breakpoints.ts";
import type { Recorder } from "../capture/recorder.ts";
import { type Fault, isFault } from "../fault/fault.ts";
import type { Guard } from "../guard/guard.ts";
import { type ListenHints, listen } from "../machine/listen.ts";
import { type Accepting, acceptServer, type OnRead } from "./accept/accept.ts";
import { type Admitted, admit } from "./accept/admit.ts";
import { readAfterFailedWrite } from "./accept/failed-writes.ts";
import { createTurns, type Turns } from "./accept/turns.ts";
import { type Client, PROTOCOLS, plainClient, secureClient } from "./clients.ts";
import type { DoorInside } from "./exchange/door-inside.ts";
import { newVia } from "./exchange/forwarded-head.ts";
import { type CertificateFor, createHandshakes, type Handshakes } from "./tls/handshake.ts";
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
  const clients: Clients = new Map();
  const turns = createTurns();
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
  const buffer = Buffer.allocUnsafeSlow(READ_SIZE);
  const { certificateFor } = options;
  const handshakes =
    certificateFor === undefined ? null : openHandshakes({ inside, clients, turns, buffer }, certificateFor);
  const servers: Server[] = [];
  for (const host of options.hosts ?? ["127.0.0.1", "::1"]) {
    const server = acceptServer(() => clientSide({ inside, clients, turns, buffer }, handshakes));
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
      for (const client of [...clients.values()]) client.shut();
      await closed;
    },
  };
}

/** Connections, and who deals with each; in the order of the accepts. */
type Clients = Map<Admitted, Client>;

/** What all connections of one door use. */
interface Shared {
  readonly inside: DoorInside;
  readonly clients: Clients;
  readonly turns: Turns;
  /** Where all reads land. */
  readonly buffer: Buffer;
}

function clientSide({ inside, clients, turns, buffer }: Shared, handshakes: Handshakes | null): Accepting {
  let read: OnRead = () => true;
  return {
    buffer,
    callback: (length, bytes) => read(length, bytes),
    accepted: (socket) => {
      const owner = admit(inside.guard, clients, socket);
      if (owner === null) return;
      // A client that takes no more may still be sending what its service is to have.
      readAfterFailedWrite(socket, () => {});
      const seat = attach(clients, socket);
      seat.become(plainClient(inside, turns, socket, owner, handshakes, seat.become));
      read = seat.read;
      socket.resume();
    },
  };
}

/** A connection among the door's: who deals with it may change. */
interface Seat {
  readonly become: (next: Client) => void;
  readonly read: OnRead;
}

/** Counts a socket's client among the door's, and tells it what becomes of the socket. */
function attach(clients: Clients, socket: Socket): Seat {
  let client: Client | undefined;
  socket.on("end", () => client?.ended());
  socket.on("drain", () => client?.drained());
  // `close` follows and does what is to be done.
  socket.on("error", () => {});
  socket.on("close", () => {
    if (client !== undefined) clients.delete(client.admitted);
    client?.gone();
  });
  return {
    become: (next) => {
      if (client !== undefined) clients.delete(client.admitted);
      client = next;
      clients.set(next.admitted, next);
    },
    read: (length, bytes) => client === undefined || client.read(bytes as Buffer, length),
  };
}

function openHandshakes({ inside, clients, turns, buffer }: Shared, certificateFor: CertificateFor): Handshakes {
  return createHandshakes({
    certificateFor,
    protocols: PROTOCOLS,
    buffer,
    secured: (socket, owner, protocol) => {
      const seat = attach(clients, socket);
      seat.become(secureClient(inside, turns, socket, owner, protocol));
      return seat.read;
    },
    ended: (handshake) => void clients.delete(handshake),
  });
}

function sweep(clients: Clients, sweepPool: (now: number) => void): void {
  const now = performance.now();
  sweepPool(now);
  for (const client of clients.values()) client.sweep(now);
}

function portHints(port: number): ListenHints {
  const other = `COVE_PORT=${port === 62894 ? 62895 : 62894} cove up`;
  return { taken: `end it, or choose another port: ${other}`, privileged: `choose another port: ${other}` };
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
}
