import { LEASE_RANGE, OVERFLOW_RANGE, parsePort } from "../address/ports.ts";
import { type Fault, fault } from "../fault/fault.ts";

/** First and last port, both included. */
export type PortRange = readonly [number, number];

/**
 * Where new leases come from, in this order: `COVE_LEASES` alone when it is set, else the default range and then its
 * overflow. Faults: ADDRESS_INVALID.
 */
export function leaseRanges(env: NodeJS.ProcessEnv): readonly PortRange[] | Fault {
  const text = env.COVE_LEASES;
  if (!text) return [LEASE_RANGE, OVERFLOW_RANGE];
  const match = /^\s*(\d+)\s*-\s*(\d+)\s*$/.exec(text);
  const first = parsePort(match?.[1] ?? "");
  const last = parsePort(match?.[2] ?? "");
  if (first !== null && last !== null && first > 0 && first <= last) return [[first, last]];
  return fault(
    "ADDRESS_INVALID",
    `COVE_LEASES is not a range of ports: ${text}`,
    "Write it like COVE_LEASES=61000-61999",
  );
}

export function isWithin(port: number, ranges: readonly PortRange[]): boolean {
  return ranges.some(([first, last]) => port >= first && port <= last);
}
