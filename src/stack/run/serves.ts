import { machine } from "../../machine/machine.ts";
import type { PlannedService } from "../plan/plan.ts";

/**
 * Whether a service counts as one that listens before it was seen to: not so a program whose readiness says nothing of a
 * port, such as a worker or `tsc --watch`.
 */
export function servesByPlan({ ready, kind }: Pick<PlannedService, "ready" | "kind">): boolean {
  if (ready.type === "tcp" || ready.type === "http") return true;
  return ready.type !== "exit" && kind.port === undefined;
}

/** Whether somebody listens on the service's own port by now, as most do that are ready. */
export function servesNow({ ready, address }: Pick<PlannedService, "ready" | "address">): boolean {
  return ready.type !== "exit" && machine.listeningPorts().has(address.port);
}
