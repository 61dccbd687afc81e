import { expect, test } from "vitest";
import { logRing } from "./logs.ts";

test("the last 2,000 lines of a service are kept", () => {
  const ring = logRing();
  const line = (n: number) => ({ service: "web", stream: "stdout" as const, time: n, text: `line ${n}` });
  for (let n = 1; n <= 10_000; n++) ring.add(line(n));
  expect(ring.last(3)).toEqual([line(9_998), line(9_999), line(10_000)]);
  expect(ring.last(5_000).map(({ time }) => time)).toEqual(Array.from({ length: 2_000 }, (_, n) => n + 8_001));
});
