import type { Address } from "../../address/address.ts";
import { formatAddress } from "../../address/parse.ts";
import type { ServiceState } from "../../stack/session/messages.ts";
import type { Snapshot } from "./view.ts";

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

/** Joins what home shows (null when it doesn't run) with the leases in the state; what runs goes before what is only kept. */
export function portUses(snapshot: Snapshot | null, leases: readonly HeldLease[], doorPort: number): PortUses {
  const found = new Map<string, readonly [Address, PortUse]>();
  const add = (address: Address, use: PortUse) => {
    const key = formatAddress(address);
    if (!found.has(key)) found.set(key, [address, use]);
  };
  const door = snapshot?.home.door.port ?? doorPort;
  for (const host of ["127.0.0.1", "::1"]) {
    add({ host, port: door }, { use: "door", label: "Cove's door", pid: snapshot?.home.pid ?? null });
  }
  for (const stack of snapshot?.stacks ?? []) {
    const { root } = stack;
    for (const { name, kind, state, url, pid, address } of stack.services) {
      const label = stack.single ? stack.name : `${stack.name}/${name}`;
      add(address, { use: "service", label, stack: stack.name, service: name, kind, state, url, pid, root });
    }
    for (const { from, to, address } of stack.edges) {
      // The way of browsers is the door itself.
      if (from !== "browser")
        add(address, { use: "edge", label: `${from} → ${to}`, stack: stack.name, from, to, root });
    }
  }
  for (const { name, url, address } of snapshot?.aliases ?? []) add(address, { use: "alias", label: name, url });
  for (const { host, port, holder, root, branch } of leases) {
    add({ host, port }, { use: "lease", label: leaseLabel(holder, root), holder, root, branch });
  }
  return { at: (address) => found.get(formatAddress(address))?.[1] ?? null, all: [...found.values()] };
}

/** `lease: shop/web`, `lease: api → db`. */
function leaseLabel(holder: string, root: string): string {
  const colon = holder.indexOf(":");
  const kind = holder.slice(0, colon);
  const name = holder.slice(colon + 1);
  if (kind === "edge") return `lease: ${name.replace("→", " → ")}`;
  return `lease: ${root.replace(/^.*[/\\](?=[^/\\])/, "")}/${name}`;
}
