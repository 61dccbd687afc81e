import type { Socket } from "node:net";
import type { Peer } from "../guard/peer.ts";
import type { Admitted } from "./accept/admit.ts";
import type { Turns } from "./accept/turns.ts";
import type { DoorInside } from "./exchange/door-inside.ts";
import { clientDrained, connectionEnded, connectionGone, readClient, sweepConnection } from "./http1/connection.ts";
import { openConnection } from "./http1/http1-client.ts";
import {
  http2Drained,
  http2Ended,
  http2Gone,
  openHttp2,
  readHttp2,
  shutHttp2,
  sweepHttp2,
} from "./http2/connection.ts";
import { beginsHttp2 } from "./http2/preface.ts";
import { TLS_FIRST_BYTE } from "./tls/client-hello.ts";
import { type Handshakes, newHandshake, readHandshake, sweepHandshake } from "./tls/handshake.ts";

/** What ALPN offers, the best first (RFC 7301). */
export const PROTOCOLS = ["h2", "http/1.1"] as const;

/** A client's connection, whatever it speaks. */
export interface Client {
  readonly admitted: Admitted;
  /** Its bytes: `length` of them at the start of `bytes`. False stops reading until the socket's `resume`. */
  readonly read: (bytes: Buffer, length: number) => boolean;
  /** It takes bytes again. */
  readonly drained: () => void;
  /** It sends nothing more (FIN). */
  readonly ended: () => void;
  /** Its connection is closed. */
  readonly gone: () => void;
  /** Looks at its deadlines; called about once a second. */
  readonly sweep: (now: number) => void;
  /** The door closes. */
  readonly shut: () => void;
}

/** A connection that speaks HTTP/1.1. */
function http1Client(door: DoorInside, turns: Turns, socket: Socket, owner: Peer): Client {
  const connection = openConnection(door, turns, socket, owner);
  return {
    admitted: connection,
    read: (bytes, length) => readClient(connection, bytes, length),
    drained: () => clientDrained(connection),
    ended: () => connectionEnded(connection),
    gone: () => connectionGone(connection),
    sweep: (now) => sweepConnection(connection, now),
    shut: () => {
      socket.destroy();
    },
  };
}

/** A connection that speaks HTTP/2, by prior knowledge or by ALPN. Its preface is read, too. */
function http2Client(door: DoorInside, turns: Turns, socket: Socket, owner: Peer): Client {
  const connection = openHttp2(door, turns, socket, owner);
  return {
    admitted: connection,
    read: (bytes, length) => readHttp2(connection, bytes, length),
    drained: () => http2Drained(connection),
    ended: () => http2Ended(connection),
    gone: () => http2Gone(connection),
    sweep: (now) => sweepHttp2(connection, now),
    shut: () => shutHttp2(connection),
  };
}

/** The decrypted side of TLS; `protocol` is what ALPN agreed on, null where the client offered nothing. */
export function secureClient(
  door: DoorInside,
  turns: Turns,
  socket: Socket,
  owner: Peer,
  protocol: string | null,
): Client {
  return protocol === "h2" ? http2Client(door, turns, socket, owner) : http1Client(door, turns, socket, owner);
}

/** A connection on its way to TLS: its bytes are TLS's, which reads them itself as soon as it can. */
function handshakeClient(handshakes: Handshakes, socket: Socket, owner: Peer): Client {
  const handshake = newHandshake(socket, owner);
  return {
    admitted: handshake,
    read: (bytes, length) => readHandshake(handshakes, handshake, bytes, length),
    drained: () => {},
    ended: () => {
      socket.destroySoon();
    },
    gone: () => {},
    sweep: (now) => sweepHandshake(handshake, now),
    shut: () => {
      handshake.socket.destroy();
    },
  };
}

/**
 * A connection whose first bytes tell TLS from HTTP/2 with prior knowledge (RFC 9113 §3.3) and from HTTP/1.1. Where they don't
 * yet, HTTP/1.1 has them, too, and waits for the rest of its line.
 *
 * @param handshakes Null: no TLS is spoken here.
 * @param become Told once, where the connection goes on as another client.
 */
export function plainClient(
  door: DoorInside,
  turns: Turns,
  socket: Socket,
  owner: Peer,
  handshakes: Handshakes | null,
  become: (next: Client) => void,
): Client {
  const http1 = http1Client(door, turns, socket, owner);
  let undecided = true;
  let before = Buffer.alloc(0);

  function decide(bytes: Buffer, length: number): boolean {
    const read = before.length === 0 ? bytes : Buffer.concat([before, bytes.subarray(0, length)]);
    const there = before.length + length;
    if (handshakes !== null && read[0] === TLS_FIRST_BYTE) {
      undecided = false;
      const handshake = handshakeClient(handshakes, socket, owner);
      become(handshake);
      return handshake.read(read, there);
    }
    const verdict = beginsHttp2(read, there);
    undecided = verdict === "maybe";
    if (undecided) before = Buffer.from(read.subarray(0, there));
    if (verdict !== "yes") return http1.read(bytes, length);
    const http2 = http2Client(door, turns, socket, owner);
    become(http2);
    return http2.read(read, there);
  }

  return {
    ...http1,
    read: (bytes, length) => (undecided ? decide(bytes, length) : http1.read(bytes, length)),
  };
}
