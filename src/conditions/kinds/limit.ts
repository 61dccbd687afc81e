import type { ConditionBase, Link, Output, Stage } from "./condition.ts";
import { defineKind } from "./define.ts";

/** The connection is closed after `bytes`; the rest is lost. */
export interface Limit extends ConditionBase {
  readonly kind: "limit";
  readonly bytes: number;
}

/**
 * Closes the connection after `bytes`, of the answers unless `direction` says otherwise. The rest is lost. Throws
 * CoveError (CONDITION_INVALID).
 *
 * @example
 * import { limit, relay } from "cove";
 *
 * await using edge = await relay({ to: 5432, conditions: [limit({ bytes: 10_000 })] });
 */
export const limit = defineKind<Limit, "bytes">({
  kind: "limit",
  about: "closes the connection after a number of bytes",
  direction: "down",
  fields: { bytes: { type: "size", place: "main", required: true, about: "that pass" } },
  stage: limitStage,
});

function limitStage(first: Limit, next: Output, { clock }: Link): Stage<Limit> {
  let { bytes: most } = first;
  let passed = 0;
  let closed = false;

  function close(at: number): void {
    if (closed) return;
    closed = true;
    next.end("close", at);
  }

  return {
    push: (bytes, at) => {
      if (closed) return;
      const room = most - passed;
      passed += Math.min(room, bytes.length);
      if (room > 0) next.push(bytes.length > room ? bytes.subarray(0, room) : bytes, at);
      if (passed >= most) close(at);
    },
    end: (how, at) => {
      if (!closed) next.end(how, at);
    },
    change: (condition) => {
      most = condition.bytes;
      if (passed > 0 && passed >= most) close(clock.now());
    },
    flush: () => {},
    stop: () => {},
  };
}
