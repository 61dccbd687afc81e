import { describe, expect, test } from "vitest";
import { type Distribution, sampler } from "./kinds/distribution.ts";
import { lossModel, lossRate } from "./kinds/loss/loss-model.ts";
import { type Random, randomFor } from "./time/random.ts";

const DRAWS = 50_000;

/** Kolmogorov–Smirnov: the largest distance between what was drawn and the distribution, against its 0.1 % bound. */
function expectFrom(draw: () => number, cumulative: (x: number) => number): void {
  const values = Float64Array.from({ length: DRAWS }, draw).sort();
  let distance = 0;
  for (const [n, value] of values.entries()) {
    const at = cumulative(value);
    distance = Math.max(distance, at - n / DRAWS, (n + 1) / DRAWS - at);
  }
  expect(distance).toBeLessThan(1.95 / Math.sqrt(DRAWS));
}

/** χ² over counts, against the bound that chance passes once in a thousand (Wilson–Hilferty). */
function expectCounts(counts: readonly number[], expected: readonly number[]): void {
  const sum = counts.reduce((total, count, n) => total + (count - (expected[n] ?? 0)) ** 2 / (expected[n] ?? 1), 0);
  const free = counts.length - 1;
  expect(sum).toBeLessThan(free * (1 - 2 / (9 * free) + 3.09 * Math.sqrt(2 / (9 * free))) ** 3);
}

/** The normal distribution's cumulative function (Abramowitz and Stegun 7.1.26, error below 1.5e-7). */
function phi(x: number): number {
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
  const tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const half = 1 - tail * Math.exp((-x * x) / 2);
  return 0.5 * (1 + Math.sign(x) * half);
}

const delays = (distribution: Distribution, seed: number, table?: readonly number[]) =>
  sampler({ ms: 1000, jitter: 50, distribution, ...(table !== undefined && { table }) }, randomFor(seed, distribution));

describe("jitter", () => {
  test("uniform is uniform", () => {
    expectFrom(delays("uniform", 1), (x) => (x - 950) / 100);
  });

  test("normal is normal, within four deviations", () => {
    expectFrom(delays("normal", 2), (x) => phi((x - 1000) / 50));
    expect(Math.max(...Array.from({ length: DRAWS }, delays("normal", 3)))).toBeLessThanOrEqual(1200);
  });

  test("pareto has its long right tail, mean 0 and deviation 1 before the cut", () => {
    const draw = delays("pareto", 4);
    const deviation = Math.sqrt(0.75);
    // Above the cut all are at it.
    expectFrom(
      () => Math.min(draw(), 1199.999),
      (x) => (x >= 1199.999 ? 1 : 1 - (((x - 1000) / 50) * deviation + 1.5) ** -3),
    );
  });

  test("paretonormal has the mean that was asked for, and its deviation less what the cut at four takes away", () => {
    const draw = delays("paretonormal", 5);
    const values = Array.from({ length: DRAWS }, draw);
    const mean = values.reduce((sum, one) => sum + one, 0) / DRAWS;
    const deviation = Math.sqrt(values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / DRAWS);
    expect(Math.abs(mean - 1000)).toBeLessThan(2.5);
    expect(deviation).toBeGreaterThan(37);
    expect(deviation).toBeLessThan(50);
  });

  test("a table's entries come equally often", () => {
    const table = [-2, -1, 0, 0.5, 4];
    const draw = delays("table", 6, table);
    const counts = new Map(table.map((entry) => [1000 + entry * 50, 0]));
    for (let n = 0; n < DRAWS; n++) {
      const value = draw();
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expectCounts(
      [...counts.values()],
      table.map(() => DRAWS / table.length),
    );
  });

  test("a delay is never negative", () => {
    const draw = sampler({ ms: 10, jitter: 100, distribution: "normal" }, randomFor(1));
    expect(Math.min(...Array.from({ length: 1000 }, draw))).toBe(0);
  });
});

describe("loss", () => {
  const run = (random: Random, rates: Parameters<typeof lossModel>[0], count = DRAWS * 4) => {
    const lost = lossModel(rates, random);
    return Array.from({ length: count }, lost);
  };

  test("independent: the rate, and runs as long as chance makes them", () => {
    const all = run(randomFor(1), { rate: 0.02 });
    const count = all.filter(Boolean).length;
    expectCounts([count, all.length - count], [all.length * 0.02, all.length * 0.98]);
    // After a lost one the next is lost no more often.
    const after = all.filter((_, n) => all[n - 1] === true);
    const again = after.filter(Boolean).length;
    expect(Math.abs(again - after.length * 0.02)).toBeLessThan(4 * Math.sqrt(after.length * 0.02));
  });

  test("Gilbert: bursts are geometric with 1/r on average, gaps with 1/p", () => {
    const p = 0.01;
    const r = 0.25;
    const all = run(randomFor(2), { p, r });
    const bursts = lengths(all, true);
    const gaps = lengths(all, false);
    const classes = [1, 2, 3, 4, 5, 6, 7, 8];
    const counted = classes.map((length) => bursts.filter((one) => one === length).length);
    expectCounts(
      [...counted, bursts.filter((one) => one > 8).length],
      [...classes.map((length) => bursts.length * (1 - r) ** (length - 1) * r), bursts.length * (1 - r) ** 8],
    );
    const mean = gaps.reduce((sum, one) => sum + one, 0) / gaps.length;
    expect(Math.abs(mean * p - 1)).toBeLessThan(4 / Math.sqrt(gaps.length));
  });

  test("Gilbert–Elliott: the share lost is that of its stationary state", () => {
    const rates = { p: 0.02, r: 0.2, h: 0.3, k: 0.999 };
    const all = run(randomFor(3), rates);
    const share = all.filter(Boolean).length / all.length;
    const expected = lossRate(rates);
    expect(expected).toBeCloseTo((0.02 / 0.22) * 0.7 + (0.2 / 0.22) * 0.001, 12);
    // Losses come together: the variance is that of independent ones times (2 − p − r)/(p + r) at the most.
    const deviation = Math.sqrt((expected * (1 - expected) * (2 - 0.22)) / 0.22 / all.length);
    expect(Math.abs(share - expected)).toBeLessThan(4 * deviation);
  });

  function lengths(all: readonly boolean[], of: boolean): number[] {
    const found: number[] = [];
    let length = 0;
    for (const one of all) {
      if (one === of) length++;
      else if (length > 0) {
        found.push(length);
        length = 0;
      }
    }
    return found;
  }
});

describe("randomness", () => {
  test("is uniform, and independent for each generator", () => {
    const random = randomFor(42, "a");
    expectFrom(random, (x) => x);
    const counts = new Array<number>(64).fill(0);
    // The first draws of many generators, as a connection's probability takes them.
    for (let n = 0; n < DRAWS; n++) {
      const bin = Math.floor(randomFor(42, n, "reset  both 0")() * 64);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    expectCounts(
      counts,
      counts.map(() => DRAWS / 64),
    );
    expect(randomFor(1, 2, "x")()).toBe(randomFor(1, 2, "x")());
    expect(randomFor(1, 2, "x")()).not.toBe(randomFor(1, 2, "y")());
  });
});
