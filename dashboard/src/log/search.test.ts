import { expect, test } from "vitest";
import { toMatcher } from "./search.ts";

function found(query: string, text: string): string[] {
  const matcher = toMatcher(query);
  if (typeof matcher !== "function") throw new Error(`no matcher: ${matcher}`);
  return matcher(text).map(({ start, end }) => text.slice(start, end));
}

test("plain text is found in any case, and means itself", () => {
  expect(found("get", "GET /a, get /b")).toEqual(["GET", "get"]);
  expect(found("a.b*(c)", "aXb a.b*(c)")).toEqual(["a.b*(c)"]);
  expect(found("/orders", "GET /orders/1")).toEqual(["/orders"]);
});

test("between slashes it is a regular expression, with its flags", () => {
  expect(found("/[45]\\d\\d/", "200 404 503")).toEqual(["404", "503"]);
  expect(found("/error/", "Error error")).toEqual(["error"]);
  expect(found("/error/i", "Error error")).toEqual(["Error", "error"]);
});

test("an expression that matches nothing in particular highlights nothing", () => {
  expect(found("/x*/", "abc")).toEqual([]);
});

test("nothing to look for, and what is wrong with an expression", () => {
  expect(toMatcher("")).toBeNull();
  expect(toMatcher("/(/")).toMatch(/group/i);
});
