import { expect, test } from "vitest";
import { highlight, type Language } from "./highlight.ts";

const marked = (text: string, language: Language) =>
  highlight(text, language)
    .filter(({ kind }) => kind !== null)
    .map(({ text: part, kind }) => `${kind} ${part}`);

test("JSON's names, texts, numbers and words are told apart, also where it is cut", () => {
  expect(marked('{"a\\"": ["b", -1.5e3, true', "json")).toEqual([
    'key "a\\""',
    'string "b"',
    "number -1.5e3",
    "word true",
  ]);
  expect(marked('{"a": "cut of', "json")).toEqual(['key "a"', 'string "cut of']);
});

test("SQL's words in any case, parameters and quotes within quotes", () => {
  expect(marked(`Select "id" from t where n = 'it''s' and x = $1 -- so`, "sql")).toEqual([
    "word Select",
    'key "id"',
    "word from",
    "word where",
    "string 'it''s'",
    "word and",
    "key $1",
    "comment -- so",
  ]);
});

test("scripts, styles and markup", () => {
  expect(marked("const a = `b` // c", "javascript")).toEqual(["word const", "string `b`", "comment // c"]);
  expect(marked("@media x { color: #fff }", "css")).toEqual(["word @media", "key color", "number #fff"]);
  expect(marked('<a href="x">&amp;</a>', "markup")).toEqual([
    "tag <a",
    'string ="x"',
    "tag >",
    "number &amp;",
    "tag </a",
    "tag >",
  ]);
});

test("nothing is lost, whatever the text", () => {
  const text = `x'"\`/*<!-- ${"é$1".repeat(50_000)}`;
  for (const language of ["json", "javascript", "css", "markup", "sql"] as const) {
    expect(
      highlight(text, language)
        .map((piece) => piece.text)
        .join("") === text,
    ).toBe(true);
  }
});
