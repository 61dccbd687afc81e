import type { Reach } from "./netfilter/reach.ts";
import { NFT_TABLE } from "./nft-table.ts";

/** How bad it is, worst first. */
export const SEVERITIES = ["critical", "high", "medium", "low", "info"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** One thing that others can reach or read, why it matters, and what fixes it. */
export interface Finding {
  /** Which rule: `exposed-database`. Stable: a CI may ignore findings by it. */
  readonly rule: string;
  readonly severity: Severity;
  /** What is there: `redis-server (pid 812) listens on 0.0.0.0:6379`. */
  readonly what: string;
  /** Why it matters, in a sentence. */
  readonly why: string;
  /** The command, setting or flag that fixes it. */
  readonly fix: string;
  /** What of `fix` can be pasted as it is, where that is a part of it. */
  readonly command?: string;
  /** `0.0.0.0:6379`, or a file's path. */
  readonly where: string;
  readonly port?: number;
  readonly protocol?: "tcp" | "udp";
  readonly pid?: number;
  /** Whom the firewall lets get there; absent where it was not asked about. */
  readonly reach?: Reach;
  /** Cove can fix it itself after asking: what `cove audit --fix` would do. */
  readonly autofix?: { readonly chmod: string; readonly mode: number };
}

/** Whether a severity is as bad as another, or worse. */
export function isAtLeast(severity: Severity, limit: Severity): boolean {
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(limit);
}

/** One step milder. */
export function milder(severity: Severity): Severity {
  return SEVERITIES[Math.min(SEVERITIES.indexOf(severity) + 1, SEVERITIES.length - 1)] ?? severity;
}

/** Whether only rules of `cove audit --fix` keep others out: it is taken care of, as long as they are there. */
export function isClosedByCove({ reach }: Finding): boolean {
  return reach?.letIn === "nobody" && reach.tables.length > 0 && reach.tables.every((table) => table === NFT_TABLE);
}
