import { connect, type LookupFunction, type Socket } from "node:net";
import type { OnRead } from "../accept/accept.ts";
import { readAfterFailedWrite } from "../accept/failed-writes.ts";
import type { Upstream } from "./upstream.ts";

/** How long connecting may take, ms. Loopback answers at once; an `external` service may be a tunnel. */
const CONNECT_TIME = 10_000;

const LOOPBACKS = [
  { address: "127.0.0.1", family: 4 },
  { address: "::1", family: 6 },
];
/** `localhost` is both families, whatever the system's resolver says; asked anew for each connection. */
const bothFamilies: LookupFunction = (_, __, give) => give(null, LOOPBACKS);

function eitherFamily(to: Upstream): Upstream & { lookup?: LookupFunction; autoSelectFamily?: boolean } {
  return "host" in to && to.host === "localhost" ? { ...to, lookup: bothFamilies, autoSelectFamily: true } : to;
}

interface DialOptions {
  /** Where what the service sends lands: one buffer, or a function that is asked for the next one after each read. */
  readonly onread: { readonly buffer: Buffer | (() => Buffer); readonly callback: OnRead };
  readonly connected: () => void;
  /** The service takes no more, but what it sent is still read: see readAfterFailedWrite. */
  readonly refusing: (error: NodeJS.ErrnoException) => void;
  /** How long connecting may take, ms. Default CONNECT_TIME. */
  readonly connectTime?: number;
}

/**
 * Connects to a service, whose answer survives failed writes. One that isn't connected in time is destroyed with an error
 * ETIMEDOUT. The socket allows half-open connections and sends without Nagle's delay.
 */
export function dial(to: Upstream, { onread, connected, refusing, connectTime = CONNECT_TIME }: DialOptions): Socket {
  const socket = connect({ ...eitherFamily(to), onread, noDelay: true, allowHalfOpen: true });
  readAfterFailedWrite(socket, refusing);
  const late = () => {
    socket.destroy(Object.assign(new Error("connecting took too long"), { code: "ETIMEDOUT" }));
  };
  socket.setTimeout(connectTime, late);
  socket.once("connect", () => {
    socket.setTimeout(0, late);
    connected();
  });
  return socket;
}
