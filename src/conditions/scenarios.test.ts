import { expect, test } from "vitest";
import { isFault, orThrow } from "../fault/fault.ts";
import type { Condition } from "./conditions.ts";
import { play } from "./player.ts";
import { planScenario, type Scenario } from "./scenarios.ts";
import { printCondition } from "./text.ts";
import { virtualClock } from "./time/virtual-clock.fixture.ts";

const told = (scenario: Scenario, seed = 1) =>
  orThrow(planScenario(scenario, seed)).map(({ at, conditions }) =>
    `${at} ${conditions.map(printCondition).join(" ")}`.trim(),
  );

test("parts follow each other; a profile, texts or data; a repeat", () => {
  const parts = [
    { for: 1000, conditions: ["latency=50"] },
    {
      repeat: 2,
      parts: [
        { for: 10, conditions: "offline" },
        { for: 20, conditions: [] },
      ],
    },
  ];
  expect(told({ parts })).toEqual([
    "0 latency=50ms",
    ...["1000 refuse reset", "1010", "1030 refuse reset", "1040", "1060"],
  ]);
});

test("a ramp goes from one end to the other in equal steps", () => {
  const ramp = { for: 400, from: "latency=0±0,both", to: "latency=300±60,both", steps: 4 };
  expect(told({ parts: [ramp] })).toEqual([
    "0 latency=0ms,both",
    "100 latency=100ms±20ms,both",
    "200 latency=200ms±40ms,both",
    "300 latency=300ms±60ms,both",
    "400",
  ]);
});

test("random faults come at their rate; the same seed gives the same ones", () => {
  const scenario: Scenario = {
    parts: [{ for: 3_600_000, base: ["latency=5"], faults: ["offline", ["blackhole"]], perMinute: 6, lasting: 500 }],
  };
  expect(told(scenario, 3)).toEqual(told(scenario, 3));
  expect(told(scenario, 3)).not.toEqual(told(scenario, 4));
  const steps = orThrow(planScenario(scenario, 3));
  const faults = steps.filter(({ conditions }) => conditions.length > 1);
  // Renewals of 10 s calm and 0.5 s fault: 343 in an hour, Poisson.
  expect(Math.abs(faults.length - 343)).toBeLessThan(4 * Math.sqrt(343));
  expect(steps.at(-1)).toEqual({ at: 3_600_000, conditions: [] });
  for (const [n, { at }] of steps.entries()) expect(at).toBeGreaterThanOrEqual(steps[n - 1]?.at ?? 0);
});

test.each<[Scenario, RegExp]>([
  [{ parts: [{ for: -1, conditions: [] }] }, /part 1: for must be/],
  [{ parts: [{ for: 1, conditions: "slow-3h" }] }, /part 1: there is no profile slow-3h/],
  [
    { name: "x", parts: [{ repeat: 2, parts: [{ for: 1, conditions: ["latency=x"] }] }] },
    /scenario x, part 1, part 1:/,
  ],
  [{ parts: [{ for: 9, from: "latency=1", to: "loss=1%" }] }, /same kinds/],
  [{ parts: [{ repeat: 1_000_000, parts: [{ for: 1, conditions: [] }] }] }, /at most 100000 steps/],
])("%j is a fault", (scenario, expected) => {
  const result = planScenario(scenario, 1);
  expect(isFault(result) ? result.message : "").toMatch(expected);
});

test("the player keeps a scenario's times, reports each step, and takes its conditions away at the end", async () => {
  const time = virtualClock(500);
  const seen: string[] = [];
  const on = {
    setConditions: (conditions: readonly Condition[]) => void seen.push(conditions.map(printCondition).join(" ")),
  };
  const timeline = orThrow(
    planScenario(
      {
        parts: [
          {
            repeat: 2,
            parts: [
              { for: 100, conditions: "latency=9" },
              { for: 50, conditions: [] },
            ],
          },
        ],
      },
      1,
    ),
  );
  const reported: number[] = [];
  const playing = play({ timeline, on, clock: time.clock, report: () => reported.push(time.clock.now()) });
  time.turn(5000, 0.2);
  expect(await playing.done).toBe(true);
  expect(seen).toEqual(["latency=9ms", "", "latency=9ms", "", ""]);
  expect(reported.map(Math.floor)).toEqual([500, 600, 650, 750, 800]);

  const stopped = play({ timeline, on, clock: time.clock });
  stopped.stop();
  expect(await stopped.done).toBe(false);
  expect(seen.at(-1)).toBe("");
  expect(time.waiting()).toBe(0);
});
