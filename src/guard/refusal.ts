import type { Fault } from "../fault/fault.ts";

/** What refuses: one check each, one file of this folder each (`token` and `host` are judged by home and the door). */
export const GUARD_CHECKS = ["host", "cross-site", "peer", "limits", "token"] as const;
export type GuardCheck = (typeof GUARD_CHECKS)[number];

/** A verdict: why something isn't let in, with the status that says so over HTTP. Null instead: it is. */
export interface GuardRefusal {
  readonly check: GuardCheck;
  readonly status: 401 | 403 | 421 | 429 | 503;
  /** `message` says what was refused and why, `hint` how to allow it. */
  readonly fault: Fault;
  /** Lines for the service's entry in the config that allow it. */
  readonly allow?: string;
}
