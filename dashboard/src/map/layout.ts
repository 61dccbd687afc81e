import { Graph, layout } from "@dagrejs/dagre";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Wanted {
  readonly nodes: readonly ({ readonly id: string } & Size)[];
  /** Sizes are those of the label in the middle of an edge. */
  readonly edges: readonly ({ readonly id: string; readonly from: string; readonly to: string } & Size)[];
}

/** Where everything goes, px from the top left. */
export interface Drawing extends Size {
  /** Top left corners. */
  readonly nodes: ReadonlyMap<string, Point>;
  /** `path` is an SVG path; `label` its label's centre. */
  readonly edges: ReadonlyMap<string, { readonly path: string; readonly label: Point }>;
}

/** Lays a stack out in layers from left to right: who needs stands left of what is needed. */
export function draw({ nodes, edges }: Wanted): Drawing {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 26, edgesep: 18, ranksep: 56, marginx: 2, marginy: 2 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of nodes) graph.setNode(id, { width, height });
  for (const { id, from, to, width, height } of edges) {
    if (graph.hasNode(from) && graph.hasNode(to)) graph.setEdge(from, to, { width, height, labelpos: "c" }, id);
  }
  layout(graph);

  const corners = new Map<string, Point>();
  for (const { id, width, height } of nodes) {
    const { x = 0, y = 0 } = graph.node(id);
    corners.set(id, { x: x - width / 2, y: y - height / 2 });
  }
  const present = edges.filter((edge) => graph.hasEdge(edge.from, edge.to, edge.id));
  const labels = uncrossed(present, graph);
  const lines = new Map<string, { path: string; label: Point }>();
  for (const edge of present) {
    const { points = [] } = graph.edge(edge.from, edge.to, edge.id);
    const start = port(edge, "from");
    const end = port(edge, "to");
    const label = labels.get(edge.id) ?? halfway(start, end);
    const bends: Point[] = points.slice(1, -1);
    lines.set(edge.id, { path: curve([start, ...inward(through(bends, label, edge), start, end), end]), label });
  }
  const { width = 0, height = 0 } = graph.graph();
  return { width, height, nodes: corners, edges: lines };

  /** Where an edge meets its node: spread over the side in order of the other ends, so that lines don't cross there. */
  function port(edge: Wanted["edges"][number], end: "from" | "to"): Point {
    const node = nodes.find(({ id }) => id === edge[end]);
    const corner = corners.get(edge[end]);
    if (node === undefined || corner === undefined) return { x: 0, y: 0 };
    const other = end === "from" ? "to" : "from";
    const height = (id: string) => graph.node(id).y ?? 0;
    const siblings = edges
      .filter((one) => one[end] === edge[end] && graph.hasEdge(one.from, one.to, one.id))
      .sort((a, b) => height(a[other]) - height(b[other]));
    const step = Math.min(18, (node.height - 24) / Math.max(1, siblings.length));
    const offset = (siblings.indexOf(edge) - (siblings.length - 1) / 2) * step;
    return { x: corner.x + (end === "from" ? node.width : 0), y: corner.y + node.height / 2 + offset };
  }
}

/** The labels' places: those of one consumer that stand above each other do so in order of the services they lead to. */
function uncrossed(edges: Wanted["edges"], graph: Graph): Map<string, Point> {
  const places = new Map<string, Point>();
  const columns = new Map<string, Wanted["edges"][number][]>();
  for (const edge of edges) {
    const { x = 0, y = 0 } = graph.edge(edge.from, edge.to, edge.id);
    places.set(edge.id, { x, y });
    const column = `${edge.from} ${Math.round(x)}`;
    columns.set(column, [...(columns.get(column) ?? []), edge]);
  }
  const goal = ({ to }: { to: string }) => graph.node(to).y ?? 0;
  for (const column of columns.values()) {
    const slots = column.map(({ id }) => places.get(id) ?? { x: 0, y: 0 }).sort((a, b) => a.y - b.y);
    for (const [index, edge] of column.sort((a, b) => goal(a) - goal(b)).entries()) {
      places.set(edge.id, slots[index] ?? { x: 0, y: 0 });
    }
  }
  return places;
}

/** Where a line passes between its ends: its label, and the layers that it crosses. */
function through(bends: readonly Point[], label: Point, { height }: Size): readonly Point[] {
  if (bends.length > 1) return bends.map((bend) => (bend.x === label.x ? label : bend));
  return height > 0 ? [label] : [];
}

/** Bends between the two ends only: others would make the line turn back. */
function inward(points: readonly Point[], start: Point, end: Point): readonly Point[] {
  return points.filter(({ x }) => x > start.x && x < end.x);
}

function halfway(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

/** A smooth line through points from left to right, level at its ends, that never overshoots a point (Steffen 1990). */
function curve(points: readonly Point[]): string {
  const [first] = points;
  if (first === undefined) return "";
  const slopes = points.map((point, index) => slope(points[index - 1], point, points[index + 1]));
  let path = `M${round(first.x)} ${round(first.y)}`;
  for (const [index, to] of points.entries()) {
    const from = points[index - 1];
    if (from === undefined) continue;
    const third = (to.x - from.x) / (points.length === 2 ? 2 : 3);
    const leaving = from.y + third * (slopes[index - 1] ?? 0);
    const arriving = to.y - third * (slopes[index] ?? 0);
    path += `C${[from.x + third, leaving, to.x - third, arriving, to.x, to.y].map(round).join(" ")}`;
  }
  return path;
}

/** How steep a curve may be at a point between two others; level where it turns, and at the ends. */
function slope(before: Point | undefined, at: Point, after: Point | undefined): number {
  if (before === undefined || after === undefined) return 0;
  const [left, right] = [at.x - before.x || 1, after.x - at.x || 1];
  const [rise, fall] = [(at.y - before.y) / left, (after.y - at.y) / right];
  if (rise * fall <= 0) return 0;
  const mean = (rise * right + fall * left) / (left + right);
  return Math.sign(rise) * Math.min(Math.abs(mean), 2 * Math.abs(rise), 2 * Math.abs(fall));
}

const round = (value: number) => Math.round(value * 10) / 10;
