import type { Timer } from "../time/clock.ts";
import type { ConditionBase, End, Link, Output, Stage } from "./condition.ts";
import { defineKind } from "./define.ts";

/** The end of the bytes is held back; the bytes are not. */
export interface SlowClose extends ConditionBase {
  readonly kind: "slow-close";
  readonly ms: number;
}

/**
 * Holds the end of a connection back for `ms`; its bytes pass at once. Default: the service's end. Throws CoveError
 * (CONDITION_INVALID).
 *
 * @example
 * import { relay, slowClose } from "cove";
 *
 * await using edge = await relay({ to: 5432, conditions: [slowClose({ ms: 2_000 })] });
 */
export const slowClose = defineKind<SlowClose, "ms">({
  kind: "slow-close",
  about: "holds the end of a connection back",
  direction: "down",
  fields: { ms: { type: "time", place: "main", required: true, about: "from the end to its delivery" } },
  stage: slowCloseStage,
});

function slowCloseStage(first: SlowClose, next: Output, { clock }: Link): Stage<SlowClose> {
  let { ms } = first;
  let since = 0;
  let end: End | null = null;
  let timer: Timer | null = null;

  function release(): void {
    const how = end;
    stop();
    if (how !== null) next.end(how, clock.now());
  }

  function stop(): void {
    timer?.cancel();
    timer = null;
    end = null;
  }

  return {
    push: next.push,
    end: (how, at) => {
      end = how;
      since = at;
      timer = clock.at(at + ms, release);
    },
    change: (condition) => {
      ({ ms } = condition);
      if (end === null) return;
      timer?.cancel();
      timer = clock.at(since + ms, release);
    },
    flush: release,
    stop,
  };
}
