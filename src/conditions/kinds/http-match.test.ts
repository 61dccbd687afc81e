import { expect, test } from "vitest";
import { type HttpCondition, matchesRequest } from "./http-match.ts";

const condition = (match: Partial<HttpCondition>): HttpCondition => {
  return { kind: "http-drop", direction: "up", probability: 1, ...match };
};
const asked = (target: string, method = "GET", host = "web.shop.localhost") => ({ target, method, host });

test.each([
  ["/api/*", "/api/x", true],
  ["/api/*", "/api/x?y=/z", true],
  ["/api/*", "/api/x/y", false],
  ["/api/*", "/api", false],
  ["/api/**", "/api/x/y", true],
  ["/api/**", "/api", true],
  ["/api/**", "/apis", false],
  ["/**/edit", "/a/b/edit", true],
  ["**", "*", true],
  ["/a.b", "/axb", false],
  ["/a+(b)", "/a+(b)", true],
  ["/a|/b/*", "/b/c", true],
  ["/a|/b/*", "/a/c", false],
  ["/", "/?", true],
])("%s and %s: %s", (path, target, expected) => {
  expect(matchesRequest(condition({ path }), asked(target))).toBe(expected);
});

test("methods and hosts", () => {
  expect(matchesRequest(condition({ method: "put|POST" }), asked("/", "POST"))).toBe(true);
  expect(matchesRequest(condition({ method: "PUT|POST" }), asked("/", "GET"))).toBe(false);
  expect(matchesRequest(condition({ host: "*.Shop.localhost" }), asked("/"))).toBe(true);
  expect(matchesRequest(condition({ host: "shop.localhost" }), asked("/"))).toBe(false);
  expect(matchesRequest(condition({ method: "GET", host: "web.*", path: "/x" }), asked("/x"))).toBe(true);
  expect(matchesRequest(condition({}), asked("/", "X"))).toBe(true);
});
