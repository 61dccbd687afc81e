import { connect, type Server, type Socket } from "node:net";
import type { Address } from "../address/address.ts";
import { formatAddress } from "../address/parse.ts";
import { type Fault, fault } from "../fault/fault.ts";
import { describeHolder, machine } from "../machine/machine.ts";
import { acceptServer } from "./accept.ts";
import type { Upstream } from "./upstream.ts";

/** Reads of up to this size, bytes, land in one buffer for all connections and are copied: idle ones cost no memory. */
const SMALL = 16 * 1024;
const SHARED = Buffer.allocUnsafeSlow(SMALL);
/** What one read takes at the most while bulk flows, bytes: with 256 KiB it costs half of what 64 KiB do. */
const LARGE = 256 * 1024;
/** Large buffers kept for the next bulk. */
const SPARE_MOST = 8;

export interface RelayOptions {
  /** Where the edge's consumer connects to. */
  readonly listen: Address;
  /** Where the service answers now, asked for each connection; null: nowhere. */
  readonly to: () => Upstream | null;
  /** Judges a connection before a byte of it is read; false resets it. Absent: all are let in. */
  readonly admit?: (client: Socket) => boolean;
}

interface RelayStats {
  /** Open now. */
  readonly connections: number;
  /** Since the relay was opened: consumer to service, and back. */
  readonly bytesUp: number;
  readonly bytesDown: number;
}

/** A TCP listener in front of a service: what an edge points at. Bytes pass unchanged, in order, both ways. */
export interface Relay {
  readonly address: Address;
  readonly stats: () => RelayStats;
  /** Ends its connections and frees the port. */
  readonly close: () => Promise<void>;
}

/** Opens a relay. Port 0 takes any free one. Faults: PORT_TAKEN, which names the holder. */
export async function openRelay(options: RelayOptions): Promise<Relay | Fault> {
  const counts = { connections: 0, bytesUp: 0, bytesDown: 0 };
  const open = new Set<Socket>();
  const spare: Buffer[] = [];

  const server = acceptServer(() => {
    const up = direction(spare, (bytes) => {
      counts.bytesUp += bytes;
    });
    return {
      buffer: up.buffer,
      callback: up.callback,
      accepted: (client) => {
        if (options.admit?.(client) === false) return refuse(client);
        const to = options.to();
        if (to === null) return refuse(client);
        const down = direction(spare, (bytes) => {
          counts.bytesDown += bytes;
        });
        const service = connect({
          ...to,
          onread: { buffer: down.buffer, callback: down.callback },
          noDelay: true,
          allowHalfOpen: true,
        });
        up.join(client, service);
        down.join(service, client);
        counts.connections++;
        open.add(client);
        client.on("close", () => {
          counts.connections--;
          open.delete(client);
          up.done();
          down.done();
        });
        // Reading starts with the service's answer to the connect: nothing is taken that could not be delivered.
        service.once("connect", () => client.resume());
        marry(client, service);
      },
    };
  });

  const failure = await listen(server, options.listen);
  if (failure !== null) return cannotListen(failure, options.listen);
  const at = server.address();
  return {
    address: typeof at === "object" && at !== null ? { host: at.address, port: at.port } : options.listen,
    stats: () => ({ ...counts }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const client of open) client.resetAndDestroy();
      }),
  };
}

/** One direction: what is read from one socket is written to the other. */
function direction(spare: Buffer[], count: (bytes: number) => void) {
  /** Its own large buffer, while it moves bulk; null: it reads into the shared one. */
  let own: Buffer | null = null;
  /** A write out of `own` is still under way: its bytes must stay as they are. */
  let inUse = false;
  let bulk = false;
  let to: Socket | undefined;

  function giveBack(): void {
    if (own !== null && !inUse && spare.length < SPARE_MOST) spare.push(own);
    own = null;
    inUse = false;
  }

  return {
    /** Asked after each read: where the next one lands. */
    buffer: () => {
      if (own !== null && (inUse || !bulk)) giveBack();
      if (bulk) own ??= spare.pop() ?? Buffer.allocUnsafeSlow(LARGE);
      return own ?? SHARED;
    },
    callback: (length: number, bytes: Uint8Array) => {
      if (to === undefined) return false;
      count(length);
      const read = bytes.subarray(0, length);
      if (own === null) {
        to.write(Buffer.from(read));
        bulk = length === SMALL;
      } else {
        to.write(read);
        inUse = to.writableLength > 0;
        bulk = length >= SMALL;
      }
      return !to.writableNeedDrain;
    },
    join: (from: Socket, target: Socket) => {
      to = target;
      target.on("drain", () => from.resume());
    },
    done: () => {
      to = undefined;
      giveBack();
    },
  };
}

/** The end of one side's bytes is the end of the other's; a broken side breaks the other. */
function marry(client: Socket, service: Socket): void {
  client.on("end", () => service.end());
  service.on("end", () => client.end());
  client.on("error", () => service.resetAndDestroy());
  service.on("error", () => client.resetAndDestroy());
  client.on("close", () => service.destroy());
  service.on("close", () => {
    // What was written is still delivered; a client that was never served is reset by the error above.
    if (!client.writableEnded) client.destroySoon();
  });
}

/** A reset, as a port that nobody listens on gives: a clean end would look like an empty answer. */
function refuse(client: Socket): void {
  client.on("error", () => {});
  client.resetAndDestroy();
}

function listen(server: Server, at: Address): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    server.once("error", resolve);
    server.listen({ ...at, backlog: 1024, exclusive: true }, () => {
      server.removeListener("error", resolve);
      server.on("error", () => {});
      resolve(null);
    });
  });
}

function cannotListen(error: NodeJS.ErrnoException, at: Address): Fault {
  const where = formatAddress(at);
  if (error.code !== "EADDRINUSE") {
    return fault("PORT_TAKEN", `nothing can listen on ${where} (${error.code})`, "see: cove doctor", { ...at });
  }
  const holder = machine.holderOf(at.port);
  const who = holder === null ? "another process" : describeHolder(holder);
  return fault("PORT_TAKEN", `${where} is held by ${who}`, "end that process; the edge works again at once", {
    ...at,
    ...holder,
  });
}
