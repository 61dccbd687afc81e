import fc from "fast-check";
import { expect, test } from "vitest";
import { replaceTokens } from "./jwt.ts";
import { redactorOf } from "./redactor.ts";

/** What is meant, said as a regular expression. */
const MEANT = /\beyJ[\w-]{6,}\.[\w-]*(?:\.[\w-]*){0,3}/g;

test("tokens are found as the expression says", () => {
  const text = fc.string({
    unit: fc.constantFrom("eyJ", "eyJabcdef", "a", "-", "_", ".", " ", "é", "/"),
    maxLength: 14,
  });
  fc.assert(
    fc.property(text, (said) => {
      expect(replaceTokens(said, () => "•")).toBe(said.replace(MEANT, "•"));
    }),
    { numRuns: 5_000 },
  );
});

test.each([
  "eyJ-",
  "eyJaaaaaa-",
  "bearer ",
  "basic ",
  "://a:",
  "a: '",
  "<input ",
  '{"a":',
  "password=",
  "-----BEGIN PRIVATE KEY",
  "(password,",
  "(1,",
  "values (password ",
  "cast(as ",
  "unnest($1,pw)",
  "insert into u (pw) select (",
  "case when pw then ",
])("%j again and again is no work to redact", (piece) => {
  const text = piece.repeat(Math.ceil(65_536 / piece.length));
  const redactor = redactorOf({});
  const began = performance.now();
  redactor.target(`/${text}`);
  redactor.any(text);
  redactor.markup(text);
  redactor.sql(text);
  redactor.params(text, ["a"]);
  expect(performance.now() - began).toBeLessThan(2_000);
});
