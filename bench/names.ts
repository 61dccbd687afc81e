/** The name that every peer routes where there is one route. */
export const NAME = "web.bench.localhost";

/** The names that every peer routes, so that all do the same work; `varied.lua` makes the same ones. */
export function names(routes: number): readonly string[] {
  return routes === 1 ? [NAME] : Array.from({ length: routes }, (_, n) => `r${n + 1}.bench.localhost`);
}
