import { bindPolicy } from "../plan/plan.ts";
import type { Welcome } from "../session/link.ts";
import type { Running } from "./running.ts";

/** Says in their consumers' logs which edges have no relay, or lack a port that connects aren't led from. */
export function noteBroken({ plan, supervisors }: Running, { broken }: Welcome): void {
  for (const { id, fault, partly } of broken) {
    const from = plan.edges.find((edge) => edge.id === id)?.from;
    const consumer = plan.services.find(({ name }) => name === from);
    if (from === undefined || consumer === undefined) continue;
    const isLed = plan.explicitEdges !== true && bindPolicy(consumer) === "fix" && process.platform === "linux";
    if (partly !== true || !isLed) supervisors.get(from)?.note(`edge ${id}: ${fault.message}`);
  }
}
