import { expect, test } from "vitest";
import { KINDS } from "../../../src/conditions/conditions.ts";
import type { Field } from "../../../src/conditions/kinds/field.ts";
import { EVEN, PLACES, scaleOf } from "./scale.ts";

test("every place of every slider has a value of its own kind, and leads back to itself", () => {
  for (const { fields } of Object.values(KINDS)) {
    for (const field of Object.values<Field>(fields)) {
      const scale = scaleOf(field);
      if (scale === null) continue;
      let before = Number.NEGATIVE_INFINITY;
      for (let place = 1; place <= PLACES; place++) {
        const value = scale.value(place) ?? Number.NaN;
        expect(value).toBeGreaterThanOrEqual(before);
        expect(Math.abs(scale.place(value) - place)).toBeLessThanOrEqual(8);
        before = value;
      }
    }
  }
});

test("the left end is the least, or nothing where a value may be left out", () => {
  expect(scaleOf({ type: "time", required: true, about: "" })?.value(0)).toBe(0);
  expect(scaleOf({ type: "size", min: 1, required: true, about: "" })?.value(0)).toBe(1);
  expect(scaleOf({ type: "share", about: "" })?.value(0)).toBeUndefined();
  expect(scaleOf({ type: "share", about: "" })?.place(undefined)).toBe(0);
});

test("the ends are what is worth sliding over, and what is beyond stands at the end", () => {
  const scale = scaleOf({ type: "time", required: true, about: "" });
  expect([scale?.value(1), scale?.value(PLACES)]).toEqual([1, 60_000]);
  expect(scale?.place(3_600_000)).toBe(PLACES);
  expect([EVEN.value(0), EVEN.value(PLACES / 2), EVEN.value(PLACES)]).toEqual([0.01, 0.5, 1]);
});

test("words and choices are no sliders", () => {
  expect(scaleOf({ type: "choice", of: ["a"], default: "a", about: "" })).toBeNull();
  expect(scaleOf({ type: "text", about: "" } as unknown as Field)).toBeNull();
});
