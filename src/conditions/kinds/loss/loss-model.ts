import type { Random } from "../../time/random.ts";
import type { ConditionBase } from "../condition.ts";

interface Rates {
  readonly rate?: number;
  readonly p?: number;
  readonly r?: number;
  readonly h?: number;
  readonly k?: number;
}

/** Which of Gilbert–Elliott's states the path is in. */
export interface PathState {
  bad: boolean;
}

/**
 * Tells for one packet after the other whether it is lost. `path` outlives the model: when the rates change in a burst of losses,
 * the burst goes on.
 */
export function lossModel(rates: Rates, random: Random, path: PathState = { bad: false }): () => boolean {
  const { rate = 0, p, r, h = 0, k = 1 } = rates;
  if (p === undefined) return () => random() < rate;
  const back = r ?? 1 - p;
  return () => {
    const lost = random() >= (path.bad ? h : k);
    path.bad = path.bad ? random() >= back : random() < p;
    return lost;
  };
}

/** The share of packets that is lost in the long run. */
export function lossRate({ rate = 0, p, r, h = 0, k = 1 }: Rates): number {
  if (p === undefined) return rate;
  const back = r ?? 1 - p;
  const bad = p + back === 0 ? 0 : p / (p + back);
  return bad * (1 - h) + (1 - bad) * (1 - k);
}

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
