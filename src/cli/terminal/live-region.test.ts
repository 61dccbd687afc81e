import { expect, test } from "vitest";
import { liveRegion } from "./live-region.ts";

function place(columns: number, rows: number) {
  const written: string[] = [];
  return { columns, rows, written, write: (text: string) => written.push(text) };
}

test("thirty lines on ten rows: what doesn't fit is counted, and drawn over in place", () => {
  const small = place(80, 10);
  const region = liveRegion(small);
  const lines = Array.from({ length: 30 }, (_, n) => `service-${n}  starting`);
  region.draw(lines);
  region.draw(lines);
  expect(small.written[0]?.trimEnd().split("\n")).toEqual([...lines.slice(0, 8), "… and 22 more"]);
  expect(small.written[1]?.startsWith("\x1b[9A\r\x1b[J")).toBe(true);
});

test("a line is never broken by the terminal, and keeps its colours to its end", () => {
  const narrow = place(12, 24);
  liveRegion(narrow).draw(["\x1b[32mservice-with-a-name\x1b[39m", "データベース サーバー"]);
  expect(narrow.written).toEqual(["\x1b[32mservice-wi…\x1b[0m\nデータベー…\n"]);
});

test("a terminal that was made narrower has broken what stands there", () => {
  const shrinking = place(80, 24);
  const region = liveRegion(shrinking);
  region.draw(["x".repeat(60), "short"]);
  shrinking.columns = 25;
  region.clear();
  expect(shrinking.written[1]).toBe("\x1b[4A\r\x1b[J");
});
