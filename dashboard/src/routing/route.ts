/** Where in the dashboard one is. */
export type Route =
  | { readonly page: "map" | "ports" | "guard" }
  | { readonly page: "service"; readonly stack: string; readonly service: string }
  | { readonly page: "unknown" };

/** Pages that are one word in the path. */
const WORDS = ["ports", "guard"] as const;

/** Reads a path: `/`, `/ports`, `/stack/<id>/<service>`. */
export function toRoute(path: string): Route {
  const parts = path.split("/").filter((part) => part !== "");
  if (parts.length === 0) return { page: "map" };
  const [first, stack, service, ...more] = parts.map(plain);
  const word = stack === undefined ? WORDS.find((one) => one === first) : undefined;
  if (word !== undefined) return { page: word };
  if (first !== "stack" || stack === undefined || service === undefined || more.length > 0) return { page: "unknown" };
  return { page: "service", stack, service };
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
