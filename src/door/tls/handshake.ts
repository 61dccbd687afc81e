import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { ServerCertificate } from "../../certificates/leaves.ts";
import { type Fault, isFault } from "../../fault/fault.ts";
import type { Peer } from "../../guard/peer.ts";
import type { OnRead } from "../accept/accept.ts";
import type { Admitted } from "../accept/admit.ts";
import { readServerName } from "./client-hello.ts";
import type { Contexts } from "./contexts.ts";

/** Certificates by the name that a client asks for, in lower case; null: it names none. */
export type CertificateFor = (name: string | null) => Promise<ServerCertificate | Fault>;

/** A handshake takes two round trips on loopback; who hasn't finished one after this is cut off, ms. */
const HANDSHAKE_TIME = 10_000;
/** Handshakes that wait for a certificate at once. A page can make a browser ask for any number of names. */
const WAITING_MOST = 128;

/** Fatal alerts (RFC 8446 §6.2) in a record of their own, before there are keys. */
const UNRECOGNIZED_NAME = alert(112);
const INTERNAL_ERROR = alert(80);

/** A connection on its way to TLS. */
export interface Handshake extends Admitted {
  readonly phase: "handshake";
  socket: Socket;
  /** What came before TLS took over. */
  first: Buffer;
  /** Its ClientHello is whole: what comes now is TLS's. */
  begun: boolean;
}

export interface HandshakesOptions {
  readonly certificateFor: CertificateFor;
  readonly protocols: readonly string[];
  /** Where all connections' reads land. */
  readonly buffer: Buffer;
  /** The handshake is done; `protocol`: what ALPN agreed on. What it gives takes the decrypted bytes from then on. */
  readonly secured: (socket: TLSSocket, owner: Peer, protocol: string | null) => OnRead;
  /** It is over, done or not. */
  readonly ended: (handshake: Handshake) => void;
}

type Tls = typeof import("./contexts.ts") & typeof import("./secure-socket.ts");

/** All handshakes of one door. */
export interface Handshakes {
  readonly options: HandshakesOptions;
  /** node:tls is loaded by the first client that speaks TLS: others don't pay its 3 MB. */
  tls: Promise<{ readonly contexts: Contexts; readonly secureSocket: Tls["secureSocket"] }> | null;
  waiting: number;
}

export function createHandshakes(options: HandshakesOptions): Handshakes {
  return { options, tls: null, waiting: 0 };
}

async function load(): Promise<{ readonly contexts: Contexts; readonly secureSocket: Tls["secureSocket"] }> {
  const [{ createContexts }, { secureSocket }] = await Promise.all([
    import("./contexts.ts"),
    import("./secure-socket.ts"),
  ]);
  return { contexts: createContexts(), secureSocket };
}

export function newHandshake(socket: Socket, owner: Peer): Handshake {
  const since = performance.now();
  return { phase: "handshake", socket, owner, idle: true, since, first: Buffer.alloc(0), begun: false };
}

/** Bytes of a connection that began as TLS does. False: stop reading. */
export function readHandshake(all: Handshakes, handshake: Handshake, bytes: Uint8Array, length: number): boolean {
  if (handshake.begun) return false;
  handshake.first = Buffer.concat([handshake.first, bytes.subarray(0, length)]);
  const said = readServerName(handshake.first);
  if (said === "more") return true;
  handshake.begun = true;
  void begin(all, handshake, said.name);
  return false;
}

async function begin(all: Handshakes, handshake: Handshake, name: string | null): Promise<void> {
  const { options } = all;
  if (all.waiting >= WAITING_MOST) return refuse(handshake, INTERNAL_ERROR);
  all.waiting++;
  all.tls ??= load();
  const [certificate, { contexts, secureSocket }] = await Promise.all([options.certificateFor(name), all.tls]);
  all.waiting--;
  if (handshake.socket.destroyed) return;
  const context = isFault(certificate) ? certificate : contexts.of(certificate);
  if (isFault(context)) {
    return refuse(handshake, context.fault === "NAME_UNKNOWN" ? UNRECOGNIZED_NAME : INTERNAL_ERROR);
  }
  const { protocols, buffer, secured, ended } = options;
  let take: OnRead = () => true;
  const read: OnRead = (length, bytes) => take(length, bytes);
  const socket = secureSocket(handshake.socket, handshake.first, { context, protocols, buffer, read });
  handshake.socket = socket;
  handshake.first = Buffer.alloc(0);
  socket.on("error", () => {});
  // Of an error that isn't the connection's end, node:tls tells by this alone.
  socket.on("_tlsError", () => socket.destroy());
  const gone = () => ended(handshake);
  const left = () => socket.destroy();
  socket.once("close", gone);
  socket.once("end", left);
  socket.once("secure", () => {
    socket.removeListener("close", gone);
    socket.removeListener("end", left);
    ended(handshake);
    take = secured(socket, handshake.owner, socket.alpnProtocol || null);
  });
  socket.resume();
}

/** A client of an older protocol, or one that never goes on, is cut off. */
export function sweepHandshake({ socket, since }: Handshake, now: number): void {
  if (now - since > HANDSHAKE_TIME) socket.destroy();
}

function refuse({ socket }: Handshake, record: Buffer): void {
  socket.on("end", () => socket.destroySoon());
  socket.end(record);
  socket.resume();
}

function alert(description: number): Buffer {
  return Buffer.from([0x15, 3, 3, 0, 2, 2, description]);
}
