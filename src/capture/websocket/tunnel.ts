import type { HttpExchange } from "../exchange.ts";
import type { Recorder } from "../recorder.ts";

/** Reads along what follows an upgrade. */
export interface TunnelReader {
  readonly up: (bytes: Buffer, clock: number) => void;
  readonly down: (bytes: Buffer, clock: number) => void;
  readonly closed: (clock: number, error: string | null) => void;
}

const NOBODY: TunnelReader = { up: () => {}, down: () => {}, closed: () => {} };

/** The reader for the protocol that a response with status 101 switched to; what is no WebSocket isn't read. */
export function readTunnel(_recorder: Recorder, _exchange: HttpExchange | null, _responseHead: string): TunnelReader {
  return NOBODY;
}
