import type { Address } from "../../address/address.ts";
import type { LeaseRequest } from "../../lease/lease.ts";
import type { Project } from "../../lease/project.ts";
import { machine } from "../../machine/machine.ts";
import { familyOf } from "../../services/kind/edge-facts.ts";
import type { AnyKind } from "../../services/kind/kind.ts";
import { STANDARD_PORTS } from "../../services/kind/standard-ports.ts";

/** The leases that a stack's services and edges ask for. */

/** A consumer's way to a service, with a leased relay address of its own. */
export interface PlannedEdge {
  /** `api→db`. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Where home's relay for this edge listens. */
  readonly address: Address;
  /** Further ports at the same address, where it is the edge's own. Absent: none. */
  readonly also?: readonly number[];
}

/** What is known of where a service is to be, before the leases. */
export interface Places {
  readonly service: {
    readonly name: string;
    readonly kind: AnyKind;
    readonly options: unknown;
    readonly needs: readonly string[];
    readonly hostNames?: true;
  };
  /** Where it already is; null: a lease is needed. */
  readonly address: Address | null;
  /** The port that it must have; null: any. */
  readonly port: number | null;
  readonly ownAddress: boolean;
  /** Where code of its consumers looks for it, as the config says. */
  readonly expects: readonly number[];
}

/** An edge before its address is known. */
interface DraftEdge extends Pick<PlannedEdge, "id" | "from" | "to"> {
  /** Its ports at an address of its own; null: a port of 127.0.0.1. */
  readonly own: Ports | null;
}

export function draftEdges(all: readonly Places[]): DraftEdge[] {
  return all.flatMap(({ service: { name, needs, hostNames = false } }) =>
    needs.flatMap((to): DraftEdge[] => {
      const target = all.find(({ service }) => service.name === to);
      if (target === undefined) return [];
      const own = hostNames || target.ownAddress ? portsOf(target) : null;
      return [{ id: `${name}→${to}`, from: name, to, own }];
    }),
  );
}

interface Ports {
  /** The one that it is known by; null: any. */
  readonly first: number | null;
  readonly all: readonly number[];
}

/** Where code looks for a service: at the ports that the config says, its own fixed one, its kind's standard one. */
function portsOf({ expects, port, address, service: { kind, options } }: Places): Ports {
  const own = port ?? address?.port ?? null;
  const family = familyOf(kind, options);
  const standard = STANDARD_PORTS[family];
  const first = expects[0] ?? own ?? (family === "http" ? null : standard);
  // Nobody asked for this one: it isn't worth a complaint.
  const usual = standard === null || standard < machine.unprivilegedFrom() ? null : standard;
  const all = [first, ...expects, own, usual].filter((one) => one !== null);
  return { first, all: [...new Set(all)] };
}

/** A service with an address of its own listens where code looks for it; one that serves pages at any port. */
export function serviceLease(project: Project, { service, port, ownAddress, expects }: Places): LeaseRequest {
  const request = { project, holder: `service:${service.name}` };
  if (port !== null) return { ...request, port, takesOver: true, ...(ownAddress && { ownAddress }) };
  if (!ownAddress) return request;
  const family = familyOf(service.kind, service.options);
  const wanted = expects[0] ?? (family === "http" ? null : STANDARD_PORTS[family]);
  return { ...request, ownAddress, ...(wanted !== null && { port: wanted, orAnyPort: true }) };
}

export function edgeLease(project: Project, { id, own }: DraftEdge): LeaseRequest {
  const request = { project, holder: `edge:${id}` };
  if (own === null) return request;
  return { ...request, ownAddress: true, ...(own.first !== null && { port: own.first, orAnyPort: true }) };
}

export function placedEdge({ own, ...edge }: DraftEdge, address: Address): PlannedEdge {
  const also = (own?.all ?? []).filter((port) => port !== address.port);
  return { ...edge, address, ...(also.length > 0 && { also }) };
}
