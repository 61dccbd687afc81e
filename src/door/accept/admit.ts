import type { Socket } from "node:net";
import type { Guard } from "../../guard/guard.ts";
import { type Peer, UNCHECKED } from "../../guard/peer.ts";

/** A connection that waits for a head this long gives way to a new one when there are too many, ms. */
const IDLE_ENOUGH = 1_000;
/** One that was told to come back later gets this long to close, ms. */
const CLOSING_TIME = 2_000;

/** A connection that was let in, as far as a decision about another one needs it. */
export interface Admitted {
  readonly socket: Socket;
  readonly owner: Peer;
  /** Between requests, or within a head. */
  readonly idle: boolean;
  /** Since when, `performance.now()`. */
  readonly since: number;
}

/** Lets a connection in, before a byte of it is read: by whose it is, and by how many there are. Null: it is dealt with. */
export function admit(guard: Guard | null, open: ReadonlyMap<Admitted, unknown>, socket: Socket): Peer | null {
  if (guard === null) return UNCHECKED;
  const peer = guard.admit(socket);
  if (peer === null) {
    socket.on("error", () => {});
    socket.resetAndDestroy();
    return null;
  }
  const refusal = guard.count(peer, open.size, (uid) => countOf(open.keys(), uid));
  if (refusal === null || makeRoom(open.keys(), peer.uid)) return peer;
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

function countOf(open: Iterable<Admitted>, uid: number): number {
  let count = 0;
  for (const { owner } of open) if (owner.uid === uid) count++;
  return count;
}

/** Ends the user's oldest connection that is between requests or within a head, so that slow ones shut nobody out. */
function makeRoom(open: Iterable<Admitted>, uid: number | null): boolean {
  const now = performance.now();
  // A map's order is that of the accepts: the oldest come first.
  for (const { socket, owner, idle, since } of open) {
    if (owner.uid !== uid || !idle || socket.destroyed || now - since < IDLE_ENOUGH) continue;
    socket.destroy();
    return true;
  }
  return false;
}
