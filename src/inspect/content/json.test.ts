import fc from "fast-check";
import { expect, test } from "vitest";
import { layoutJson } from "./forms/json.ts";
import { viewFixture } from "./view.fixture.ts";

const JSON_TYPE = ["Content-Type: application/json"];

test("JSON is laid out as JSON.stringify would, whatever it is", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      expect(layoutJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
      expect(layoutJson(JSON.stringify(value, null, 3))).toBe(JSON.stringify(value, null, 2));
    }),
  );
});

test("digits, order and repeated names stay as they came", () => {
  expect(layoutJson('{"id":9007199254740993,"2":1.0,"1":1e2,"2":0}')).toBe(
    '{\n  "id": 9007199254740993,\n  "2": 1.0,\n  "1": 1e2,\n  "2": 0\n}',
  );
});

test("cut and broken JSON is laid out as far as it goes", async () => {
  expect(layoutJson('{"a":[1,{"b":"c')).toBe('{\n  "a": [\n    1,\n    {\n      "b": "c');
  const broken = await viewFixture('{"a":1,}', JSON_TYPE);
  expect(broken).toMatchObject({ form: "json", problem: expect.stringMatching(/is not JSON/) });
  const cut = await viewFixture('{"a":1,"b":[1,2,3]}', JSON_TYPE, 10);
  expect(cut).toMatchObject({ form: "json", cut: true, size: 19, kept: 10, problem: null });
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void layoutJson(text)));
});

test("several values in a row are shown below each other", async () => {
  const { text, problem } = await viewFixture('{"a":1}\n{"a":2}\n', ["Content-Type: application/x-ndjson"]);
  expect(text).toBe('{\n  "a": 1\n}\n{\n  "a": 2\n}');
  expect(problem).toBeNull();
});

test("one of many megabytes is shown up to a bound", async () => {
  const large = JSON.stringify(Array.from({ length: 200_000 }, (_, n) => ({ n })));
  const { raw, problem } = await viewFixture(large, JSON_TYPE);
  expect(raw?.length).toBe(256 * 1024);
  expect(problem).toBe("the first 256 KiB are shown");
});

test("deeply nested JSON is no trouble", () => {
  expect(layoutJson("[".repeat(50_000)).length).toBeLessThan(50_000 * 90);
});
