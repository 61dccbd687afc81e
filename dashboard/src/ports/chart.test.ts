import { describe, expect, test } from "vitest";
import { chart } from "./chart.ts";

describe.each([
  ["across", chart(1_300, 300, "across", 12)],
  ["down", chart(330, 640, "down", 34)],
] as const)("%s", (_, drawn) => {
  test("every port has a cell of its own, in the picture", () => {
    const cells = new Set<string>();
    for (let port = 0; port < 65_536; port++) {
      const { x, y } = drawn.place(port);
      cells.add(`${x.toFixed(3)} ${y.toFixed(3)}`);
      if (x < 0 || y < 0 || x > drawn.width || y > drawn.height) throw new Error(`${port} lies outside`);
    }
    expect(cells.size).toBe(65_536);
  });

  test("what is drawn at a point is what is found there", () => {
    for (let port = 0; port < 65_536; port++) {
      if (drawn.at(drawn.place(port)) !== port) throw new Error(`${port} isn't found where it is drawn`);
    }
    expect(drawn.at({ x: -1, y: -1 })).toBeNull();
    const [first, second] = drawn.bands;
    const between =
      drawn.direction === "across"
        ? { x: ((first?.x ?? 0) + (first?.width ?? 0) + (second?.x ?? 0)) / 2, y: 5 }
        : { x: 5, y: ((first?.y ?? 0) + (first?.height ?? 0) + (second?.y ?? 0)) / 2 };
    expect(drawn.at(between)).toBeNull();
  });

  test("a range covers its ports, over several bands where it must", () => {
    const areas = drawn.areas(49_152, 65_535);
    expect(areas).toHaveLength(2);
    const inside = (port: number) => {
      const { x, y } = drawn.place(port);
      return areas.some((one) => x >= one.x && x <= one.x + one.width && y >= one.y && y <= one.y + one.height);
    };
    expect([49_152, 55_000, 60_999, 61_000, 65_535].every(inside)).toBe(true);
    expect([80, 5_432, 32_768, 48_000].some(inside)).toBe(false);
  });
});
