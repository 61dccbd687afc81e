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
