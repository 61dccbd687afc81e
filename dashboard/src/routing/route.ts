/** Where in the dashboard one is. */
export type Route =
  | { readonly page: "map" }
  /** The map, with the panel of one edge. */
  | { readonly page: "edge"; readonly stack: string; readonly edge: string }
  | { readonly page: "service"; readonly stack: string; readonly service: string }
  | { readonly page: "unknown" };

/** Reads a path: `/`, `/stack/<id>/<service>`, `/edge/<stack's id>/<from>/<to>`. */
export function toRoute(path: string): Route {
  const parts = path.split("/").filter((part) => part !== "");
  if (parts.length === 0) return { page: "map" };
  const [first, stack, service, ...more] = parts.map(plain);
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

function plain(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
