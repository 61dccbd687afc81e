import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { orThrow } from "../fault/fault.ts";
import { admission, HELD_MOST, openChain } from "./chain.ts";
import type { Way } from "./kinds/condition.ts";
import { readConditions } from "./text.ts";
import { virtualClock } from "./time/virtual-clock.fixture.ts";

const conditions = (text: string) => orThrow(readConditions(text));

/** A chain on virtual time and all that came out of it. */
function bench(text: string, { way = "down" as Way, seed = 1, connection = 0 } = {}) {
  const time = virtualClock(1000);
  const out: { at: number; bytes: Buffer }[] = [];
  const ends: { at: number; how: string }[] = [];
  const chain = openChain({
    ...{ way, seed, connection, clock: time.clock },
    sink: {
      push: (bytes) => out.push({ at: time.clock.now(), bytes }),
      end: (how) => ends.push({ at: time.clock.now(), how }),
    },
    reset: () => ends.push({ at: time.clock.now(), how: "RST" }),
    eased: () => {},
  });
  chain.set(conditions(text), true);
  return {
    ...time,
    chain,
    out,
    ends,
    send: (bytes: string | Buffer) => chain.push(Buffer.from(bytes), time.clock.now()),
    end: () => chain.end("fin", time.clock.now()),
    text: () => Buffer.concat(out.map((one) => one.bytes)).toString("latin1"),
    size: () => out.reduce((sum, one) => sum + one.bytes.length, 0),
  };
}

describe("on virtual time", () => {
  test("latency counts from each chunk's arrival, keeps the order, and ends behind the bytes", () => {
    const b = bench("latency=200");
    b.send("a");
    b.turn(1050);
    b.send("b");
    b.end();
    b.turn(1199.9);
    expect(b.out).toEqual([]);
    b.turn(2000);
    expect(b.out.map(({ at, bytes }) => [at, String(bytes)])).toEqual([
      [1200, "a"],
      [1250, "b"],
    ]);
    expect(b.ends).toEqual([{ at: 1250, how: "fin" }]);
    expect(b.waiting()).toBe(0);
  });

  test("the lateness of timers does not add up along a chain", () => {
    const b = bench("latency=100 latency=100 latency=100");
    b.send("x");
    b.turn(3000, 0.5);
    expect(b.out[0]?.at).toBe(1300.5);
  });

  test.each(["bandwidth=1KB/s latency=200", "latency=200 bandwidth=1KB/s"])(
    "%s: both times add up, and latency counts from where the chunk came to it, not from the first read",
    (text) => {
      const b = bench(text);
      b.send(Buffer.alloc(500));
      b.turn(1_199);
      expect(b.size()).toBe(0);
      b.turn(1_450);
      // A quarter of a second behind the latency: half of them.
      expect(Math.abs(b.size() - 250)).toBeLessThanOrEqual(10);
      b.turn(1_699);
      expect(b.size()).toBeLessThan(500);
      b.turn(1_701);
      expect(b.size()).toBe(500);
    },
  );

  test("jitter stays within its bounds and never reorders", () => {
    const b = bench("latency=50±40");
    for (let n = 0; n < 500; n++) {
      b.send(Buffer.of(n & 255));
      b.turn(1000 + n + 1);
    }
    b.turn(5000);
    expect(b.out.map(({ bytes }) => bytes[0])).toEqual(Array.from({ length: 500 }, (_, n) => n & 255));
    for (const [n, { at }] of b.out.entries()) expect(at - 1000 - n).toBeGreaterThanOrEqual(10);
    // The order can hold one back behind another, but none longer than the longest draw.
    expect(Math.max(...b.out.map(({ at }, n) => at - 1000 - n))).toBeLessThanOrEqual(90);
  });

  test.each([10_000, 1_000_000, 100_000_000])(
    "bandwidth %i B/s is exact, with late timers and without gaps",
    (rate) => {
      const b = bench(`bandwidth=${rate}`);
      const seconds = 2;
      b.send(Buffer.alloc(rate * seconds));
      b.turn(1000 + seconds * 1000 - 30, 1.3);
      const last = b.out.at(-1)?.at ?? 0;
      expect(b.size() / ((rate * (last - 1000)) / 1000)).toBeCloseTo(1, 2);
      const gaps = b.out.map(({ at }, n) => at - (b.out[n - 1]?.at ?? 1000));
      expect(Math.max(...gaps)).toBeLessThan(20);
      b.turn(1000 + seconds * 1000 + 10);
      expect(b.size()).toBe(rate * seconds);
    },
  );

  test("a burst passes at once after a pause, and only then", () => {
    const b = bench("bandwidth=1KB/s,burst=500B");
    b.send(Buffer.alloc(600));
    b.turn(1001);
    expect(b.size()).toBeGreaterThanOrEqual(500);
    expect(b.size()).toBeLessThan(512);
    b.turn(1100);
    expect(b.size()).toBe(600);
    b.send(Buffer.alloc(100));
    b.turn(1101);
    expect(b.size()).toBeLessThan(704);
  });

  test("rate 0 blocks; another rate lets go on what was held", () => {
    const b = bench("bandwidth=0");
    b.send("held");
    b.turn(100_000);
    expect(b.size()).toBe(0);
    b.chain.set(conditions("bandwidth=1KB/s"));
    b.turn(100_004);
    expect(b.text()).toBe("held");
  });

  test("limit closes behind its bytes, also behind a latency; the rest is lost", () => {
    const b = bench("limit=3 latency=10");
    b.send("abcdef");
    b.turn(1009);
    expect(b.ends).toEqual([]);
    b.turn(1010);
    expect([b.text(), b.ends]).toEqual(["abc", [{ at: 1010, how: "close" }]]);
  });

  test("timeout drops, starts anew with each chunk, and closes when it's removed", () => {
    const b = bench("timeout=100");
    b.turn(1060);
    b.send("x");
    b.turn(1159);
    expect(b.ends).toEqual([]);
    b.turn(1161);
    expect([b.text(), b.ends]).toEqual(["", [{ at: 1160, how: "close" }]]);
    const never = bench("timeout=0");
    never.send("x");
    never.turn(90_000_000);
    expect(never.ends).toEqual([]);
    never.chain.set([]);
    expect(never.ends).toMatchObject([{ how: "close" }]);
  });

  test("timeout lets the end of its source pass at once", () => {
    const b = bench("timeout=0");
    b.send("lost");
    b.turn(1020);
    b.end();
    expect([b.text(), b.ends]).toEqual(["", [{ at: 1020, how: "fin" }]]);
  });

  test("slow-close holds the end back and nothing else", () => {
    const b = bench("slow-close=500");
    b.send("now");
    b.end();
    expect(b.out[0]?.at).toBe(1000);
    b.turn(3000);
    expect(b.ends).toEqual([{ at: 1500, how: "fin" }]);
  });

  test("reset: from the start, or from the first bytes, which don't pass", () => {
    const b = bench("reset=50");
    b.send("passes");
    b.turn(2000);
    expect([b.text(), b.ends]).toEqual(["passes", [{ at: 1050, how: "RST" }]]);
    const late = bench("reset=50,data");
    late.turn(5000);
    expect(late.ends).toEqual([]);
    late.send("lost");
    late.turn(6000);
    expect([late.text(), late.ends]).toEqual(["", [{ at: 5050, how: "RST" }]]);
    const silent = bench("reset=50,data");
    silent.end();
    silent.turn(6000);
    expect(silent.ends).toEqual([{ at: 1050, how: "RST" }]);
  });

  test("a shorter latency counts for what is on its way, a longer one doesn't", () => {
    const b = bench("latency=1000");
    b.send("a");
    b.turn(1400);
    b.send("b");
    b.turn(1500);
    b.chain.set(conditions("latency=600"));
    b.turn(1999);
    b.chain.set(conditions("latency=5000"));
    b.turn(3000);
    expect(b.out.map(({ at, bytes }) => [at, String(bytes)])).toEqual([
      [1600, "a"],
      [2000, "b"],
    ]);
    b.send("c");
    b.turn(3100);
    b.chain.set(conditions("latency=0"));
    expect(b.out.at(-1)).toMatchObject({ at: 3100 });
    expect(b.text()).toBe("abc");
  });

  test("slice cuts into pieces of about its size, a delay apart", () => {
    const b = bench("slice=100±50,delay=500us");
    b.send(Buffer.alloc(10_000));
    b.turn(3000);
    const sizes = b.out.map(({ bytes }) => bytes.length);
    expect(b.size()).toBe(10_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(150);
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThanOrEqual(50);
    expect(b.out.at(-1)?.at).toBeCloseTo(1000 + (sizes.length - 1) * 0.5, 6);
  });

  test("a black hole keeps what comes until it's gone, but not a consumer that is", () => {
    const b = bench("blackhole");
    b.send("kept");
    b.turn(50_000);
    expect(b.text()).toBe("");
    b.end();
    b.chain.set([]);
    expect([b.text(), b.ends]).toMatchObject(["kept", [{ how: "fin" }]]);
    const left = bench("blackhole");
    left.end();
    left.turn(100_000);
    expect(left.ends).toEqual([{ at: 61_000, how: "RST" }]);
  });

  test("open and refuse speak for new connections; probability draws by connection, the same for one seed", () => {
    expect(admission(conditions("open=300ms open=20"), 1, 0)).toEqual({ refuse: false, delay: 300 });
    expect(admission(conditions("blackhole"), 1, 0).delay).toBe(Number.POSITIVE_INFINITY);
    const some = conditions("refuse,probability=30%");
    const drawn = (seed: number) => Array.from({ length: 2000 }, (_, n) => admission(some, seed, n).refuse);
    expect(drawn(7)).toEqual(drawn(7));
    expect(drawn(7)).not.toEqual(drawn(8));
    const share = drawn(7).filter(Boolean).length / 2000;
    // Four standard deviations.
    expect(Math.abs(share - 0.3)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / 2000));
  });

  test("each way has its own conditions", () => {
    const up = bench("latency=200", { way: "up" });
    up.send("x");
    expect(up.text()).toBe("x");
    expect(up.chain.idle()).toBe(true);
  });

  test("is full at its bound, also with single bytes, and earlier behind a slow line", () => {
    const whole = bench("blackhole");
    let sent = 0;
    for (; !whole.chain.full(); sent += 65_536) whole.send(Buffer.alloc(65_536));
    expect(sent).toBeLessThanOrEqual(HELD_MOST + 65_536);
    const single = bench("blackhole");
    for (sent = 0; !single.chain.full(); sent++) single.send("x");
    expect(sent).toBeLessThan(HELD_MOST / 200);
    const slow = bench("bandwidth=10KB/s");
    for (sent = 0; !slow.chain.full(); sent += 1000) slow.send(Buffer.alloc(1000));
    expect(sent).toBeLessThan(100_000);
  });
});

test("nothing is lost, changed or reordered by whatever chain, changed at whatever moment", () => {
  const lossless = fc.constantFrom(
    ...["latency=20±15", "latency=5", "bandwidth=50KB/s", "bandwidth=5MB/s", "slice=700±600,delay=100us", "slice=3000"],
    ...["loss=10%", "loss,p=5%,r=30%", "slow-close=40", "open=5,first=30", "blackhole", "latency=30±20,normal"],
  );
  const list = fc.array(lossless, { maxLength: 4 });
  const step = fc.record({ wait: fc.nat(60), bytes: fc.nat(6000), change: fc.option(list) });
  fc.assert(
    fc.property(list, fc.array(step, { minLength: 1, maxLength: 12 }), fc.nat(), (first, steps, seed) => {
      const b = bench(first.join(" "), { seed });
      let sent = "";
      let now = 1000;
      for (const { wait, bytes, change } of steps) {
        const block = Array.from({ length: bytes }, (_, n) => String.fromCharCode((n * 7 + sent.length) % 251)).join(
          "",
        );
        sent += block;
        b.chain.push(Buffer.from(block, "latin1"), now);
        now += wait;
        b.turn(now, 0.3);
        if (change !== null) b.chain.set(conditions(change.join(" ")));
      }
      b.end();
      b.turn(now + 20);
      b.chain.set([]);
      expect(b.text() === sent).toBe(true);
      expect(b.ends.map(({ how }) => how)).toEqual(["fin"]);
      expect(b.waiting()).toBe(0);
    }),
    { numRuns: 150, seed: 4 },
  );
});

test("the same seed gives the same run", () => {
  const run = (seed: number) => {
    const b = bench("latency=50±20,normal loss=5% slice=200±100", { seed });
    for (let n = 0; n < 50; n++) b.send(Buffer.alloc(3000));
    b.turn(60_000);
    return b.out.map(({ at, bytes }) => [at, bytes.length]);
  };
  expect(run(5)).toEqual(run(5));
  expect(run(5)).not.toEqual(run(6));
});

describe("loss as TCP shows it", () => {
  test("a lost packet with nothing behind it takes a time-out; with three behind it, one more round trip", () => {
    const stalls = new Set<number>();
    for (let connection = 0; connection < 300; connection++) {
      const b = bench("loss=20%,rtt=50", { connection });
      b.send("ping");
      b.turn(200_000);
      stalls.add(Math.round((b.out[0]?.at ?? 0) - 1000));
    }
    const seen = [...stalls].sort((x, y) => x - y);
    expect(seen.slice(0, 3)).toEqual([0, 200, 600]);
    for (const stall of seen) expect([0, 200, 600, 1400, 3000, 6200, 12_600]).toContain(stall);

    const bulk = bench("loss=0.5%,rtt=50");
    bulk.send(Buffer.alloc(4_000_000));
    bulk.turn(600_000);
    expect(bulk.size()).toBe(4_000_000);
    const gaps = bulk.out.map(({ at }, n) => at - (bulk.out[n - 1]?.at ?? 1000)).filter((gap) => gap > 25);
    // Most stalls are fast retransmits.
    expect(gaps.filter((gap) => gap < 100).length).toBeGreaterThan(gaps.length * 0.8);
  });

  test.each([
    [0.002, 50],
    [0.01, 50],
    [0.01, 200],
    [0.03, 100],
  ])("at a rate of %f and a round trip of %i ms the throughput is near Mathis's bound", (rate, rtt) => {
    const bytes = 6_000_000;
    const b = bench(`loss=${rate},rtt=${rtt}`);
    b.send(Buffer.alloc(bytes));
    b.turn(10_000_000);
    expect(b.size()).toBe(bytes);
    const took = ((b.out.at(-1)?.at ?? 0) - 1000) / 1000;
    const bound = (1460 / (rtt / 1000)) * (1.22 / Math.sqrt(rate));
    expect(bytes / took / bound).toBeLessThan(1.2);
    expect(bytes / took / bound).toBeGreaterThan(0.35);
  });
});
