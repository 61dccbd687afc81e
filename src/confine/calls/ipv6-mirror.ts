import { connect, createServer, type Server, type Socket } from "node:net";
import { startListening } from "../../machine/start-listening.ts";
import { joinStreams } from "../join-streams.ts";
import type { Alone } from "./bind-verdict.ts";
import { stillListens } from "./still-listens.ts";

/**
 * Listeners on `::1` beside those of a service that wanted both families and has IPv4's loopback: connections are
 * passed on to the service. So `localhost` is the service in either family, and no other user can take the address in between.
 * One whose listener has closed within {@link SWEEP} goes too: it was a try for a free port.
 */
export interface Mirrors {
  /** Of a listener, by its port and its socket's number. */
  readonly open: (listener: Alone) => void;
  /** The service is about to take `::1` at this port itself: a mirror of what has closed gives way at once. */
  readonly giveWay: (port: number) => void;
  readonly close: () => void;
}

/** When a mirror's listener is looked for, ms after it was opened. */
const SWEEP = 2_000;

export function mirrorsOf(): Mirrors {
  const servers = new Map<number, Server>();
  /** The socket behind each mirror, by port. */
  const inodes = new Map<number, number>();
  const sockets = new Set<Socket>();
  let closed = false;
  const giveWay = (port: number) => {
    const inode = inodes.get(port);
    if (inode === undefined || stillListens(inode)) return;
    servers.get(port)?.close();
    servers.delete(port);
    inodes.delete(port);
  };
  return {
    giveWay,
    open: ({ port, inode }) => {
      inodes.set(port, inode);
      setTimeout(giveWay, SWEEP, port).unref();
      if (closed || servers.has(port)) return;
      const server = createServer({ allowHalfOpen: true }, (client) => {
        const service = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
        for (const socket of [client, service]) {
          sockets.add(socket);
          socket.once("close", () => sockets.delete(socket));
        }
        joinStreams(client, service);
      });
      servers.set(port, server);
      // Taken, or no IPv6: the service has its listener all the same.
      void startListening(server, { host: "::1", port, ipv6Only: true }).then((error) => {
        if (error !== null) servers.delete(port);
      });
      server.unref();
    },
    close: () => {
      closed = true;
      for (const server of servers.values()) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
