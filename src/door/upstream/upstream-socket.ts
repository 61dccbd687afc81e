import type { Socket } from "node:net";

/**
 * The connection to a service as an exchange uses it: a socket that speaks HTTP/1.1, or a stream of a shared connection that
 * speaks HTTP/2 and takes and gives HTTP/1.1's bytes.
 */
export interface UpstreamSocket extends Pick<Socket, "connecting" | "readableEnded" | "cork" | "uncork"> {
  /** False: its user is told by `drained` when it takes more. */
  readonly write: (data: string | Uint8Array, encoding?: "latin1") => boolean;
  readonly resume: () => unknown;
  readonly once: (event: "connect", listener: () => void) => unknown;
  readonly end: () => unknown;
  readonly destroy: () => unknown;
}
