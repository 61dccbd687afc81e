import { connect, createServer, type Server, type Socket } from "node:net";
import { startListening } from "../../machine/start-listening.ts";
import { joinStreams } from "../join-streams.ts";

/**
 * Listeners on `::1` beside those of a service that wanted both families and has IPv4's loopback: connections are
 * passed on to the service. So `localhost` is the service in either family, and no other user can take the address in between.
 */
export function mirrorsOf(): { readonly open: (port: number) => void; readonly close: () => void } {
  const servers = new Map<number, Server>();
  const sockets = new Set<Socket>();
  let closed = false;
  return {
    open: (port) => {
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
