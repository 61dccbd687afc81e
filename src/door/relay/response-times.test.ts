import { expect, test } from "vitest";
import { createTurnCount } from "./response-times.ts";

const within = (value: number | undefined, ms: number) => Math.abs((value ?? 0) - ms) / ms <= 0.0221;

test("percentiles are within 2.2 % from 20 µs to an hour", () => {
  for (const ms of [0.02, 0.5, 1, 37, 400, 12_345, 3_600_000]) {
    const turns = createTurnCount();
    turns.add(ms);
    const taken = turns.take();
    expect(taken?.count).toBe(1);
    expect([within(taken?.p50, ms), within(taken?.p95, ms)]).toEqual([true, true]);
  }
});

test("half of the turns lie below p50, 95 of 100 below p95", () => {
  const turns = createTurnCount();
  for (let ms = 1; ms <= 100; ms++) turns.add(ms);
  const taken = turns.take();
  expect([within(taken?.p50, 50), within(taken?.p95, 95)]).toEqual([true, true]);
});

test("each is counted once, and what is beyond the buckets is in the outermost", () => {
  const turns = createTurnCount();
  expect(turns.take()).toBeNull();
  turns.add(0);
  turns.add(1e9);
  expect(turns.take()?.count).toBe(2);
  expect(turns.take()).toBeNull();
});
