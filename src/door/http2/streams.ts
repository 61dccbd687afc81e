import { inputLength } from "../../http1/input.ts";
import { earn } from "./budget.ts";
import type { Closing } from "./closed-streams.ts";
import { MAX_STREAMS } from "./limits.ts";
import type { Stream } from "./state.ts";

/** A request that was answered in full pays for frames that do nothing, and for streams that are given up. */
const FRAMES_EARNED = 8;
const STREAMS_EARNED = 1;

/** Notes that a stream began. */
export function openStream(stream: Stream, id: number): void {
  const { connection } = stream;
  stream.id = id;
  stream.closed = false;
  stream.remoteEnded = false;
  stream.localEnded = false;
  stream.upgrade = false;
  stream.left = 0;
  stream.sendWindow = connection.initialWindow;
  stream.responseLeft = -1;
  stream.ends = false;
  stream.trailers = "";
  stream.since = performance.now();
  connection.streams.set(id, stream);
  connection.idle = false;
}

/** Notes that a stream is over. What waits to be sent on it is dropped. */
export function closeStream(stream: Stream, how: Closing): void {
  if (stream.closed) return;
  const { connection, exchange } = stream;
  stream.closed = true;
  connection.streams.delete(stream.id);
  connection.closed.add(stream.id, how);
  connection.blocked.delete(stream);
  connection.waiting -= stream.waiting;
  if (connection.streams.size === 0) {
    connection.idle = true;
    connection.since = performance.now();
  }
  if (how !== "ended") return;
  earn(connection.idleFrames, FRAMES_EARNED);
  earn(connection.brokenStreams, STREAMS_EARNED);
  // Only a stream that came to its end in order is used again: nothing that waits can still mean the old one.
  const clean = exchange.state === "none" && inputLength(stream.input) === 0 && !stream.reader.inBody;
  if (!clean || connection.free.length >= MAX_STREAMS) return;
  stream.pendingLength = 0;
  stream.waiting = 0;
  stream.uncredited = 0;
  stream.paused = false;
  connection.free.push(stream);
}
