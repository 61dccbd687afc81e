import { expect, test } from "vitest";
import { servicePath, toRoute } from "./route.ts";

test("paths mean pages", () => {
  expect(toRoute("/")).toEqual({ page: "map" });
  expect(toRoute("/ports")).toEqual({ page: "ports" });
  expect(toRoute("/guard/")).toEqual({ page: "guard" });
  expect(toRoute("/stack/5ee45fa4/api")).toEqual({ page: "service", stack: "5ee45fa4", service: "api" });
  expect(toRoute(servicePath("a/b", "c d"))).toEqual({ page: "service", stack: "a/b", service: "c d" });
});

test.each(["/nowhere", "/ports/80", "/stack/x", "/stack/x/y/z"])("%s is no page", (path) => {
  expect(toRoute(path)).toEqual({ page: "unknown" });
});

test("a path that can't be decoded breaks nothing", () => {
  expect(toRoute("/stack/%/api")).toEqual({ page: "service", stack: "%", service: "api" });
});
