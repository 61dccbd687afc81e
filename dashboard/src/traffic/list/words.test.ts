import { expect, test } from "vitest";
import { barOf, statusText, toneOf, took, verbAndRest, warns } from "./words.ts";

test.each([
  [0.04, "0.0 ms"],
  [1.26, "1.3 ms"],
  [38.2, "38 ms"],
  [999, "999 ms"],
  [1_240, "1.24 s"],
  [12_340, "12.3 s"],
  [125_000, "2 min"],
])("%d ms took %s", (ms, shown) => expect(took(ms)).toBe(shown));

test("a bar grows with the order of magnitude and has an end", () => {
  const bars = [0, 1, 10, 100, 1_000, 10_000, 1e9].map(barOf);
  expect(bars).toEqual([...bars].sort((a, b) => a - b));
  expect(bars.at(0)).toBeGreaterThan(0);
  expect(bars.at(-1)).toBe(1);
});

test("an end has a tone", () => {
  expect(toneOf({ ok: null, protocol: "http", status: null })).toBe("open");
  expect(toneOf({ ok: true, protocol: "http", status: "304" })).toBe("moved");
  expect(toneOf({ ok: false, protocol: "http", status: "404" })).toBe("poor");
  expect(toneOf({ ok: false, protocol: "http", status: "ECONNREFUSED" })).toBe("bad");
  expect(toneOf({ ok: false, protocol: "postgres", status: "42P01" })).toBe("bad");
  expect(toneOf({ ok: true, protocol: "redis", status: "ok" })).toBe("good");
  expect(statusText({ status: null, ok: null })).toBe("…");
});

test("some notes warn, others tell", () => {
  expect(["slow", "9 times in this trace: N+1?"].map(warns)).toEqual([true, true]);
  expect(["34 messages", "replay of 00A7", "edited on its way"].some(warns)).toBe(false);
});

test("a title's verb stands apart", () => {
  expect(verbAndRest("POST /orders?x=1 2")).toEqual(["POST", "/orders?x=1 2"]);
  expect(verbAndRest("PING")).toEqual(["PING", ""]);
});
