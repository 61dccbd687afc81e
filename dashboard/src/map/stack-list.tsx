import type { EdgeView, StackView } from "../../../src/home/view.ts";
import { Link } from "../routing/link.tsx";
import { servicePath } from "../routing/route.ts";
import { place } from "../text/place.ts";
import { trafficText } from "./edge-traffic.ts";
import { useRate } from "./edges.tsx";
import { NodeCard } from "./node-card.tsx";
import { readingOrder } from "./relations.ts";

interface StackListProps {
  readonly stack: StackView;
  readonly isAside: (service: string) => boolean;
}

/** A stack as a list, from the page to the database: the map for narrow screens, and for those who like lists. */
export function StackList({ stack, isAside }: StackListProps) {
  return (
    <ol className="node-list">
      {readingOrder(stack).map((service) => (
        <li key={service.name}>
          <NodeCard stack={stack.id} service={service} aside={isAside(service.name)}>
            <NeedsList stack={stack} service={service.name} />
          </NodeCard>
        </li>
      ))}
    </ol>
  );
}

interface NeedsListProps {
  readonly stack: StackView;
  readonly service: string;
  /** Before each; left out where a heading says it. */
  readonly verb?: string;
}

/** A service's edges in words: `needs db via 127.0.0.1:61012 · 10 connections`. */
export function NeedsList({ stack, service, verb = "needs " }: NeedsListProps) {
  const edges = stack.edges.filter(({ from }) => from === service);
  if (edges.length === 0) return null;
  return (
    <ul className="needs">
      {edges.map((edge) => (
        <Need key={edge.id} stack={stack.id} edge={edge} verb={verb} />
      ))}
    </ul>
  );
}

function Need({ stack, edge, verb }: { readonly stack: string; readonly edge: EdgeView; readonly verb: string }) {
  const traffic = trafficText(edge, useRate(stack, edge));
  return (
    <li>
      {verb}
      <Link href={servicePath(stack, edge.to)}>{edge.to}</Link> via <code>{place(edge.address)}</code>
      {traffic !== null && <span className="edge-traffic">{traffic}</span>}
    </li>
  );
}
