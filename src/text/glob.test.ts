import fc from "fast-check";
import { expect, test } from "vitest";
import { glob, pathGlob } from "./glob.ts";

const escaped = (text: string) => text.replace(/[.+?^${}()|[\]\\*]/g, "\\$&");

/** What the globs mean, said as regular expressions. */
const meaning = {
  any: (pattern: string, flags: string) => new RegExp(`^${pattern.split(/\*+/).map(escaped).join(".*")}$`, `s${flags}`),
  path: (patterns: string) => {
    const parts = patterns
      .split("|")
      .map((pattern) =>
        pattern.replace(/\/\*\*$|\*+|[^*]/g, (part) =>
          part === "/**" ? "(?:/.*)?" : part === "*" ? "[^/]*" : part.startsWith("*") ? ".*" : escaped(part),
        ),
      );
    return new RegExp(`^(?:${parts.join("|")})$`, "s");
  },
};

test("a star stands for anything, everything else for itself", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."ab*/.A"), maxLength: 12 }), texts(), (pattern, text) => {
      expect(glob(pattern)(text)).toBe(meaning.any(pattern, "").test(text));
      expect(glob(pattern, { ignoreCase: true })(text)).toBe(meaning.any(pattern, "i").test(text));
    }),
    { numRuns: 2_000 },
  );
});

test("in a path one star stays within its segment, two go on, and /** at the end may be nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."ab**//.|"), maxLength: 12 }), texts(), (pattern, text) => {
      expect(pathGlob(pattern)(text)).toBe(meaning.path(pattern).test(text));
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ["*a*a*b", glob],
  ["*a*a*b", pathGlob],
  ["**a**a**b", pathGlob],
  [`${"*a".repeat(200)}*b`, glob],
  [`${"*a".repeat(20)}*b`, pathGlob],
  [`${"**a*".repeat(20)}b`, pathGlob],
] as const)("%s over a long text is no work", (pattern, make) => {
  const text = "a".repeat(8_000);
  const began = performance.now();
  expect(make(pattern)(text)).toBe(false);
  expect(make(pattern)(`${text}b`)).toBe(true);
  // As a regular expression the first takes minutes.
  expect(performance.now() - began).toBeLessThan(2_000);
});

function texts() {
  return fc.string({ unit: fc.constantFrom(..."ab/.\nA"), maxLength: 12 });
}
