import { type Box, openBox } from "../../confine/box/box.ts";
import { type BoxPlace, boxPlace } from "../../confine/box/place.ts";
import { type Fault, isFault } from "../../fault/fault.ts";
import type { Launch } from "../../services/kind/kind.ts";
import type { State } from "../../state/state.ts";
import { bindPolicy, type Plan, type PlannedService } from "../plan/plan.ts";
import { wholeCommand } from "./whole-command.ts";

/** A service's box. */
export interface BoxRig {
  readonly place: BoxPlace;
  /** The same launch inside it, with the service's edges as the only outlets. */
  readonly wrap: (launch: Launch) => Promise<{ readonly launch: Launch; readonly box: Box } | Fault>;
}

/** The box of a service; null when it runs without one. */
export function rigOf(plan: Plan, service: PlannedService, state: State): BoxRig | null {
  if (bindPolicy(service) !== "box") return null;
  const place = boxPlace(state.serviceDir(plan.project.key, service.name), service.address.port);
  const edges = plan.edges.flatMap(({ from, address, also = [] }) =>
    from === service.name ? [address, ...also.map((port) => ({ host: address.host, port }))] : [],
  );
  return {
    place,
    wrap: async (launch) => {
      const box = await openBox(place, service.address, edges, { ...launch, command: wholeCommand(launch) });
      if (isFault(box)) return box;
      const { uid: _, gid: __, thread: ___, within: ____, ...rest } = launch;
      return { box, launch: { ...rest, command: box.command, env: box.env } };
    },
  };
}
