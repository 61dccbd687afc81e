import { expect, test } from "vitest";
import type { Snapshot } from "../../../src/home/view/view.ts";
import { draw } from "./layout.ts";
import { drawnEdges, edgeRelation, nodeRelation, readingOrder, relationsOf } from "./relations.ts";
import { type Box, neighbour } from "./spatial.ts";
import { createTraffic, edgeKey } from "./traffic.ts";

const edge = (from: string, to: string, bytes = 0) => ({
  id: `${from}→${to}`,
  ...{ from, to, address: { host: "127.0.0.1", port: 61000 }, connections: 0, bytesUp: bytes },
  ...{ bytesDown: 0, shape: null },
});
const edges = [
  edge("browser", "web"),
  edge("browser", "docs"),
  edge("web", "api"),
  edge("api", "db"),
  edge("jobs", "db"),
];
const names = ["browser", "web", "docs", "api", "db", "jobs"];

const wanted = {
  nodes: names.map((id) => ({ id, width: 200, height: 100 })),
  edges: edges.map(({ id, from, to }) => ({ id, from, to, width: 120, height: 30 })),
};

test("who needs stands left of what is needed, with room for the label between", () => {
  const { nodes } = draw(wanted);
  for (const { from, to } of edges) {
    expect((nodes.get(to)?.x ?? 0) - (nodes.get(from)?.x ?? 0)).toBeGreaterThanOrEqual(200 + 120);
  }
});

test("no two services overlap, and all is inside the drawing", () => {
  const drawing = draw(wanted);
  const boxes = [...drawing.nodes.values()];
  for (const [index, a] of boxes.entries()) {
    expect(a.x).toBeGreaterThanOrEqual(0);
    expect(a.x + 200).toBeLessThanOrEqual(drawing.width + 0.1);
    expect(a.y + 100).toBeLessThanOrEqual(drawing.height + 0.1);
    for (const b of boxes.slice(index + 1)) {
      expect(Math.abs(a.x - b.x) >= 200 || Math.abs(a.y - b.y) >= 100).toBe(true);
    }
  }
});

test("a line goes from the right side of its consumer to the left side of its service", () => {
  const { nodes, edges: lines } = draw(wanted);
  const numbers = (lines.get("api→db")?.path ?? "").match(/[\d.]+/g)?.map(Number) ?? [];
  expect(numbers[0]).toBeCloseTo((nodes.get("api")?.x ?? 0) + 200, 0);
  expect(numbers.at(-2)).toBeCloseTo(nodes.get("db")?.x ?? 0, 0);
});

test("an edge to a service that isn't there is left out, and nothing gives an empty drawing", () => {
  expect(draw({ nodes: wanted.nodes.slice(0, 1), edges: wanted.edges }).edges.size).toBe(0);
  expect(draw({ nodes: [], edges: [] }).nodes.size).toBe(0);
});

test("a service's needs and those who need it, through all edges", () => {
  const relations = relationsOf(edges, "api");
  expect([...relations.needs]).toEqual(["db"]);
  expect([...relations.neededBy].sort()).toEqual(["browser", "web"]);
  expect(names.map((name) => nodeRelation(relations, "api", name))).toEqual([
    ...["needed-by", "needed-by", "none", "self", "needs", "none"],
  ]);
  expect(edges.map((one) => edgeRelation(relations, "api", one))).toEqual([
    ...["needed-by", "none", "needed-by", "needs", "none"],
  ]);
});

test("the browser's line leads to where requests come in", () => {
  const all = [...edges, edge("browser", "api")];
  expect(drawnEdges(all).map(({ id }) => id)).toEqual(edges.map(({ id }) => id));
});

test("services read from the page to the database", () => {
  const services = ["db", "docs", "api", "web"].map((name) => ({ name }));
  const order = readingOrder({ services, edges } as unknown as Parameters<typeof readingOrder>[0]);
  expect(order.map(({ name }) => name)).toEqual(["docs", "web", "api", "db"]);
});

test("an arrow key leads to the nearest service that way", () => {
  const at = (id: string, x: number, y: number): Box => ({ id, x, y, width: 100, height: 50 });
  const boxes = [at("web", 0, 0), at("api", 200, 0), at("docs", 0, 100), at("db", 400, 60)];
  expect(neighbour(boxes, "web", "right")).toBe("api");
  expect(neighbour(boxes, "web", "down")).toBe("docs");
  expect(neighbour(boxes, "api", "right")).toBe("db");
  expect(neighbour(boxes, "db", "left")).toBe("api");
  expect(neighbour(boxes, "db", "right")).toBeNull();
  expect(neighbour(boxes, "gone", "left")).toBe("web");
});

test("an edge's rate is the mean of the last seconds, and goes back to nothing", () => {
  const traffic = createTraffic();
  const snapshot = (bytes: number) =>
    ({ stacks: [{ id: "s", edges: [edge("api", "db", bytes)] }] }) as unknown as Snapshot;
  const rate = (bytes: number, now: number) => traffic.sample(snapshot(bytes), now).get(edgeKey("s", "api→db"));
  expect(rate(500, 0)).toBeUndefined();
  expect(rate(1500, 1000)).toBe(1000);
  expect(rate(3500, 2000)).toBe(1500);
  expect(rate(3500, 3000)).toBe(1000);
  expect(rate(3500, 6000)).toBeUndefined();
  expect(rate(10, 7000)).toBeUndefined();
  expect(rate(1010, 8000)).toBe(1000);
});
