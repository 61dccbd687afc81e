import fc from "fast-check";
import { expect, test } from "vitest";
import { pathGlob } from "../../text/glob.ts";
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
  ["/a%2Fb", "/a%2Fb", true],
  ["/a%2fb", "/a%2Fb", true],
  ["/a%2Fb", "/a/b", false],
  ["/a/b", "/a%2Fb", false],
  ["/*", "/a%2Fb", true],
  ["/*/b", "/a%2Fb", false],
  ["/café", "/caf%C3%A9", true],
  ["/caf%C3%A9", "/caf%c3%a9", true],
  ["/caf%C3%A9", "/caf\u00c3\u00a9", true],
  ["/caf%E9", "/caf%C3%A9", false],
  ["/%7Eme/*", "/~me/x", true],
  ["/~me", "/%7eme", true],
  ["/日本/**", "/%E6%97%A5%E6%9C%AC/x", true],
  ["/a%20b", "/a%20b?c%20d", true],
  ["/a%", "/a%", true],
  ["/a/../b", "/b", false],
  ["/a%2E", "/a.", true],
  ["/api/**", "/api/", true],
  ["/**", "/", true],
  ["/a/**/b/**", "/a/x/b", true],
  ["/a/**/b/**", "/a/x/y/b/c", true],
  ["/*.js", "/x/app.js", false],
  ["/[a-z]{1}$^\\", "/[a-z]{1}$^\\", true],
])("%s and %s: %s", (path, target, expected) => {
  expect(matchesRequest(condition({ path }), asked(target))).toBe(expected);
});

test("globs match as their regular expressions do", () => {
  const regex = (glob: string) =>
    new RegExp(
      `^${glob.replace(/\/\*\*$|\*+|[^*]/g, (part) => {
        if (part === "/**") return "(?:/.*)?";
        return part === "*" ? "[^/]*" : part.startsWith("*") ? ".*" : part;
      })}$`,
    );
  const text = (letters: string[]) =>
    fc.array(fc.constantFrom(...letters), { maxLength: 9 }).map((all) => all.join(""));
  fc.assert(
    fc.property(text(["a", "b", "/", "*", "**", "/**"]), text(["a", "b", "/"]), (glob, path) => {
      expect([glob, path, pathGlob(glob)(path)]).toEqual([glob, path, regex(glob).test(path)]);
    }),
    { numRuns: 3_000 },
  );
});

test("a glob of many stars takes no longer than its length and the path's", () => {
  const path = `/${"a".repeat(20_000)}`;
  expect(matchesRequest(condition({ path: "/**a**a**a**a**a**b" }), asked(path))).toBe(false);
  expect(matchesRequest(condition({ path: `/${"*a".repeat(20)}b` }), asked(path))).toBe(false);
});

test("methods and hosts", () => {
  expect(matchesRequest(condition({ method: "put|POST" }), asked("/", "POST"))).toBe(true);
  expect(matchesRequest(condition({ method: "PUT|POST" }), asked("/", "GET"))).toBe(false);
  expect(matchesRequest(condition({ host: "*.Shop.localhost" }), asked("/"))).toBe(true);
  expect(matchesRequest(condition({ host: "shop.localhost" }), asked("/"))).toBe(false);
  expect(matchesRequest(condition({ method: "GET", host: "web.*", path: "/x" }), asked("/x"))).toBe(true);
  expect(matchesRequest(condition({}), asked("/", "X"))).toBe(true);
});
