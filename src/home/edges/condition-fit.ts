import { type Condition, isAboutHttp, KINDS } from "../../conditions/conditions.ts";
import { type Fault, fault } from "../../fault/fault.ts";
import type { LiveStack } from "../model/live-stack.ts";

/** Protocols other than HTTP, on which conditions about HTTP never have an effect. `tcp` may carry anything. */
const NOT_HTTP: readonly string[] = ["postgres", "redis"];

/** The edges that can have these conditions; CONDITION_INVALID where that is none of them. */
export function edgesThatFit<E extends { readonly id: string; readonly to: string }>(
  stack: LiveStack,
  edges: readonly E[],
  conditions: readonly Condition[],
): readonly E[] | Fault {
  const about = conditions.find(isAboutHttp);
  if (about === undefined) return edges;
  const protocol = ({ to }: E) => stack.services.get(to)?.facts.protocol ?? "tcp";
  const fit = edges.filter((edge) => !NOT_HTTP.includes(protocol(edge)));
  const [first] = edges;
  return fit.length > 0 || first === undefined ? fit : doesNotFit(first.id, protocol(first), about);
}

function doesNotFit(edge: string, protocol: string, { kind }: Condition): Fault {
  const others = Object.values(KINDS).flatMap((one) => (one.harm === undefined ? [one.kind] : []));
  return fault(
    "CONDITION_INVALID",
    `${edge} carries ${protocol}, and ${kind} is about HTTP: it would have no effect there`,
    `what works there: ${others.join(", ")}`,
    { edge, protocol, kind },
  );
}
