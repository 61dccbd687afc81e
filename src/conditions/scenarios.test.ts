import fc from "fast-check";
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

const hold = { for: 1, conditions: [] };
const nested = (depth: number): unknown => (depth === 0 ? hold : { repeat: 1, parts: [nested(depth - 1)] });
const circle: { repeat: number; parts: unknown[] } = { repeat: 1, parts: [] };
circle.parts.push(circle);
const ramp = (from: unknown, to: unknown) => ({ parts: [{ for: 9, from, to }] });
const faults = (more: object) => ({ parts: [{ for: 9, faults: ["offline"], perMinute: 1, lasting: 1, ...more }] });

test.each<[unknown, RegExp]>([
  [undefined, /a scenario must be an object .*, not undefined$/],
  ["commute", /not "commute"$/],
  [[hold], /not a list$/],
  [{}, /scenario parts must be a list, not undefined/],
  [{ parts: [] }, /at least one part/],
  [{ parts: [hold], name: 7 }, /name must be a text, not 7/],
  [{ part: [hold] }, /scenario has no part; did you mean "parts"\?/],
  [{ name: "x", parts: [hold, null] }, /^scenario x, part 2: must be an object .*, not null/],
  [{ parts: ["slow-3g"] }, /part 1: must be an object .*, not "slow-3g"/],
  [{ parts: new Array(1) }, /part 1: must be an object .*, not undefined/],
  [{ parts: [{ for: 1 }] }, /part 1: conditions must be a text or a list, not undefined/],
  [{ parts: [{ for: "1s", conditions: [] }] }, /for must be a time in ms .*, not "1s"/],
  [{ parts: [{ for: Number.POSITIVE_INFINITY, conditions: [] }] }, /for must be .*, not Infinity/],
  [{ parts: [{ for: 1n, conditions: [] }] }, /for must be .*, not 1/],
  [{ parts: [{ for: 1, condition: "offline" }] }, /takes for, conditions, not condition; did you mean "conditions"\?/],
  [{ parts: [{ for: 1, conditions: { kind: "latency" } }] }, /conditions must be a text or a list, not an object/],
  [{ parts: [{ for: 1, conditions: ["refuse", 5] }] }, /part 1: condition 2: a condition must be an object .*, not 5/],
  [{ parts: [{ for: 1, conditions: "r" }] }, /there is no profile r/],
  [{ parts: [{ for: 1, conditions: "refus" }] }, /there is no condition "refus"/],
  [{ parts: [{ repeat: 2 }] }, /part 1: parts must be a list, not undefined/],
  [{ parts: [{ repeat: 1.5, parts: [hold] }] }, /repeat must be a whole number from 1 on, not 1.5/],
  [{ parts: [{ repeat: 1e15, parts: [] }] }, /part 1: parts must list at least one part/],
  [{ parts: [{ repeat: 1, parts: [hold, { repeat: 1, parts: [hold, 7] }] }] }, /part 1, part 2, part 2: must be/],
  [{ parts: [nested(50)] }, /at most 20 deep/],
  [{ parts: [circle] }, /at most 20 deep/],
  [ramp("latency=1", undefined), /to: conditions must be/],
  [ramp("latency=1", "loss=1%"), /same kinds/],
  [
    ramp("latency=1,up", "latency=2"),
    /numbers only, and direction of latency is "up" at its start and "down" at its end/,
  ],
  [ramp("loss=1%", "loss,p=1%"), /rate of loss is 0.01 at its start and undefined at its end/],
  [{ parts: [{ for: 9, from: "latency=1", to: "latency=2", steps: 1 }] }, /steps must be/],
  [faults({ faults: "reset" }), /faults must be a list of conditions, .*, not "reset"/],
  [faults({ faults: [] }), /at least one/],
  [faults({ faults: ["offline", 3] }), /part 1: fault 2: conditions must be/],
  [faults({ perMinute: Number.NaN }), /perMinute must be a number above 0, not NaN/],
  [faults({ lasting: undefined }), /lasting must be .*, not undefined/],
  [faults({ base: 4 }), /base: conditions must be/],
])("%o is a fault that says where and what", (scenario, expected) => {
  const result = planScenario(scenario as Scenario, 1);
  expect(isFault(result) ? result : null).toMatchObject({
    fault: "CONDITION_INVALID",
    hint: expect.stringMatching(/./),
  });
  expect(isFault(result) ? result.message : "").toMatch(expected);
});

test("whatever a scenario is, it is planned or a fault: nothing is thrown", () => {
  const { anything } = fc.letrec((tie) => ({
    anything: fc.oneof(
      { maxDepth: 5 },
      fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true, withDate: true, withMap: true }),
      fc.constantFrom(
        "offline",
        "latency=5",
        "latency=9±3,both",
        "refus",
        "loss,p=1%",
        Symbol("s"),
        () => {},
        0,
        -1,
        3,
        1e9,
      ),
      fc.array(tie("anything"), { maxLength: 3 }),
      fc.record(
        Object.fromEntries(
          [
            "name",
            "parts",
            "for",
            "conditions",
            "from",
            "to",
            "steps",
            "repeat",
            "base",
            "faults",
            "perMinute",
            "lasting",
            "kind",
            "ms",
          ].map((key) => [key, tie("anything")]),
        ),
        { requiredKeys: [] },
      ),
      fc.record({ parts: fc.array(tie("anything"), { minLength: 1, maxLength: 3 }) }),
    ),
  }));
  fc.assert(
    fc.property(anything, (scenario) => {
      const result = planScenario(scenario as Scenario, 1);
      if (isFault(result)) expect(result.fault).toBe("CONDITION_INVALID");
      else expect(result.at(-1)?.conditions).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
});

test("a ramp's counts and bytes are whole numbers on the way", () => {
  const parts = [{ for: 30, from: "http-status=500 limit=0", to: "http-status=503 limit=10", steps: 5 }];
  expect(told({ parts }).slice(0, 5)).toEqual([
    "0 http-status=500 limit=0B",
    "6 http-status=501 limit=3B",
    "12 http-status=502 limit=5B",
    "18 http-status=502 limit=8B",
    "24 http-status=503 limit=10B",
  ]);
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
