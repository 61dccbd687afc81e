import type { Timer } from "../time/clock.ts";
import type { ConditionBase, Link, Output, Stage } from "./condition.ts";
import { defineKind } from "./define.ts";

/** Both sides get a real RST; what is under way is lost. Connections that exist already are reset too. */
export interface Reset extends ConditionBase {
  readonly kind: "reset";
  readonly ms: number;
  /**
   * What the time counts from. `open`: the connection, or the moment when the condition was set; bytes pass until then.
   * `data`: the first bytes in its direction, or their end; neither passes (Toxiproxy's reset_peer).
   */
  readonly from: "open" | "data";
}

/**
 * Sends a real RST both ways after `ms` (default 0), counted from the connection or, with `from: "data"`, from its first
 * bytes. Open connections are reset, too. Throws CoveError (CONDITION_INVALID).
 *
 * @example
 * import { relay, reset } from "cove";
 *
 * await using edge = await relay({ to: 5432, conditions: [reset({ ms: 1_000 })] });
 */
export const reset = defineKind<Reset>({
  kind: "reset",
  about: "resets connections (a real RST), after a time",
  direction: "both",
  fields: {
    ms: { type: "time", place: "main", default: 0, about: "until the reset" },
    from: { type: "choice", of: ["open", "data"], default: "open", about: "what the time counts from" },
  },
  stage: resetStage,
});

function resetStage(first: Reset, next: Output, link: Link): Stage<Reset> {
  const { clock } = link;
  let since = first.from === "open" ? clock.now() : null;
  let condition = first;
  let timer: Timer | null = null;

  function arm(): void {
    stop();
    // Even 0 ms go through the clock, never a direct call: the connection may not be set up yet.
    if (since !== null) timer = clock.at(since + condition.ms, link.reset);
  }

  function stop(): void {
    timer?.cancel();
    timer = null;
  }

  arm();
  return {
    push: (bytes, at) => {
      if (condition.from === "open") return next.push(bytes, at);
      link.dropped(bytes.length);
      if (since !== null) return;
      since = at;
      arm();
    },
    end: (how, at) => {
      if (condition.from === "open" || how === "reset") return next.end(how, at);
      if (since !== null) return;
      since = at;
      arm();
    },
    change: (changed) => {
      condition = changed;
      if (changed.from === "open") since ??= clock.now();
      arm();
    },
    flush: () => {
      // Bytes were dropped already: the connection must not go on as if nothing were missing.
      if (condition.from === "data" && since !== null) link.reset();
      stop();
    },
    stop,
  };
}
