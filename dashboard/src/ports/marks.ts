import type { LeaseView, PortsView } from "../../../src/home/view/view.ts";

type Listener = PortsView["listeners"][number];

/** How a port is drawn, from what one should look at first. */
export const MARK_KINDS = ["everywhere", "lan", "door", "cove", "loopback", "lease"] as const;
export type MarkKind = (typeof MARK_KINDS)[number];

/** All that is at one port. */
export interface Mark {
  readonly port: number;
  readonly kind: MarkKind;
  readonly listeners: readonly Listener[];
  readonly lease: LeaseView | null;
  readonly conflict: PortsView["conflicts"][number] | null;
}

/** One mark for each port that something listens on or that is leased, by port. */
export function marks({ leases, conflicts }: PortsView, listeners: readonly Listener[]): Mark[] {
  const byPort = new Map<number, Listener[]>();
  for (const listener of listeners) {
    const others = byPort.get(listener.port);
    if (others === undefined) byPort.set(listener.port, [listener]);
    else others.push(listener);
  }
  for (const { port } of leases) if (!byPort.has(port)) byPort.set(port, []);
  return [...byPort]
    .map(([port, held]) => ({
      port,
      kind: kindOf(held),
      listeners: held,
      lease: leases.find((one) => one.port === port) ?? null,
      conflict: held.length === 0 ? null : (conflicts.find((one) => one.port === port) ?? null),
    }))
    .sort((a, b) => a.port - b.port);
}

function kindOf(listeners: readonly Listener[]): MarkKind {
  if (listeners.length === 0) return "lease";
  const exposures = listeners.map(({ exposure }) => exposure);
  if (exposures.includes("everywhere")) return "everywhere";
  if (exposures.includes("lan")) return "lan";
  const uses = listeners.flatMap(({ cove }) => cove?.use ?? []);
  if (uses.includes("door")) return "door";
  // A stranger on a leased port isn't Cove's.
  return uses.some((use) => use !== "lease") ? "cove" : "loopback";
}

/** The mark whose port's place is nearest to a point, within `reach` px. */
export function nearest(
  all: readonly Mark[],
  place: (port: number) => { readonly x: number; readonly y: number },
  point: { readonly x: number; readonly y: number },
  reach: number,
): Mark | null {
  let best: Mark | null = null;
  let closest = reach;
  for (const mark of all) {
    const { x, y } = place(mark.port);
    const distance = Math.hypot(x - point.x, y - point.y);
    // Of two that are as near the graver one.
    const graver = best !== null && MARK_KINDS.indexOf(mark.kind) < MARK_KINDS.indexOf(best.kind);
    if (distance < closest || (distance === closest && graver)) {
      best = mark;
      closest = distance;
    }
  }
  return best;
}
