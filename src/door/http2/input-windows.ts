import { inputLength } from "../../http1/input.ts";
import { windowFrame } from "../../http2/frames.ts";
import { CONNECTION_WINDOW, HELD_MOST, STREAM_WINDOW, WAITING_MOST } from "./limits.ts";
import { send } from "./output.ts";
import type { Http2Connection, Stream } from "./state.ts";

/** Counts `length` bytes that came for a stream's windows. False: its client sent more than it may. */
export function countInput(stream: Stream, length: number): boolean {
  const { connection } = stream;
  stream.receiveWindow -= length;
  stream.uncredited += length;
  stream.waiting += length;
  connection.waiting += length;
  return stream.receiveWindow >= 0;
}

/** The same for the connection's window. */
export function countConnectionInput(connection: Http2Connection, length: number): boolean {
  connection.receiveWindow -= length;
  connection.uncredited += length;
  return connection.receiveWindow >= 0;
}

/** Gives windows back for what services took, in steps of half a window. */
export function giveBack(stream: Stream): void {
  const { connection, input, exchange } = stream;
  const taken = !stream.paused && inputLength(input) === 0;
  if (taken) {
    connection.waiting -= stream.waiting;
    stream.waiting = 0;
  }
  giveBackConnection(connection);
  const wanted = taken || (exchange.state === "held" && inputLength(input) < HELD_MOST);
  if (!wanted || stream.remoteEnded || stream.closed || stream.uncredited < STREAM_WINDOW / 2) return;
  send(connection, windowFrame(stream.id, stream.uncredited));
  stream.receiveWindow += stream.uncredited;
  stream.uncredited = 0;
}

export function giveBackConnection(connection: Http2Connection): void {
  if (connection.uncredited < CONNECTION_WINDOW / 2 || connection.waiting > WAITING_MOST) return;
  send(connection, windowFrame(0, connection.uncredited));
  connection.receiveWindow += connection.uncredited;
  connection.uncredited = 0;
}
