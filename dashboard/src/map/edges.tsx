import type { EdgeView } from "../../../src/home/view.ts";
import { useHome } from "../home/home.ts";
import { useCell } from "../state/cell.ts";
import { place } from "../text/place.ts";
import { shortTraffic } from "./edge-traffic.ts";
import type { Point } from "./layout.ts";
import type { Relation } from "./relations.ts";
import { edgeKey } from "./traffic.ts";

interface EdgeProps {
  readonly stack: string;
  readonly edge: EdgeView;
  readonly relation: Relation | undefined;
}

/** An edge's line; while bytes pass, they are seen passing. */
export function EdgeLine({
  stack,
  edge,
  relation,
  path,
  broken,
}: EdgeProps & { readonly path: string; readonly broken: boolean }) {
  const rate = useRate(stack, edge);
  return (
    <g className="edge" data-relation={relation} data-busy={rate >= 1 || undefined} data-broken={broken || undefined}>
      <path className="edge-line" d={path} />
      <path className="edge-flow" d={path} />
    </g>
  );
}

/** An edge's own address, and what passes there. */
export function EdgeLabel({ stack, edge, relation, at }: EdgeProps & { readonly at: Point }) {
  const traffic = shortTraffic(edge, useRate(stack, edge));
  return (
    <div
      className="edge-label"
      data-relation={relation}
      style={{ transform: `translate(${at.x}px, ${at.y}px) translate(-50%, -50%)` }}
      title={`${edge.from} reaches ${edge.to} at ${place(edge.address)}`}
    >
      <code>{place(edge.address)}</code>
      {traffic !== null && <span className="edge-traffic">{traffic}</span>}
    </div>
  );
}

/** Bytes per second over an edge, both ways. */
export function useRate(stack: string, edge: EdgeView): number {
  return useCell(useHome().rates).get(edgeKey(stack, edge.id)) ?? 0;
}
