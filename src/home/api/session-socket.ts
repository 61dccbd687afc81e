import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { RunnerPeer } from "../sessions/session.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Auth } from "./access/auth.ts";
import { consolePlace, seatAt } from "./console-socket.ts";

/** A hello brings the last lines of every service; more than this is no hello, bytes. */
const LARGEST_MESSAGE = 64 << 20;

/**
 * Lets runners in at `GET /api/v1/session`, and `cove attach` at a service's `…/console` (WebSocket, RFC 6455), by the token
 * alone: no page of a browser can send that header.
 */
export function acceptSessions(server: Server, auth: Auth, sessions: Sessions): { close: () => void } {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE, perMessageDeflate: false });

  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    const place = consolePlace(request.url);
    if (request.url !== "/api/v1/session" && place === null) return refuse(socket, "404 Not Found");
    if (!auth.bearer(request.headers.authorization)) return refuse(socket, "401 Unauthorized");
    if (place !== null) {
      return sockets.handleUpgrade(request, socket, head, (opened) => seatAt(opened, place, sessions));
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      const peer: RunnerPeer = {
        send: (message) => opened.send(JSON.stringify(message)),
        ping: () =>
          new Promise((resolve) => {
            opened.once("pong", () => resolve());
            opened.ping();
          }),
        close: () => opened.close(),
      };
      const events = sessions.join(peer);
      opened.on("message", (data) => events.message(String(data)));
      opened.on("close", events.closed);
      // A frame that breaks the protocol: ws closes the connection itself.
      opened.on("error", () => {});
    });
  });

  return {
    close: () => {
      for (const client of sockets.clients) client.close(1001);
    },
  };
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
