import type { Socket } from "node:net";
import { type Peer, UNCHECKED } from "../../guard/peer.ts";
import type { Client, DoorInside } from "../exchange/client.ts";

/** A connection that waits for a head this long gives way to a new one when there are too many, ms. */
const IDLE_ENOUGH = 1_000;
/** One that was told to come back later gets this long to close, ms. */
const CLOSING_TIME = 2_000;

/** Lets a connection in, before a byte of it is read: by whose it is, and by how many there are. Null: it is dealt with. */
export function admit({ guard, clients }: DoorInside, socket: Socket): Peer | null {
  if (guard === null) return UNCHECKED;
  const peer = guard.admit(socket);
  if (peer === null) {
    socket.on("error", () => {});
    socket.resetAndDestroy();
    return null;
  }
  const refusal = guard.count(peer, clients.size, (uid) => countOf(clients, uid));
  if (refusal === null || makeRoom(clients, peer.uid)) return peer;
  const body = `${JSON.stringify({ error: refusal.fault })}\n`;
  socket.on("error", () => {});
  socket.on("end", () => socket.destroySoon());
  socket.setTimeout(CLOSING_TIME, () => socket.destroy());
  socket.end(
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json; charset=utf-8\r\n" +
      `Content-Length: ${Buffer.byteLength(body)}\r\nCache-Control: no-store\r\nRetry-After: 1\r\nConnection: close\r\n\r\n${body}`,
  );
  // What it sent is read and dropped: a close with unread bytes would take the answer back.
  socket.resume();
  return null;
}

function countOf(clients: Iterable<Client>, uid: number): number {
  let count = 0;
  for (const client of clients) if (client.owner.uid === uid) count++;
  return count;
}

/** Ends the user's oldest connection that is between requests or within a head, so that slow ones shut nobody out. */
function makeRoom(clients: Iterable<Client>, uid: number | null): boolean {
  const now = performance.now();
  // A set's order is that of the accepts: the oldest come first.
  for (const { socket, owner, phase, since } of clients) {
    if (owner.uid !== uid || phase !== "idle" || socket.destroyed || now - since < IDLE_ENOUGH) continue;
    socket.destroy();
    return true;
  }
  return false;
}
