import { expect, test } from "vitest";
import { edgePath, servicePath, toRoute, trafficPath } from "./route.ts";

test("paths mean pages", () => {
  expect(toRoute("/")).toEqual({ page: "map" });
  expect(toRoute("/ports")).toEqual({ page: "ports" });
  expect(toRoute("/guard/")).toEqual({ page: "guard" });
  expect(toRoute("/stack/5ee45fa4/api")).toEqual({ page: "service", stack: "5ee45fa4", service: "api" });
  expect(toRoute(servicePath("a/b", "c d"))).toEqual({ page: "service", stack: "a/b", service: "c d" });
  const edge = edgePath("a/b", { from: "browser", to: "c d" });
  expect(toRoute(edge)).toEqual({ page: "edge", stack: "a/b", edge: "browser→c d" });
});

test("traffic has a filter and an exchange, or neither", () => {
  expect(toRoute("/traffic")).toEqual({ page: "traffic", exchange: null, filter: "" });
  expect(toRoute("/traffic?filter=edge:web→api")).toMatchObject({ filter: "edge:web→api" });
  const path = trafficPath('status:5xx "a & b?"', "01ABC");
  expect(toRoute(path)).toEqual({ page: "traffic", exchange: "01ABC", filter: 'status:5xx "a & b?"' });
  expect(toRoute("/traffic/a/b")).toEqual({ page: "unknown" });
});

test.each(["/nowhere", "/stack/x", "/stack/x/y/z", "/edge/x/y", "/ports/80"])("%s is no page", (path) => {
  expect(toRoute(path)).toEqual({ page: "unknown" });
});

test("a path that can't be decoded breaks nothing", () => {
  expect(toRoute("/stack/%/api")).toEqual({ page: "service", stack: "%", service: "api" });
});
