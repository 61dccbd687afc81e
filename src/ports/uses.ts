import type { Address } from "../address/address.ts";
import { formatAddress } from "../address/parse.ts";
import type { ServiceState } from "../stack/session/messages.ts";

/** What Cove has an address for. */
export type PortUse =
  | { readonly use: "door"; readonly label: string; readonly pid: number | null }
  | {
      readonly use: "service";
      /** `shop/api`. */
      readonly label: string;
      readonly stack: string;
      readonly service: string;
      readonly kind: string;
      readonly state: ServiceState;
      readonly url: string;
      readonly pid: number | null;
      /** The process of its stack, which listens for it on ::1 as well; absent where that isn't known. */
      readonly runner?: number;
      readonly root: string;
    }
  | {
      readonly use: "edge";
      /** `api → db`. */
      readonly label: string;
      readonly stack: string;
      readonly from: string;
      readonly to: string;
      readonly root: string;
    }
  | { readonly use: "alias"; readonly label: string; readonly url: string }
  | {
      readonly use: "lease";
      /** What it is held for; nothing of that stack runs now. */
      readonly label: string;
      /** `service:web`, `edge:api→db`, `test:…`. */
      readonly holder: string;
      readonly root: string;
      readonly branch: string | null;
    };

/** As much of a lease as says whose it is. */
export interface HeldLease extends Address {
  readonly holder: string;
  readonly root: string;
  readonly branch: string | null;
}

/** Cove's own knowledge of addresses. */
export interface PortUses {
  /** What Cove has this address for; null when nothing. */
  at(address: Address): PortUse | null;
  /** Every use with its address: the door, then services and edges of running stacks, aliases, leases. */
  readonly all: readonly (readonly [Address, PortUse])[];
}

/** Uses by their address; where an address has several, the first one counts. */
export function usesByAddress(uses: Iterable<readonly [Address, PortUse]>): PortUses {
  const found = new Map<string, readonly [Address, PortUse]>();
  for (const use of uses) {
    const key = formatAddress(use[0]);
    if (!found.has(key)) found.set(key, use);
  }
  return { at: (address) => found.get(formatAddress(address))?.[1] ?? null, all: [...found.values()] };
}
