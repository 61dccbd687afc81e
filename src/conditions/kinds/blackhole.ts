import type { Timer } from "../time/clock.ts";
import { type ConditionBase, type End, type Link, ORPHAN_MS, type Output, type Stage } from "./condition.ts";
import { defineKind } from "./define.ts";

/**
 * Connections stay open and nothing passes, as when every packet is lost. What was sent is held (and the sender stopped at the
 * direction's bound); once the condition is gone it arrives.
 */
export interface Blackhole extends ConditionBase {
  readonly kind: "blackhole";
}

/**
 * Accepts connections, passes nothing and keeps them open; what was sent arrives once the condition is removed. Default:
 * both ways. Throws CoveError (CONDITION_INVALID).
 *
 * @example
 * import { blackhole, relay } from "cove";
 *
 * await using edge = await relay({ to: 5432, conditions: [blackhole({ direction: "up" })] });
 */
export const blackhole = defineKind<Blackhole>({
  kind: "blackhole",
  about: "accepts, passes nothing and stays open",
  direction: "both",
  fields: {},
  // A SYN would be lost as well: the service hears of a new connection only when the condition is gone.
  admit: ({ direction }) => (direction === "down" ? {} : { delay: Number.POSITIVE_INFINITY }),
  stage: blackholeStage,
});

function blackholeStage(_: Blackhole, next: Output, { clock, reset }: Link): Stage<Blackhole> {
  let held: Buffer[] = [];
  let end: End | null = null;
  let orphaned: Timer | null = null;
  return {
    push: (bytes) => {
      held.push(bytes);
    },
    end: (how) => {
      // Held back, it would keep the connection open forever.
      if (how === "reset") reset();
      else end = how;
      orphaned ??= clock.at(clock.now() + ORPHAN_MS, reset);
    },
    change: () => {},
    flush: () => {
      orphaned?.cancel();
      const all = held;
      held = [];
      for (const bytes of all) next.push(bytes, clock.now());
      if (end !== null) next.end(end, clock.now());
    },
    stop: () => {
      orphaned?.cancel();
      held = [];
      end = null;
    },
  };
}
