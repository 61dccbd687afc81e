import { type FocusEvent, type KeyboardEvent, useMemo, useRef, useState } from "react";
import type { Address } from "../../../src/address/address.ts";
import type { EdgeView, StackView } from "../../../src/home/view/view.ts";
import { Icon } from "../parts/icon.tsx";
import { place } from "../text/place.ts";
import { EdgeLabel, EdgeLine } from "./edges.tsx";
import { type Drawing, draw, type Point, type Size } from "./layout.ts";
import { NodeCard } from "./node-card.tsx";
import { drawnEdges, edgeRelation, nodeRelation, type Relation, relationsOf } from "./relations.ts";
import { type Direction, neighbour } from "./spatial.ts";
import { useHeights } from "./use-heights.ts";
import "./stack-map.css";

const BROWSER = "browser";
const NODE_WIDTH = 240;
const BROWSER_WIDTH = 142;
/** Before a card was measured. */
const NODE_HEIGHT = 132;
/** Room for an edge's address and traffic. */
const LABEL: Size = { width: 126, height: 40 };
/** And for what a browser's way is under. */
const SHORT_LABEL: Size = { width: 26, height: 26 };

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

interface StackMapProps {
  readonly stack: StackView;
  readonly door: Address;
  /** The edge whose panel is open. */
  readonly open: string | null;
  /** True for services that the search doesn't mean. */
  readonly isAside: (service: string) => boolean;
}

/** A stack as a picture: who reaches what at which address, from the browser on the left to the database. */
export function StackMap({ stack, door, open, isAside }: StackMapProps) {
  const [looked, setLooked] = useState<string | null>(null);
  const [heights, measured] = useHeights();
  const canvas = useRef<HTMLDivElement>(null);
  const edges = drawnEdges(stack.edges);
  const nodes = nodesOf(stack, heights);
  const shape = JSON.stringify([nodes, edges.map(({ id, from, to }) => [id, from, to])]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: snapshots come often, and seldom change the picture's shape
  const drawing = useMemo(() => draw({ nodes, edges: edges.map(sized) }), [shape]);

  const relations = useMemo(() => (looked === null ? null : relationsOf(stack.edges, looked)), [stack.edges, looked]);
  const ofNode = (id: string) => (relations && looked ? nodeRelation(relations, looked, id) : undefined);
  const ofEdge = (edge: EdgeView) => (relations && looked ? edgeRelation(relations, looked, edge) : undefined);
  const failed = new Set(stack.services.filter(({ state }) => state === "failed").map(({ name }) => name));

  const onKeyDown = (event: KeyboardEvent) => {
    const direction = ARROWS[event.key];
    const from = event.target instanceof HTMLElement ? event.target.dataset.service : undefined;
    if (direction === undefined || from === undefined) return;
    event.preventDefault();
    const boxes = nodes.filter(({ id }) => id !== BROWSER).map((node) => ({ ...node, ...corner(drawing, node.id) }));
    const next = neighbour(boxes, from, direction);
    if (next !== null) canvas.current?.querySelector<HTMLElement>(`[data-service="${CSS.escape(next)}"]`)?.focus();
  };
  const onFocus = (event: FocusEvent) => {
    setLooked(event.target.closest<HTMLElement>("[data-node]")?.dataset.node ?? null);
  };

  return (
    <div className="map-scroll">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrow keys go from link to link inside */}
      <div
        className="map"
        ref={canvas}
        style={{ width: drawing.width, height: drawing.height }}
        onKeyDown={onKeyDown}
        onFocus={onFocus}
        onBlur={() => setLooked(null)}
      >
        <svg className="map-lines" width={drawing.width} height={drawing.height} aria-hidden="true" focusable="false">
          {edges.map((edge) => (
            <EdgeLine
              key={edge.id}
              {...{
                stack: stack.id,
                edge,
                relation: ofEdge(edge),
                open: edge.id === open,
                broken: failed.has(edge.to),
              }}
              path={drawing.edges.get(edge.id)?.path ?? ""}
            />
          ))}
        </svg>
        {nodes.map(({ id, width }) => {
          const service = stack.services.find(({ name }) => name === id);
          const { x, y } = corner(drawing, id);
          return (
            // biome-ignore lint/a11y/noStaticElementInteractions: what the pointer shows, focus on the link inside shows too
            <div
              key={id}
              ref={measured(id)}
              className="map-node"
              data-node={id}
              style={{ transform: `translate(${x}px, ${y}px)`, width }}
              onMouseEnter={() => setLooked(id)}
              onMouseLeave={() => setLooked(null)}
            >
              {service === undefined ? (
                <Browser door={door} relation={ofNode(id)} />
              ) : (
                <NodeCard stack={stack.id} service={service} relation={ofNode(id)} aside={isAside(id)} />
              )}
            </div>
          );
        })}
        {edges.map((edge) => {
          const at = drawing.edges.get(edge.id)?.label;
          if (at === undefined) return null;
          const props = { stack: stack.id, edge, relation: ofEdge(edge), open: edge.id === open, at };
          return <EdgeLabel key={edge.id} {...props} />;
        })}
      </div>
    </div>
  );
}

/** Where browsers come in. */
function Browser({ door, relation }: { readonly door: Address; readonly relation: Relation | undefined }) {
  return (
    <div className="browser-node" data-relation={relation}>
      <Icon name="browser" />
      <strong>Browser</strong>
      <span>through the door</span>
      <code>{place(door)}</code>
    </div>
  );
}

function nodesOf(stack: StackView, heights: ReadonlyMap<string, number>): ({ id: string } & Size)[] {
  const node = (id: string, width: number) => ({ id, width, height: heights.get(id) ?? NODE_HEIGHT });
  const reached = stack.edges.some(({ from }) => from === BROWSER);
  return [
    ...(reached ? [node(BROWSER, BROWSER_WIDTH)] : []),
    ...stack.services.map(({ name }) => node(name, NODE_WIDTH)),
  ];
}

function sized({ id, from, to }: EdgeView) {
  return { id, from, to, ...(from === BROWSER ? SHORT_LABEL : LABEL) };
}

function corner(drawing: Drawing, id: string): Point {
  return drawing.nodes.get(id) ?? { x: 0, y: 0 };
}
