import type { Socket } from "node:net";

/** Passes bytes and ends both ways; an error on one side, or its abort, ends the other. Both need `allowHalfOpen`. */
export function joinStreams(one: Socket, other: Socket): void {
  one.setNoDelay();
  other.setNoDelay();
  one.pipe(other);
  other.pipe(one);
  for (const [here, there] of [
    [one, other],
    [other, one],
  ] as const) {
    here.on("error", () => there.destroy());
    here.on("close", (failed) => {
      if (failed || !here.readableEnded) there.destroy();
    });
  }
}
