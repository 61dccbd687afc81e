import { expect, test } from "vitest";
import { compilePattern } from "./pattern.ts";

function matches(source: string, text: string): boolean {
  const pattern = compilePattern(source);
  if (typeof pattern === "string") throw new Error(pattern);
  return pattern.matches(text);
}

test.each([
  ["ready on :\\d+", "now ready on :3000", true],
  ["^Listening$", "Listening", true],
  ["^Listening$", "Listening!", false],
  ["\\/api\\/v\\d", "GET /api/v2", true],
  ["(?<port>\\d{4})", "port 8080", true],
  ["\\u00fcber", "über alles", true],
  ["[\\w.-]+@\\1{0}", "", null],
  ["gr(ü|u)n", "grün", true],
  ["(?i)READY", "ready", true],
  ["[)(?=]", "(", true],
  ["a|b(?:c|d)", "bd", true],
] as const)("%s in %s: %s", (source, text, found) => {
  if (found === null) expect(compilePattern(source)).toMatch(/back-reference/);
  else expect(matches(source, text)).toBe(found);
});

test.each([
  ["(", /^is not a regular expression: /],
  ["a{2,1}", /^is not a regular expression: /],
  ["(a)\\1", /^uses a back-reference/],
  ["(?<q>')x\\k<q>", /^uses a back-reference/],
  ["(?<=a)b", /^uses look-behind/],
  ["(?<!a)b", /^uses look-behind/],
  ["a(?=b)", /^uses look-ahead/],
  ["a(?!b)", /^uses look-ahead/],
  ["a".repeat(1_001), /^is longer/],
  ["(a{1000}){1000}", /^is not a regular expression: /],
])("%s is refused with the reason", (source, reason) => {
  expect(compilePattern(source)).toMatch(reason);
});

test.each(["^(a+)+$", "(a|aa)+$", "(.*a){12}b", "(a*)*b", "^(a?){30}a{30}$"])(
  "%s over a line made for backtracking is no work",
  (source) => {
    const began = performance.now();
    matches(source, `${"a".repeat(8_000)}!`);
    expect(performance.now() - began).toBeLessThan(5_000);
  },
);
