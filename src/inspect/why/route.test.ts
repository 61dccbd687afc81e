import { expect, test } from "vitest";
import { routeOf } from "./route.ts";

test.each([
  ["/orders/12?page=2", "/orders/:id"],
  ["/", "/"],
  ["/users/6f1c2a34-8a0e-4a63-9b0f-0c1d2e3f4a5b/orders", "/users/:id/orders"],
  ["/x/01J9ZK3V8T5QWERTY0123456789", "/x/:id"],
  ["/assets/index-4f3a9c1b.js", "/assets/index-4f3a9c1b.js"],
  ["/feed/decade", "/feed/decade"],
  ["/v1/orders#top", "/v1/orders"],
])("%s is %s", (target, route) => {
  expect(routeOf(target)).toBe(route);
});
