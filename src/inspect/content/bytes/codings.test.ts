import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { undoCodings } from "./codings.ts";

const TEXT = Buffer.from("the sea, the sea ".repeat(5_000));
const MOST = 1024 * 1024;

test.each([
  ["gzip", gzipSync(TEXT)],
  ["X-Gzip", gzipSync(TEXT)],
  ["deflate", deflateSync(TEXT)],
  ["deflate", deflateRawSync(TEXT)],
  ["br", brotliCompressSync(TEXT)],
  ["zstd", zstdCompressSync(TEXT)],
  ["gzip, br", brotliCompressSync(gzipSync(TEXT))],
  ["identity, zstd", zstdCompressSync(TEXT)],
])("%s is undone", async (field, bytes) => {
  const { bytes: out, coding, cut, problem } = await undoCodings(bytes, field, MOST);
  expect(out.equals(TEXT)).toBe(true);
  expect({ coding, cut, problem }).toEqual({
    coding: field.toLowerCase().replace("identity, ", ""),
    ...{ cut: false, problem: null },
  });
});

let random = 1;
const noise = Buffer.from(
  Array.from({ length: 60_000 }, () => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return 97 + (random >>> 28);
  }),
);

test.each([
  ["gzip", gzipSync(noise)],
  ["deflate", deflateSync(noise)],
  ["br", brotliCompressSync(noise)],
  ["zstd", zstdCompressSync(noise)],
])("%s that was cut gives what it holds", async (field, bytes) => {
  const { bytes: out, coding } = await undoCodings(bytes.subarray(0, Math.floor(bytes.length * 0.9)), field, MOST);
  expect(coding).toBe(field);
  // zstd gives whole blocks only.
  expect(out.length).toBeGreaterThanOrEqual(field === "zstd" ? 0 : 10_000);
  expect(noise.subarray(0, out.length).equals(out)).toBe(true);
});

test("a bomb is stopped at the bound, at each of its stages", async () => {
  const zeros = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  const { bytes, cut } = await undoCodings(zeros, "gzip", 100_000);
  expect(bytes.length).toBe(100_000);
  expect(cut).toBe(true);
  const twice = await undoCodings(gzipSync(zeros), "gzip, gzip", 100_000);
  expect(twice.bytes.length).toBeLessThanOrEqual(100_000);
});

test("what is no such coding is shown as it came, with the reason", async () => {
  expect(await undoCodings(TEXT, "gzip", MOST)).toMatchObject({
    coding: null,
    problem: expect.stringMatching(/is not gzip/),
  });
  expect(await undoCodings(TEXT, "rot13", MOST)).toMatchObject({
    bytes: TEXT,
    problem: expect.stringMatching(/rot13/),
  });
  expect((await undoCodings(TEXT, "gzip,".repeat(50), MOST)).problem).toMatch(/50 codings/);
});

test("whatever the bytes, it never throws", async () => {
  const fields = fc.array(fc.constantFrom("gzip", "deflate", "br", "zstd", "nope"), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fields, async (bytes, names) => {
      const out = await undoCodings(Buffer.from(bytes), names.join(","), MOST);
      expect(out.bytes.length).toBeLessThanOrEqual(MOST);
    }),
    { numRuns: 60 },
  );
});
