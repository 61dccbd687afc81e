import { beginsTls } from "../../http1/first-bytes.ts";
import type { Caller } from "../caller.ts";
import type { Claims } from "../claim.ts";
import type { Decoder, DecoderKind, DecoderLink } from "../decoder.ts";
import type { CapturedEdge, ConnectionExchange } from "../exchange.ts";
import type { Recorder } from "../recorder.ts";
import { DECODERS } from "./decoders.ts";

/** A relay's calls about one connection: the bytes as its consumer sees them, and its events. */
export interface Tap extends Decoder {
  /** The service took the connection. */
  readonly connected: (clock: number) => void;
}

/**
 * Reads along one connection of an edge. `protocol`: what its service speaks as far as that is known; `claims`: what its
 * consumer reports of it.
 */
export function openTap(
  recorder: Recorder,
  edge: CapturedEdge,
  caller: Caller,
  protocol: "http" | "tcp" | "postgres" | "redis",
  accepted: number,
  claims: Claims | null = null,
): Tap {
  let connectedAt: number | null = null;
  let decoder: Decoder | null = null;
  /** Once no decoder reads it. */
  let plain: ConnectionExchange | null = null;
  let bytesUp = 0;
  let bytesDown = 0;
  let spoke = false;

  const link: DecoderLink = {
    recorder,
    edge,
    caller,
    accepted,
    claims,
    connected: () => connectedAt,
    lost: (what) => {
      decoder = null;
      count(what, performance.now());
    },
  };

  function count(what: "tls" | "unknown", clock: number): void {
    plain = recorder.begin<ConnectionExchange>(
      { protocol: "tcp", edge, caller, what, bytesUp, bytesDown },
      plain === null ? accepted : clock,
    );
    plain.connected = connectedAt === null ? null : connectedAt - accepted;
    if (bytesDown > 0) plain.firstByte = clock - accepted;
  }

  /** The decoder for the consumer's first bytes. */
  function choose(bytes: Buffer, clock: number): void {
    // A TLS handshake record; a service that is to speak in the clear is asked in the clear.
    if (beginsTls(bytes)) return count("tls", clock);
    const known = DECODERS.filter((one) => one.protocol === protocol);
    const kind: DecoderKind | undefined =
      known.find((one) => one.fits(bytes)) ?? known.at(-1) ?? DECODERS.find((one) => one.fits(bytes));
    if (kind === undefined) count("unknown", clock);
    else decoder = kind.open(link);
  }

  return {
    connected: (clock) => {
      connectedAt = clock;
    },
    up: (bytes, clock) => {
      if (!spoke) {
        spoke = true;
        if (plain === null) choose(bytes, clock);
      }
      bytesUp += bytes.length;
      if (decoder !== null) decoder.up(bytes, clock);
      else if (plain !== null) {
        plain.bytesUp = bytesUp;
        recorder.grew(plain, 0);
      }
    },
    down: (bytes, clock) => {
      bytesDown += bytes.length;
      // No protocol that is decoded has a server that sends first.
      if (decoder === null && plain === null) count("unknown", clock);
      if (decoder !== null) decoder.down(bytes, clock);
      else if (plain !== null) {
        plain.bytesDown = bytesDown;
        plain.firstByte ??= clock - plain.clock;
        recorder.grew(plain, 0);
      }
    },
    end: (way, clock) => decoder?.end(way, clock),
    closed: (clock, error) => {
      decoder?.closed(clock, error);
      claims?.closed();
      // It broke before any byte was sent: that is recorded as an exchange.
      if (decoder === null && plain === null && error !== null) count("unknown", clock);
      if (plain !== null)
        recorder.end(plain, clock, error === null ? null : { code: error, message: brokenText(error) });
      decoder = null;
    },
  };
}

function brokenText(code: string): string {
  if (code === "ECONNREFUSED") return "nothing listens at the service's address";
  if (code === "ECONNRESET") return "the connection was reset";
  if (code === "ETIMEDOUT") return "the service didn't answer in time";
  return "the connection broke";
}
