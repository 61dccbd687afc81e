import type { Model } from "../model/model.ts";
import type { WhereTo } from "./exchanges.ts";

/** Where what was said on an edge is said again: at the door for browsers' ways, at the edge's own address for others. */
export function whereOf(model: Model, doorPort: number): WhereTo {
  return ({ edge }) => {
    if (edge.from === "browser") return { host: "127.0.0.1", port: doorPort };
    return model.find(edge.stack)?.edges.get(edge.id)?.address ?? null;
  };
}
