/** How a stream ended. `unknown`: long ago, or it never was. */
export type Closing = "unknown" | "ended" | "reset by the client" | "reset by the door";

/** How the last streams of a connection ended: what comes on them late means something else for each (RFC 9113 §5.1). */
export interface ClosedStreams {
  readonly add: (stream: number, how: Closing) => void;
  readonly of: (stream: number) => Closing;
}

/** Streams that are remembered: more than may be open at once, since all of these may be reset in one turn. */
const SIZE = 1_024;
const HOW: readonly Closing[] = ["unknown", "ended", "reset by the client", "reset by the door"];

export function closedStreams(): ClosedStreams {
  const streams = new Uint32Array(SIZE);
  const how = new Uint8Array(SIZE);
  // A client's streams are odd.
  const place = (stream: number) => (stream >>> 1) & (SIZE - 1);
  return {
    add: (stream, closing) => {
      const at = place(stream);
      streams[at] = stream;
      how[at] = HOW.indexOf(closing);
    },
    of: (stream) => {
      const at = place(stream);
      return streams[at] === stream ? (HOW[how[at] ?? 0] ?? "unknown") : "unknown";
    },
  };
}
