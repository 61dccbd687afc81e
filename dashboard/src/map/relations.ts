import type { StackView } from "../../../src/home/view/view.ts";

/** How a service or an edge stands to the one that is looked at. */
export type Relation = "self" | "needs" | "needed-by" | "none";

/** What the looked-at service needs and who needs it, through all edges in between. */
export interface Relations {
  readonly needs: ReadonlySet<string>;
  readonly neededBy: ReadonlySet<string>;
}

type Edges = StackView["edges"];

export function relationsOf(edges: Edges, service: string): Relations {
  return {
    needs: reach(service, (name) => edges.filter(({ from }) => from === name).map(({ to }) => to)),
    neededBy: reach(service, (name) => edges.filter(({ to }) => to === name).map(({ from }) => from)),
  };
}

/** All that `next` leads to, however many steps away; without the start, also in a circle. */
function reach(start: string, next: (name: string) => readonly string[]): Set<string> {
  const found = new Set<string>();
  const queue = [start];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    for (const other of next(name)) {
      if (other === start || found.has(other)) continue;
      found.add(other);
      queue.push(other);
    }
  }
  return found;
}

export function nodeRelation({ needs, neededBy }: Relations, looked: string, node: string): Relation {
  if (node === looked) return "self";
  if (needs.has(node)) return "needs";
  return neededBy.has(node) ? "needed-by" : "none";
}

/** An edge belongs to a side when both its ends do. */
export function edgeRelation(
  { needs, neededBy }: Relations,
  looked: string,
  edge: { readonly from: string; readonly to: string },
): Relation {
  if ((edge.from === looked || needs.has(edge.from)) && needs.has(edge.to)) return "needs";
  if ((edge.to === looked || neededBy.has(edge.to)) && neededBy.has(edge.from)) return "needed-by";
  return "none";
}

/**
 * The edges that a map shows: a service that others need gets no line from the browser as well, though a browser reaches
 * it by name. Lines to everything would hide the way that requests take.
 */
export function drawnEdges(edges: Edges): Edges {
  return edges.filter(
    (edge) => edge.from !== "browser" || !edges.some(({ from, to }) => to === edge.to && from !== "browser"),
  );
}

/** Services in reading order: those that people reach first, then what these need. */
export function readingOrder(stack: Pick<StackView, "services" | "edges">): StackView["services"] {
  const depth = new Map<string, number>();
  const own = stack.edges.filter(({ from }) => from !== "browser");
  const depthOf = (name: string, path: readonly string[]): number => {
    const known = depth.get(name);
    if (known !== undefined) return known;
    const consumers = own.filter(({ to, from }) => to === name && !path.includes(from));
    const deepest = Math.max(-1, ...consumers.map(({ from }) => depthOf(from, [...path, name])));
    depth.set(name, deepest + 1);
    return deepest + 1;
  };
  return [...stack.services].sort((a, b) => depthOf(a.name, []) - depthOf(b.name, []));
}
