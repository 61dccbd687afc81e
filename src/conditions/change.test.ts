import { expect, test } from "vitest";
import { orThrow } from "../fault/fault.ts";
import { openChain } from "./chain.ts";
import type { Condition } from "./conditions.ts";
import { openFollower } from "./http/follower.ts";
import { readConditions } from "./text.ts";
import { openScheduler } from "./time/scheduler.ts";
import { virtualClock } from "./time/virtual-clock.fixture.ts";

const conditions = (text: string) => orThrow(readConditions(text));

/** A chain on virtual time; counts the bytes that came out of it, and lists its ends. */
function open(text: string, seed = 1) {
  const time = virtualClock();
  const out = { bytes: 0, ends: [] as string[] };
  const chain = openChain({
    ...{ way: "down", seed, connection: 0, clock: time.clock, eased: () => {} },
    sink: { push: ({ length }) => (out.bytes += length), end: (how) => out.ends.push(how) },
    reset: () => out.ends.push("RST"),
  });
  chain.set(conditions(text), true);
  /** Sets what `text` says every `every` ms. */
  const keepChanging = (until: number, every: number, text: (n: number) => string) => {
    for (let n = 0; time.clock.now() < until; n++) {
      chain.set(conditions(text(n)));
      time.turn(time.clock.now() + every);
    }
  };
  return { ...time, chain, out, keepChanging };
}

test.each([2, 0.5, 7])("a bandwidth that changes every %f ms carries what its rates add up to", (every) => {
  const { chain, out, keepChanging } = open("bandwidth=100KB/s");
  chain.push(Buffer.alloc(1_000_000), 0);
  keepChanging(3_000, every, (n) => `bandwidth=${100_000 + n}B/s`);
  const expected = 300_000 + (3_000 / every / 2) * 3;
  expect(Math.abs(out.bytes - expected)).toBeLessThan(expected * 0.01);
});

test("a slow line counts also what it carried of a single byte, before and after it is blocked", () => {
  const { chain, out, turn } = open("bandwidth=1B/s");
  chain.push(Buffer.alloc(2), 0);
  turn(600);
  chain.set(conditions("bandwidth=0"));
  turn(5_000);
  expect(out.bytes).toBe(0);
  chain.set(conditions("bandwidth=1B/s"));
  turn(5_399);
  expect(out.bytes).toBe(0);
  turn(5_401);
  expect(out.bytes).toBe(1);
});

test("a burst that was saved up stays when the rate changes, and a blocked line saves up none", () => {
  const saved = open("bandwidth=1KB/s,burst=500B");
  saved.turn(10_000);
  saved.chain.set(conditions("bandwidth=2KB/s,burst=500B"));
  saved.chain.push(Buffer.alloc(2_000), 10_000);
  expect(saved.out.bytes).toBe(500);
  const blocked = open("bandwidth=0");
  blocked.turn(10_000);
  blocked.chain.push(Buffer.alloc(2_000), 10_000);
  blocked.chain.set(conditions("bandwidth=1KB/s"));
  blocked.turn(10_100);
  expect(blocked.out.bytes).toBe(100);
});

test.each<[string, (n: number) => string, number]>([
  ["slice", (n) => `slice=100,delay=${20 - (n % 3)}`, 10_000],
  ["latency", (n) => `latency=${100 + (n % 5)}`, 10_000],
  ["loss", (n) => `loss=${1 + (n % 3)}%,rtt=20`, 10_000],
  ["open", (n) => `open=5,first=${50 + n}`, 10_000],
])("%s goes on while it is changed all the time", (_, text, bytes) => {
  const { chain, out, keepChanging } = open(text(0));
  chain.push(Buffer.alloc(bytes), 0);
  keepChanging(2_500, 2, text);
  expect(out.bytes).toBe(bytes);
});

test.each<[string, (n: number) => string, string[]]>([
  ["timeout", (n) => `timeout=${200 + (n % 3)}`, ["close"]],
  ["reset", (n) => `reset=${200 + (n % 3)}`, ["RST"]],
  ["slow-close", (n) => `slow-close=${200 + (n % 3)}`, ["fin"]],
])("%s comes to its end while it is changed all the time", (kind, text, ends) => {
  const { chain, out, keepChanging } = open(text(0));
  if (kind === "slow-close") chain.end("fin", 0);
  keepChanging(500, 5, text);
  expect([...new Set(out.ends)]).toEqual(ends);
});

test("limit counts on when its bound changes", () => {
  const { chain, out, turn } = open("limit=100");
  for (let n = 0; n < 50; n++) {
    chain.push(Buffer.alloc(10), n);
    turn(n + 1);
    chain.set(conditions(`limit=${100 + (n % 2)}`));
  }
  expect(out).toEqual({ bytes: 100, ends: ["close"] });
});

test("a burst of losses goes on when its chances change", () => {
  // It enters the bad state at once and practically never leaves it.
  const { chain, out, turn, keepChanging } = open("loss,p=100%,r=0.000001%,rtt=20");
  chain.push(Buffer.alloc(100), 0);
  keepChanging(100, 2, (n) => `loss,p=0.0001%,r=0.${n % 2}00001%,rtt=20`);
  const before = out.bytes;
  for (let n = 0; n < 20; n++) chain.push(Buffer.alloc(100), 100);
  turn(5_000);
  // In the good state all of it would have arrived.
  expect(out.bytes - before).toBeLessThan(2_000);
});

test("a body under way takes another rate of http-slow at once, and goes on while it is changed all the time", () => {
  const { clock, turn } = virtualClock();
  let bytes = 0;
  const follower = openFollower({
    ...{ clock, seed: 1, connection: 0, fresh: true, eased: () => {}, reset: () => {}, left: () => {} },
    up: { push: () => {}, end: () => {} },
    down: { push: ({ length }) => (bytes += length), end: () => {} },
  });
  const set = (list: readonly Condition[]) => follower.set(list);
  set(conditions("http-slow=1B/s"));
  follower.up.push(Buffer.from("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
  const head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
  follower.down.push(Buffer.from(head), 0);
  follower.down.push(Buffer.alloc(100_000), 0);
  bytes -= head.length;
  for (let n = 0; n < 500; n++) {
    set(conditions(`http-slow=${50_000 + n}B/s`));
    turn(n * 2 + 2);
  }
  expect(Math.abs(bytes - 50_250)).toBeLessThan(1_000);
  set(conditions("http-slow=1B/s,path=/elsewhere"));
  expect(bytes).toBe(100_000);
});

test("on the real clock: conditions that come and go on 1,000 connections leave nothing in its heap", () => {
  const clock = openScheduler();
  const chains = Array.from({ length: 1_000 }, (_, connection) => {
    const chain = openChain({
      ...{ way: "down", seed: 1, connection, clock, eased: () => {}, reset: () => {} },
      sink: { push: () => {}, end: () => {} },
    });
    chain.push(Buffer.from("x"), clock.now());
    return chain;
  });
  const lists = ["latency=60000", "reset=60000", "timeout=60000", "slow-close=60000", "open=1,first=60000"].map(
    conditions,
  );
  let most = 0;
  for (let toggle = 0; toggle < 100; toggle++) {
    for (const chain of chains) {
      chain.set(toggle % 2 === 0 ? (lists[(toggle / 2) % lists.length] ?? []) : [], true);
      chain.push(Buffer.from("x"), clock.now());
    }
    most = Math.max(most, clock.waiting());
  }
  expect(most).toBeLessThanOrEqual(1_000);
  for (const chain of chains) chain.stop();
  expect(clock.waiting()).toBe(0);
});
