import type { Timer } from "../time/clock.ts";
import type { ConditionBase, End, Link, Output, Stage } from "./condition.ts";
import { defineKind } from "./define.ts";

/** The service is connected to late, and its first byte comes later still. */
export interface Open extends ConditionBase {
  readonly kind: "open";
  /** Before the service is connected to. The consumer's own handshake is the kernel's and is not delayed. */
  readonly ms: number;
  /** From the connection to the service to its first byte, at least. */
  readonly first: number;
}

/**
 * Waits `ms` before it connects to the service, and `first` ms more before the first byte back (default 0). Throws
 * CoveError (CONDITION_INVALID).
 *
 * @example
 * import { open, relay } from "cove";
 *
 * await using edge = await relay({ to: 5432, conditions: [open({ ms: 300, first: 50 })] });
 */
export const open = defineKind<Open, "ms">({
  kind: "open",
  about: "waits before it connects to the service, and before the first byte",
  direction: "down",
  fields: {
    ms: { type: "time", place: "main", required: true, about: "before the connection to the service" },
    first: { type: "time", default: 0, about: "from there to the first byte" },
  },
  admit: ({ ms }) => ({ delay: ms }),
  stage: firstByteStage,
});

function firstByteStage({ ms, first }: Open, next: Output, { clock, fresh }: Link): Stage<Open> {
  const wait = fresh ? first : 0;
  let held: Buffer[] | null = wait > 0 ? [] : null;
  let end: End | null = null;
  const timer: Timer | null = wait > 0 ? clock.at(clock.now() + ms + wait, release) : null;

  function release(): void {
    const now = clock.now();
    const all = held ?? [];
    held = null;
    for (const bytes of all) next.push(bytes, now);
    if (end !== null) next.end(end, now);
    end = null;
  }

  return {
    push: (bytes, at) => (held === null ? next.push(bytes, at) : void held.push(bytes)),
    end: (how, at) => {
      if (held === null) next.end(how, at);
      else end = how;
    },
    // It is about new connections; those under way keep what they got.
    change: () => {},
    flush: () => {
      timer?.cancel();
      release();
    },
    stop: () => {
      timer?.cancel();
      held = null;
      end = null;
    },
  };
}
