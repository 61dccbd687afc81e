import type { Welcome } from "../session/link.ts";
import type { Running } from "./running.ts";

/** Says in their consumers' logs which edges have no relay. */
export function noteBroken({ plan, supervisors }: Running, { broken }: Welcome): void {
  for (const { id, fault } of broken) {
    const from = plan.edges.find((edge) => edge.id === id)?.from;
    if (from !== undefined) supervisors.get(from)?.note(`edge ${id}: ${fault.message}`);
  }
}
