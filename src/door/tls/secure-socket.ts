import type { Socket } from "node:net";
import { type SecureContext, TLSSocket, type TLSSocketOptions } from "node:tls";
import type { OnRead } from "../accept/accept.ts";

export interface SecureSocketOptions {
  readonly context: SecureContext;
  /** What is offered by ALPN, the best first. */
  readonly protocols: readonly string[];
  /** Where decrypted bytes are read to. */
  readonly buffer: Buffer;
  readonly read: OnRead;
}

/** What node:net and node:tls keep inside, as far as this file needs it. */
interface RawHandle {
  reading: boolean;
  readonly readStop?: () => number;
}
interface SocketInside {
  _handle: RawHandle | null;
  _server: unknown;
}
interface SecureInside {
  _handle: { readonly receive?: (bytes: Buffer) => void } | null;
  _server: unknown;
  connecting: boolean;
  readonly _releaseControl?: () => boolean;
  readonly _tlsOptions: { readonly raw: RawHandle };
}
type WrapHandle = (wrap: unknown, handle: unknown, active: boolean) => unknown;

/**
 * TLS right on the handle of an accepted socket, without a stream of node:net below it: 16 KiB less for each connection, and
 * decrypted bytes are read into a buffer of ours. node:tls takes `onread` only where it was given no socket.
 */
class HandleTlsSocket extends TLSSocket {
  _wrapHandle(wrap: unknown, _: unknown, active: boolean): unknown {
    const { _wrapHandle } = TLSSocket.prototype as unknown as { _wrapHandle: WrapHandle };
    return _wrapHandle.call(this, wrap, (this as unknown as SecureInside)._tlsOptions.raw, active);
  }
}

/**
 * The server's side of TLS over a socket that has read `bytes` already. The socket given is of no use afterwards: its
 * connection belongs to the one that comes back, which emits `secure` once the handshake is done.
 */
export function secureSocket(socket: Socket, bytes: Buffer, options: SecureSocketOptions): TLSSocket {
  const { context, protocols } = options;
  const common: TLSSocketOptions = { isServer: true, secureContext: context, ALPNProtocols: [...protocols] };
  return overHandle(socket, bytes, common, options) ?? overSocket(socket, bytes, common, options);
}

function overHandle(
  socket: Socket,
  bytes: Buffer,
  common: TLSSocketOptions,
  { buffer, read }: SecureSocketOptions,
): TLSSocket | null {
  const from = socket as unknown as SocketInside;
  const raw = from._handle;
  if (raw?.readStop === undefined) return null;
  raw.readStop();
  raw.reading = false;
  const more = { raw, allowHalfOpen: true, onread: { buffer, callback: read } };
  const secure = new HandleTlsSocket(undefined as unknown as Socket, { ...common, ...more } as TLSSocketOptions);
  const inside = secure as unknown as SecureInside;
  if (inside._handle?.receive === undefined) throw new Error("node:tls looks different inside");
  // It waits for a `connect` otherwise.
  inside.connecting = false;
  // The server counts its connections by this field.
  inside._server = from._server;
  from._handle = null;
  from._server = null;
  // The handle goes on referring to the socket, which mustn't keep alive what HTTP had set up on it: 15 KiB.
  socket.removeAllListeners();
  release(secure);
  inside._handle.receive(bytes);
  return secure;
}

/** Where the handle can't be had: by node:tls' documented way, over the socket. */
function overSocket(socket: Socket, bytes: Buffer, common: TLSSocketOptions, { read }: SecureSocketOptions): TLSSocket {
  socket.removeAllListeners("data");
  socket.unshift(bytes);
  const secure = new TLSSocket(socket, common);
  release(secure);
  secure.on("data", (chunk: Buffer) => {
    if (!read(chunk.length, chunk)) secure.pause();
  });
  return secure;
}

/** Errors after the handshake end the connection; node:tls leaves that to its own server otherwise. */
function release(secure: TLSSocket): void {
  secure.once("secure", () => (secure as unknown as SecureInside)._releaseControl?.());
}
