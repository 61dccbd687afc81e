import { defineKind } from "../define.ts";
import type { Loss } from "./loss-model.ts";
import { lossStage } from "./loss-stage.ts";

/**
 * Loses packets as TCP shows it: stalls and less throughput, never a hole. Either a `rate` (0 to 1), or bursts by
 * Gilbert–Elliott's `p`, `r`, `h`, `k` (0 to 1, as netem's `loss gemodel` has them, with `1-h` for its `h`). `rtt` is
 * the round trip in ms; default: that of the latencies beside it, at least 10. Throws CoveError (CONDITION_INVALID).
 *
 * @example
 * import { loss, relay } from "cove";
 *
 * await using edge = await relay({ to: 5432, conditions: [loss({ rate: 0.02 }), loss({ p: 0.01, r: 0.2, rtt: 80 })] });
 */
export const loss = defineKind<Loss>({
  kind: "loss",
  about: "loses packets, as TCP shows it: stalls and less throughput, never a hole",
  direction: "both",
  fields: {
    rate: { type: "share", place: "main", about: "of packets, each by itself" },
    p: { type: "share", about: "chance to go from good to bad (Gilbert–Elliott)" },
    r: { type: "share", about: "chance to go back" },
    h: { type: "share", about: "chance to pass while bad" },
    k: { type: "share", about: "chance to pass while good" },
    rtt: { type: "time", about: "round trip; default: that of the latencies beside it" },
  },
  check: ({ rate, p, r, h, k }) => {
    if ((rate === undefined) === (p === undefined)) return "needs either a rate or p (Gilbert–Elliott), not both";
    return p === undefined && (r ?? h ?? k) !== undefined ? "r, h and k need p" : null;
  },
  load: ({ rtt }) => ({ delay: 400 + (rtt ?? 10), piece: 1460 }),
  stage: lossStage,
});
