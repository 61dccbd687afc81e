import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { sleep } from "./sleep.ts";

test("waits as long as it was told", async () => {
  const began = performance.now();
  await sleep(30);
  expect(performance.now() - began).toBeGreaterThanOrEqual(29);
});

test("an abort ends the wait, before it or within it, and nothing is left of it", async () => {
  const stop = new AbortController();
  const long = sleep(60_000, stop.signal);
  await sleep(1, stop.signal);
  stop.abort();
  await long;
  await sleep(60_000, stop.signal);
  expect(getEventListeners(stop.signal, "abort")).toEqual([]);
});
