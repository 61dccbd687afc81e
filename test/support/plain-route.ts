import type { Route } from "../../src/door/upstream/routes.ts";
import type { Upstream } from "../../src/door/upstream/upstream.ts";

/** A service that is ready and that everyone who reaches the door may use. */
export function plainRoute(id: string, upstream: Upstream): Route {
  return {
    ...{ id, upstream },
    state: "ready",
    whenReady: () => Promise.resolve(true),
    logTail: () => [],
    cause: () => null,
  };
}
