import { type Address, eachFamily } from "../../address/address.ts";
import { formatAddress } from "../../address/parse.ts";
import { type HeldLease, type PortUse, type PortUses, usesByAddress } from "../../ports/uses.ts";
import type { Snapshot } from "./view.ts";

/** Joins what home shows (null when it doesn't run) with the leases in the state; what runs goes before what is only kept. */
export function portUses(snapshot: Snapshot | null, leases: readonly HeldLease[], doorPort: number): PortUses {
  const uses: (readonly [Address, PortUse])[] = [];
  const add = (address: Address, use: PortUse) => {
    for (const each of eachFamily(address)) uses.push([each, use]);
  };
  const door = snapshot?.home.door.port ?? doorPort;
  for (const host of ["127.0.0.1", "::1"]) {
    add({ host, port: door }, { use: "door", label: "Cove's door", pid: snapshot?.home.pid ?? null });
  }
  for (const stack of snapshot?.stacks ?? []) {
    const { root } = stack;
    const runner = stack.runner.pid;
    for (const { name, kind, state, url, pid, address } of stack.services) {
      const label = stack.single ? stack.name : `${stack.name}/${name}`;
      const shown = url ?? `tcp://${formatAddress(address)}`;
      add(address, {
        use: "service",
        label,
        stack: stack.name,
        service: name,
        kind,
        state,
        url: shown,
        pid,
        runner,
        root,
      });
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
  return usesByAddress(uses);
}

/** `lease: shop/web`, `lease: api → db`. */
function leaseLabel(holder: string, root: string): string {
  const colon = holder.indexOf(":");
  const kind = holder.slice(0, colon);
  const name = holder.slice(colon + 1);
  if (kind === "edge") return `lease: ${name.replace("→", " → ")}`;
  return `lease: ${root.replace(/^.*[/\\](?=[^/\\])/, "")}/${name}`;
}
