import { defineKind } from "../define.ts";
import type { Loss } from "./loss-model.ts";
import { lossStage } from "./loss-stage.ts";

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
