import type { Timer } from "../time/clock.ts";
import type { ConditionBase, Link, Output, Stage } from "./condition.ts";
import { defineKind } from "./define.ts";

/**
 * No bytes pass, what comes is dropped, and the connection is closed after `ms` without any; 0: it stays open until its source
 * ends. Since bytes are lost, removing the condition closes the connection too (as Toxiproxy does). To have them kept, see
 * blackhole.
 */
export interface Timeout extends ConditionBase {
  readonly kind: "timeout";
  readonly ms: number;
}

/**
 * Drops all bytes and closes the connection `ms` after the last ones came; 0: never. Removing the condition closes the
 * connection, too. Default: the answers. Throws CoveError (CONDITION_INVALID).
 *
 * @example
 * import { relay, timeout } from "cove";
 *
 * await using edge = await relay({ to: 5432, conditions: [timeout({ ms: 5_000 })] });
 */
export const timeout = defineKind<Timeout, "ms">({
  kind: "timeout",
  about: "passes nothing and closes after a time; 0: never",
  direction: "down",
  fields: { ms: { type: "time", place: "main", required: true, about: "until it closes; 0: never" } },
  stage: timeoutStage,
});

function timeoutStage(first: Timeout, next: Output, { clock, reset, dropped }: Link): Stage<Timeout> {
  let { ms } = first;
  /** The last bytes, or the condition itself. */
  let since = clock.now();
  let timer: Timer | null = null;

  function close(): void {
    stop();
    next.end("close", clock.now());
  }

  function arm(): void {
    timer?.cancel();
    timer = ms > 0 ? clock.at(since + ms, close) : null;
  }

  function stop(): void {
    timer?.cancel();
    timer = null;
  }

  arm();
  return {
    push: (bytes) => {
      dropped(bytes.length);
      since = clock.now();
      arm();
    },
    end: (how) => {
      // The end is passed on: with a time of 0 nothing else would close the connection. The timer goes on.
      if (how === "reset") reset();
      else next.end(how, clock.now());
    },
    change: (condition) => {
      ({ ms } = condition);
      arm();
    },
    flush: close,
    stop,
  };
}
