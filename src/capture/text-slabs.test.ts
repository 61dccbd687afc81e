import fc from "fast-check";
import { expect, test } from "vitest";
import { textSlabs } from "./text-slabs.ts";

test("every text is read as it was written, however long, in whatever characters", () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 300 }),
    fc.nat(400_000).map((length) => "\xe9x".repeat(length / 2)),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 30 }), (texts) => {
      const slabs = textSlabs();
      const places = texts.map((one) => ({ ...slabs.write(one) }));
      expect(places.map(slabs.read)).toEqual(texts);
    }),
    { numRuns: 100, seed: 62_893 },
  );
});

test("what is given back is used again, and nothing of it is read", () => {
  for (let round = 0; round < 3; round++) {
    const slabs = textSlabs();
    const texts = Array.from({ length: 1_000 }, (_, n) => `${round}/${n} ${"x".repeat(n)}`);
    const places = texts.map((text) => ({ ...slabs.write(text) }));
    expect(places.map(slabs.read)).toEqual(texts);
    slabs.free();
    expect(slabs.read(places[0] ?? { at: 0, length: 0 })).toBe("");
  }
});
