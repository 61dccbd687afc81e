/** Where in the dashboard one is. */
export type Route =
  | { readonly page: "map" | "ports" | "guard" }
  /** The map, with the panel of one edge. */
  | { readonly page: "edge"; readonly stack: string; readonly edge: string }
  | { readonly page: "service"; readonly stack: string; readonly service: string }
  /** All exchanges that a filter lets through, with one of them open beside the list. */
  | { readonly page: "traffic"; readonly exchange: string | null; readonly filter: string }
  | { readonly page: "unknown" };

/** Pages that are one word in the path. */
const WORDS = ["ports", "guard"] as const;

/** Reads a path: `/`, `/ports`, `/stack/<id>/<service>`, `/edge/<stack's id>/<from>/<to>`, `/traffic/<id>?filter=`. */
export function toRoute(address: string): Route {
  const [path = "", query = ""] = address.split("?");
  const parts = path.split("/").filter((part) => part !== "");
  if (parts.length === 0) return { page: "map" };
  const [first, stack, service, ...more] = parts.map(plain);
  const word = stack === undefined ? WORDS.find((one) => one === first) : undefined;
  if (word !== undefined) return { page: word };
  if (first === "traffic" && service === undefined) {
    return { page: "traffic", exchange: stack ?? null, filter: new URLSearchParams(query).get("filter") ?? "" };
  }
  if (first === "edge" && stack !== undefined && service !== undefined && more.length === 1) {
    return { page: "edge", stack, edge: `${service}→${more[0]}` };
  }
  if (first !== "stack" || stack === undefined || service === undefined || more.length > 0) return { page: "unknown" };
  return { page: "service", stack, service };
}

export function edgePath(stack: string, { from, to }: { readonly from: string; readonly to: string }): string {
  return `/edge/${[stack, from, to].map(encodeURIComponent).join("/")}`;
}

export function servicePath(stack: string, service: string): string {
  return `/stack/${encodeURIComponent(stack)}/${encodeURIComponent(service)}`;
}

export function trafficPath(filter: string, exchange: string | null = null): string {
  const query = filter === "" ? "" : `?${new URLSearchParams({ filter })}`;
  return `/traffic${exchange === null ? "" : `/${encodeURIComponent(exchange)}`}${query}`;
}

function plain(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
