import { type Fault, fault } from "../fault/fault.ts";
import { nearest } from "../fault/spelling.ts";

/** What identifies an edge. */
interface Ends {
  /** `web→api`. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

/**
 * The edges that a text means: one (`web→api`, also written `web->api` and `web:api`), all that lead to a service (`api`), or
 * all of them (`all`, `*`). Faults: SERVICE_UNKNOWN, with the names that exist.
 */
export function edgesMeant<E extends Ends>(text: string, edges: readonly E[]): readonly E[] | Fault {
  const target = text.trim();
  if (target === "*" || target === "all") return edges;
  const [from, to] = target.split(/\s*(?:→|->|:)\s*/, 2);
  const found =
    to === undefined
      ? edges.filter((edge) => edge.to === target)
      : edges.filter((edge) => edge.from === from && edge.to === to);
  if (found.length > 0) return found;
  const names = [...new Set(edges.flatMap(({ id, to: service }) => [id, service]))];
  const near = nearest(to === undefined ? target : `${from}→${to}`, names);
  const hint = near === null ? `there are: ${edges.map(({ id }) => id).join(", ") || "none"}` : `did you mean ${near}?`;
  const what = to === undefined ? `no edge leads to ${target}` : `there is no edge ${from}→${to}`;
  return fault("SERVICE_UNKNOWN", what, hint, { target });
}
