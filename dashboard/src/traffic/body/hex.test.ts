import { expect, test } from "vitest";
import { fromBase64, hexLines } from "./hex.ts";

test("sixteen bytes a line, with the signs that they would be", () => {
  const bytes = fromBase64(btoa("Storm lantern, 42\x00\xff"));
  const [first, second] = hexLines(bytes);
  expect(first).toEqual({
    at: "000000",
    bytes: "53 74 6f 72 6d 20 6c 61  6e 74 65 72 6e 2c 20 34",
    signs: "Storm lantern, 4",
  });
  expect(second?.bytes.trim()).toBe("32 00 ff");
  expect(second?.signs).toBe("2··");
  expect(hexLines(new Uint8Array())).toEqual([]);
});
