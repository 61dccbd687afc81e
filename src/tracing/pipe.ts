import { constants, openSync } from "node:fs";
import { Socket } from "node:net";
import { recordReader, type TraceRecord } from "./records.ts";

/** A FIFO that is read. */
export interface Pipe {
  readonly close: () => void;
}

/**
 * Reads records from a FIFO; null where there is none. It is opened for writing, too, so that it has no end when the last
 * process that writes to it ends.
 */
export function readPipe(path: string, take: (record: TraceRecord) => void): Pipe | null {
  try {
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const pipe = new Socket({ fd, readable: true, writable: false });
    pipe.on("error", () => pipe.destroy());
    pipe.on("data", recordReader(take));
    pipe.unref();
    return { close: () => void pipe.destroy() };
  } catch {
    return null;
  }
}
