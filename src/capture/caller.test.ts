import { expect, onTestFinished, test } from "vitest";
import { type CallerProcess, callerFinder, newCaller } from "./caller.ts";
import { edgeTo } from "./capture.fixture.ts";
import type { ConnectionExchange, Exchange } from "./exchange.ts";
import { createRecorder } from "./recorder.ts";

/** A recorder whose callers get their names when the test says so. */
function recorded() {
  const looks: PromiseWithResolvers<CallerProcess | null>[] = [];
  const name = callerFinder(() => {
    const look = Promise.withResolvers<CallerProcess | null>();
    looks.push(look);
    return look.promise;
  });
  const recorder = createRecorder({ name });
  const told: Exchange[] = [];
  onTestFinished(recorder.listen({ changed: (exchanges) => void told.push(...exchanges) }));
  const begin = (caller = newCaller("127.0.0.1:50000", 1_000, 7), clock = 0) =>
    recorder.begin<ConnectionExchange>(
      { protocol: "tcp", what: "unknown", edge: edgeTo("db"), caller, bytesUp: 0, bytesDown: 0 },
      clock,
    );
  return { recorder, looks, told, begin };
}

test("a caller gets its name when it is found, for all of its exchanges, and listeners hear of it", async () => {
  const { recorder, looks, told, begin } = recorded();
  const exchange = begin();
  begin(exchange.caller);
  recorder.end(exchange, 1);
  await expect.poll(() => told.length).toBe(2);
  expect(exchange.caller.process).toBeNull();
  looks[0]?.resolve({ pid: 12, program: "psql" });
  await expect.poll(() => told.length).toBe(3);
  expect(told[2]?.caller.process).toEqual({ pid: 12, program: "psql" });
  // The second exchange of a caller asks for nothing.
  expect(looks).toHaveLength(1);
});

test("what was cleared meanwhile isn't told of again", async () => {
  const { recorder, looks, told, begin } = recorded();
  begin();
  recorder.clear();
  looks[0]?.resolve({ pid: 12, program: "psql" });
  const next = begin(newCaller("127.0.0.1:50001", null, null));
  await expect.poll(() => told.length).toBeGreaterThan(0);
  expect(told).toEqual([next]);
});

test("a flood of callers is named in part, and again a second later", () => {
  const { looks, begin } = recorded();
  for (let n = 0; n < 100; n++) begin(newCaller(`127.0.0.1:${n}`, null, n + 1), 5);
  expect(looks).toHaveLength(25);
  begin(newCaller("127.0.0.1:100", null, 101), 1_006);
  expect(looks).toHaveLength(26);
});
