import { expect, test } from "vitest";
import { isBelow } from "./skip.ts";

test.each([
  ["/health", ["/health", "/health?full=1", "/health/", "/health/db"], ["/healthcare", "/healthz", "/", "/api/health"]],
  ["/assets/", ["/assets/", "/assets/app.js?v=1"], ["/assets", "/assets2/app.js"]],
  ["/", ["/", "/orders", "/?page=2"], ["*", "example.com:443"]],
  ["/a/b", ["/a/b", "/a/b/c"], ["/a", "/a/bc", "/a/b%2Fc"]],
])("%s leaves out %j and keeps %j", (path, below, others) => {
  expect(below.filter((target) => !isBelow(path, target))).toEqual([]);
  expect(others.filter((target) => isBelow(path, target))).toEqual([]);
});
