import fc from "fast-check";
import { expect, test } from "vitest";
import { isHeadFault } from "../http1/fields.ts";
import { parseRequestHead } from "../http1/request-head.ts";
import { keep, keptBytes, newBody } from "./body.ts";
import { anyCaller, edgeTo } from "./capture.fixture.ts";
import type { Exchange, HttpExchange, RedisExchange } from "./exchange.ts";
import { createRecorder } from "./recorder.ts";

const edge = edgeTo("web");
const caller = anyCaller();

function head(target: string) {
  const parsed = parseRequestHead(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
  if (isHeadFault(parsed)) throw new Error(parsed.reason);
  return parsed;
}

/** What an exchange says, its bodies as bytes. */
const said = (exchange: Exchange | undefined) => {
  const { requestBody, responseBody, ...rest } = exchange as HttpExchange;
  const body = (one: HttpExchange["requestBody"]) =>
    one === null ? null : { size: one.size, keptSize: one.keptSize, bytes: keptBytes(one).toString("latin1") };
  return { ...rest, requestBody: body(requestBody), responseBody: body(responseBody) };
};

const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });
const exchange = fc.record({
  target: fc.constantFrom("/", "/a", "/orders?page=2"),
  status: maybe(fc.integer({ min: 100, max: 599 })),
  responseHead: maybe(fc.constantFrom("HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n")),
  queued: maybe(fc.double({ min: 0, max: 1e6, noNaN: true })),
  connected: maybe(fc.double({ min: 0, max: 1e6, noNaN: true })),
  firstByte: maybe(fc.double({ min: 0, max: 1e6, noNaN: true })),
  requestBody: maybe(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 3 })),
  responseBody: maybe(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 3 })),
  error: fc.option(fc.constant({ code: "closed", message: "it ended" }), { nil: null, freq: 4 }),
  ends: fc.boolean(),
});

test("what is old and over says the same as it did", () => {
  fc.assert(
    fc.property(fc.array(exchange, { minLength: 1, maxLength: 30 }), (given) => {
      const recorder = createRecorder();
      const before = given.map(({ target, requestBody, responseBody, error, ends, ...known }, n) => {
        const one = recorder.http(edge, caller, head(target), n) as HttpExchange;
        Object.assign(one, known);
        for (const [side, pieces] of Object.entries({ requestBody, responseBody })) {
          if (pieces === null) continue;
          const body = newBody();
          for (const piece of pieces) recorder.grew(one, keep(body, Buffer.from(piece), 0, piece.length, 64));
          Object.assign(one, { [side]: body });
        }
        if (ends) recorder.end(one, n + 5, error);
        return { seq: one.seq, said: said(one) };
      });
      // Enough of others that all of them are old.
      for (let n = 0; n < 300; n++) recorder.end(recorder.http(edge, caller, head("/x"), n) as HttpExchange, n + 1);
      for (const { seq, said: then } of before) expect(said(recorder.ring.get(seq))).toEqual(then);
    }),
    { numRuns: 60 },
  );
});

test("what it holds is counted, whatever became of its exchanges", () => {
  const recorder = createRecorder({ bounds: { exchanges: 5_000, bytes: 1 << 30 } });
  const open: HttpExchange[] = [];
  for (let n = 0; n < 30_000; n++) {
    const one = recorder.http(edge, caller, head(`/${n}`), n) as HttpExchange;
    recorder.grew(one, 10);
    if (n % 7 === 0) open.push(one);
    else recorder.end(one, n + 1);
    // Some grow when they have long been old, or left.
    if (n % 11 === 0) recorder.grew(open[n % open.length] as HttpExchange, 100);
  }
  const { ring } = recorder;
  expect([ring.oldest(), ring.newest()]).toEqual([25_001, 30_000]);
  let sum = 0;
  for (let seq = ring.oldest(); seq <= ring.newest(); seq++) sum += ring.get(seq)?.charged ?? Number.NaN;
  expect(ring.bytes()).toBe(sum);
  recorder.clear();
  expect([ring.bytes(), ring.get(30_000)]).toEqual([0, undefined]);
});

test("other kinds, and what goes on, stay as they are", () => {
  const recorder = createRecorder();
  const redis = recorder.begin<RedisExchange>(
    { protocol: "redis", edge, caller, command: "GET", args: ["a"], reply: null, bytesUp: 0, bytesDown: 0 },
    0,
  );
  const long = recorder.http(edge, caller, head("/long"), 0) as HttpExchange;
  recorder.end(redis, 1);
  for (let n = 0; n < 1_000; n++) recorder.end(recorder.http(edge, caller, head("/x"), n) as HttpExchange, n + 1);
  expect(recorder.ring.get(redis.seq)).toBe(redis);
  expect(recorder.ring.get(long.seq)).toBe(long);
});

test("response heads count as request heads do: once as long as they stay the same", () => {
  const recorder = createRecorder();
  const said = (text: string) => {
    const one = recorder.http(edge, caller, head("/same"), 0) as HttpExchange;
    recorder.answered(one, 200, text);
    recorder.end(one, 1);
    return one.charged;
  };
  const first = `HTTP/1.1 200 OK\r\nX-Id: ${"a".repeat(5_000)}\r\n\r\n`;
  const before = said("HTTP/1.1 200 OK\r\n\r\n");
  expect(said(first)).toBeGreaterThanOrEqual(5_000);
  expect(said(first)).toBeLessThan(before);
  let sum = 0;
  for (let seq = 1; seq <= recorder.ring.newest(); seq++) sum += recorder.ring.get(seq)?.charged ?? 0;
  expect(recorder.ring.bytes()).toBe(sum);
});

test("a replay that is not written down marks nobody else's request", () => {
  const recorder = createRecorder();
  const next = () => (recorder.http(edge, caller, head("/x"), 0) as HttpExchange).replayOf;
  recorder.expectReplay(caller.address, 7).forget();
  expect(next()).toBeNull();
  const expected = recorder.expectReplay(caller.address, 7);
  expect(next()).toBe(7);
  expect(expected.exchange()?.replayOf).toBe(7);
  expect(next()).toBeNull();
});
