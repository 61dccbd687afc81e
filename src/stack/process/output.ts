import type { Readable } from "node:stream";
import { sleep } from "../../async/sleep.ts";
import { lineSplitter } from "./lines.ts";
import type { OutputStream, ProcessPorts } from "./ports.ts";

export interface Output {
  /**
   * Call it at the process's end: resolves once all is read, or nothing more has come for `patience` ms, or after ten
   * times that, for what goes on writing is not the process. Time in which output is held back doesn't count.
   */
  readonly last: (patience: number) => Promise<void>;
}

/** Reads one of a process's outputs: as bytes, as fast as those are taken, and as lines. */
export function readOutput(
  stream: OutputStream,
  output: Readable | null,
  { line, piece, bytes }: Pick<ProcessPorts, "line" | "piece" | "bytes">,
): Output {
  if (output === null) return { last: async () => {} };
  const lines = lineSplitter((text) => line(stream, text), piece);
  let heldBack = false;
  let lastAt = 0;
  const closed = new Promise<void>((resolve) => {
    // As when a service is killed; a terminal ends with EIO.
    output.on("error", () => {});
    output.once("close", resolve);
  });
  output.on("data", (chunk: Buffer) => {
    lastAt = performance.now();
    lines.write(chunk);
    const taken = bytes(stream, chunk);
    if (taken === undefined) return;
    heldBack = true;
    output.pause();
    void taken.then(() => {
      heldBack = false;
      lastAt = performance.now();
      output.resume();
    });
  });
  return {
    last: async (patience) => {
      lastAt = performance.now();
      for (let rounds = 0; !output.closed && rounds < 10; rounds += heldBack ? 0 : 1) {
        if (!heldBack && performance.now() - lastAt >= patience) break;
        await Promise.race([closed, sleep(patience)]);
      }
      lines.end();
    },
  };
}
