import type { EdgeView, StackView } from "../../../src/home/view/view.ts";
import { Icon } from "../parts/icon.tsx";
import { Link } from "../routing/link.tsx";
import { edgePath, servicePath } from "../routing/route.ts";
import { place } from "../text/place.ts";
import { trafficText } from "./edge-traffic.ts";
import { shapeName, useRate } from "./edges.tsx";
import { NodeCard } from "./node-card.tsx";
import { readingOrder } from "./relations.ts";
import "./stack-list.css";

interface StackListProps {
  readonly stack: StackView;
  readonly open: string | null;
  readonly isAside: (service: string) => boolean;
}

/** A stack as a list, from the page to the database: the map for narrow screens, and for those who like lists. */
export function StackList({ stack, open, isAside }: StackListProps) {
  return (
    <ol className="node-list">
      {readingOrder(stack).map((service) => (
        <li key={service.name}>
          <NodeCard stack={stack.id} service={service} aside={isAside(service.name)}>
            <NeedsList stack={stack} service={service.name} open={open} reached />
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
  /** The edge whose panel is open. */
  readonly open?: string | null;
  /** Also the way that browsers come. */
  readonly reached?: boolean;
}

/** A service's edges in words: `needs db via 127.0.0.1:61012 · 10 connections`. */
export function NeedsList({ stack, service, verb = "needs ", open = null, reached = false }: NeedsListProps) {
  const edges = stack.edges.filter(({ from }) => from === service);
  const browser = stack.edges.find(({ from, to }) => from === "browser" && to === service);
  if (edges.length === 0 && !(reached && browser)) return null;
  return (
    <ul className="needs">
      {edges.map((edge) => (
        <Need key={edge.id} stack={stack.id} edge={edge} open={edge.id === open}>
          {edge.found ? "also talks to " : verb}
          <Link href={servicePath(stack.id, edge.to)}>{edge.to}</Link> via{" "}
        </Need>
      ))}
      {reached && browser !== undefined && (
        <Need stack={stack.id} edge={browser} open={browser.id === open}>
          browsers connect through{" "}
        </Need>
      )}
    </ul>
  );
}

interface NeedProps {
  readonly stack: string;
  readonly edge: EdgeView;
  readonly open: boolean;
  readonly children: React.ReactNode;
}

/** An edge in words; its address leads to its panel. */
export function Need({ stack, edge, open, children }: NeedProps) {
  const traffic = trafficText(edge, useRate(stack, edge));
  const shape = shapeName(edge);
  return (
    <li>
      {children}
      <Link
        beside
        className="edge-link"
        href={edgePath(stack, edge)}
        aria-current={open || undefined}
        aria-label={`${edge.from} to ${edge.to}, ${shape === null ? "no conditions" : `conditions: ${shape}`}`}
      >
        {edge.from === "browser" ? "the door" : <code>{place(edge.address)}</code>}
      </Link>
      {shape !== null && (
        <span className="edge-shape" title={edge.shape?.text}>
          <Icon name="shape" />
          <span>{shape}</span>
        </span>
      )}
      {traffic !== null && <span className="edge-traffic">{traffic}</span>}
    </li>
  );
}
