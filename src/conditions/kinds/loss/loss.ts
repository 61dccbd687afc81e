import type { ConditionBase, Kind } from "../condition.ts";
import { lossStage } from "./loss-stage.ts";

/**
 * Packet loss, as TCP shows it to an application: never a hole, but stalls (a fast retransmit's round trip, or the
 * retransmission time-out, doubling) and a throughput that falls with the rate, at most MSS/RTT · 1.22/√p
 * (Mathis et al. 1997). Packets are of 1460 bytes.
 *
 * Either `rate`, independent, or bursts by Gilbert–Elliott's two states (`p`, `r`, `h`, `k`).
 */
export interface Loss extends ConditionBase {
  readonly kind: "loss";
  /** Share of packets lost, each by itself. */
  readonly rate?: number;
  /** Chance per packet to go from the good state to the bad one. */
  readonly p?: number;
  /** And back. Default 1 − p. */
  readonly r?: number;
  /** Chance that a packet passes in the bad state. Default 0. netem's `1-h` is 1 less this. */
  readonly h?: number;
  /** Chance that a packet passes in the good state. Default 1. */
  readonly k?: number;
  /** Round trip, ms. Default: that of the latency conditions beside it, at least 10. */
  readonly rtt?: number;
}

export const loss: Kind<Loss> = {
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
};
