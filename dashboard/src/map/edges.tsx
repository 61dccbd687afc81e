import type { EdgeView } from "../../../src/home/view/view.ts";
import { useHome } from "../home/home.ts";
import { Icon } from "../parts/icon.tsx";
import { Link } from "../routing/link.tsx";
import { navigate } from "../routing/navigate.ts";
import { edgePath } from "../routing/route.ts";
import { useCell } from "../state/cell.ts";
import { place } from "../text/place.ts";
import { shortTraffic } from "./edge-traffic.ts";
import type { Point } from "./layout.ts";
import type { Relation } from "./relations.ts";
import { edgeKey } from "./traffic.ts";
import "./edges.css";

interface EdgeProps {
  readonly stack: string;
  readonly edge: EdgeView;
  readonly relation: Relation | undefined;
  /** Its panel is open. */
  readonly open: boolean;
}

/** An edge's line; while bytes pass, they are seen passing. */
export function EdgeLine({
  stack,
  edge,
  relation,
  open,
  path,
  broken,
}: EdgeProps & { readonly path: string; readonly broken: boolean }) {
  const rate = useRate(stack, edge);
  return (
    <g
      className="edge"
      data-relation={relation}
      data-busy={rate >= 1 || undefined}
      data-broken={broken || undefined}
      data-shaped={edge.shape !== null || undefined}
      data-found={edge.found}
      data-open={open || undefined}
    >
      <path className="edge-line" d={path} />
      <path className="edge-flow" d={path} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the label is the link that keys and screen readers use */}
      <path className="edge-hit" d={path} onClick={() => navigate(edgePath(stack, edge), { beside: true })} />
    </g>
  );
}

/** An edge's own address, what passes there or how it is shaped; leads to its panel. */
export function EdgeLabel({ stack, edge, relation, open, at }: EdgeProps & { readonly at: Point }) {
  const traffic = shortTraffic(edge, useRate(stack, edge));
  const shape = shapeName(edge);
  // The door's address stands at the browser already.
  const short = edge.from === "browser";
  return (
    <Link
      beside
      href={edgePath(stack, edge)}
      className="edge-label"
      data-relation={relation}
      data-shaped={shape !== null || undefined}
      data-short={short || undefined}
      aria-current={open || undefined}
      aria-label={`${edge.from} to ${edge.to}, ${edge.found ? "not in needs, " : ""}${shape === null ? "no conditions" : `conditions: ${shape}`}`}
      style={{ transform: `translate(${at.x}px, ${at.y}px) translate(-50%, -50%)` }}
      title={`${reachText(edge)}${shape === null ? "" : `, conditions: ${edge.shape?.text || shape}`}`}
    >
      {!short && <code>{place(edge.address)}</code>}
      {shape !== null && (
        <span className="edge-shape">
          <Icon name="shape" />
          {/* Conditions of one's own have no name, and no room where the address has none. */}
          <span>{short ? (edge.shape?.scenario ?? edge.shape?.profile ?? "custom") : shape}</span>
        </span>
      )}
      {shape === null && short && <Icon name="shape" />}
      {shape === null && !short && traffic !== null && <span className="edge-traffic">{traffic}</span>}
    </Link>
  );
}

function reachText(edge: EdgeView): string {
  return edge.found ? foundText(edge) : `${edge.from} reaches ${edge.to} at ${place(edge.address)}`;
}

/** Of an edge that isn't in the consumer's needs. */
export const foundText = ({ from, to }: EdgeView): string => `${from} also talks to ${to}: add it to needs`;

/** What an edge is under, as short as it goes: the scenario's or profile's name, else the conditions. */
export function shapeName({ shape }: EdgeView): string | null {
  return shape === null ? null : (shape.scenario ?? shape.profile ?? shape.text);
}

/** Bytes per second over an edge, both ways. */
export function useRate(stack: string, edge: EdgeView): number {
  return useCell(useHome().rates).get(edgeKey(stack, edge.id)) ?? 0;
}
