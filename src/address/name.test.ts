import fc from "fast-check";
import { expect, test } from "vitest";
import { parseName, toLabel } from "./name.ts";

test.each([
  ["@acme/Shop Front", "acme-shop-front"],
  ["feature/x", "feature-x"],
  ["Café_Déjà", "cafe-deja"],
  ["--a--b--", "a-b"],
  ["日本", "app"],
  ["", "app"],
])("%j becomes the label %s", (text, label) => {
  expect(toLabel(text)).toBe(label);
});

test("any text becomes a label that is a name by itself", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 120 }), (text) => {
      const label = toLabel(text);
      expect(label).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
      expect(toLabel(label)).toBe(label);
    }),
  );
});

test("two long names with the same beginning stay apart", () => {
  const long = "feature/".padEnd(80, "x");
  expect(toLabel(`${long}1`)).not.toBe(toLabel(`${long}2`));
});

test("names are folded to one form, and what isn't a name is refused", () => {
  expect(["A.b.", "STRASSE.example", "my_db"].map(parseName)).toEqual(["a.b", "strasse.example", "my_db"]);
  expect(["", ".", "a..b", "-a", "a-", "a b", "a/b", "a@b", "a%b", "x".repeat(64)].map(parseName)).toEqual(
    Array(10).fill(null),
  );
});
