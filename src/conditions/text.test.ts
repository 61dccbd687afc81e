import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Fault, isFault, orThrow } from "../fault/fault.ts";
import { type Condition, KINDS, parseCondition } from "./conditions.ts";
import { parseProfile, readGiven } from "./given.ts";
import type { Field } from "./kinds/field.ts";
import { findProfile, PROFILES } from "./profiles.ts";
import { printCondition, readCondition, readConditions } from "./text.ts";

const message = (result: unknown) => (isFault(result) ? `${result.message} | ${(result as Fault).hint}` : "no fault");

describe("conditions as text", () => {
  test.each([
    ["latency=200±50", { kind: "latency", ms: 200, jitter: 50, distribution: "uniform", direction: "down" }],
    ["latency=1.5s+-20us,normal,up", { ms: 1500, jitter: 0.02, distribution: "normal", direction: "up" }],
    ["bandwidth=50KB/s", { rate: 50_000, burst: 0, direction: "both" }],
    ["bandwidth=1.6Mbit/s,burst=10KiB,down", { rate: 200_000, burst: 10_240, direction: "down" }],
    ["loss=2%", { rate: 0.02 }],
    ["loss,p=1%,r=0.2", { p: 0.01, r: 0.2 }],
    ["reset,probability=10%", { ms: 0, from: "open", probability: 0.1 }],
    ["slice=100±50,delay=10us", { size: 100, variation: 50, delay: 0.01 }],
    [
      "http-status=503,path=/api/*,method=POST|PUT,probability=20%",
      { status: 503, path: "/api/*", method: "POST|PUT", probability: 0.2 },
    ],
    ["http-abort", { kind: "http-abort", direction: "down" }],
    ["http-abort=1KB,up", { bytes: 1_000, direction: "up" }],
    ["http-slow=10KB/s,host=*.localhost", { rate: 10_000, host: "*.localhost" }],
    ["ws-drop=5%", { rate: 0.05, direction: "both" }],
    ["limit=10KB,name=cut", { bytes: 10_000, name: "cut" }],
  ])("%s", (text, expected) => {
    expect(readCondition(text)).toMatchObject(expected);
  });

  test("prints what it reads, with what is usual left out", () => {
    const texts =
      "latency=200ms±50ms latency=5ms,normal,both bandwidth=50KB/s,burst=10KB loss=2% loss,p=1%,r=20% open=300ms,first=1ms " +
      "refuse blackhole,up slice=100B±50B,delay=10us limit=1.5KB timeout=0ms slow-close=10s reset reset=5ms,data,probability=25% " +
      "http-status=503 http-status=429,path=/api/**,method=GET|HEAD http-drop,host=a.localhost,probability=2% http-abort " +
      "http-truncate=1KB http-slow=10KB/s,both http-corrupt http-corrupt=5% ws-drop ws-drop=5%,down";
    expect(orThrow(readConditions(texts)).map(printCondition).join(" ")).toBe(texts);
    for (const { conditions } of PROFILES) {
      expect(conditions.map((one) => orThrow(readCondition(printCondition(one))))).toEqual(conditions);
    }
  });

  test.each<[object, string]>([
    [{ kind: "latency", ms: 22.857142857142854 }, "latency=22.857ms"],
    [{ kind: "latency", ms: 266.66666, jitter: 0.123456 }, "latency=266.667ms±123.5us"],
    [{ kind: "latency", ms: 0.9999999 }, "latency=1ms"],
    [{ kind: "bandwidth", rate: 66_666.666 }, "bandwidth=66667B/s"],
    [{ kind: "bandwidth", rate: 1_048_577 }, "bandwidth=1048577B/s"],
    [{ kind: "loss", rate: 0.0314159 }, "loss=3.142%"],
    [{ kind: "loss", rate: 1e-9 }, "loss=0.0000001%"],
    [{ kind: "reset", probability: 1 / 3 }, "reset,probability=33.33%"],
    [{ kind: "limit", bytes: 5, name: "a b,up" }, "limit=5B"],
  ])("%j is printed for people: %s", (value, expected) => {
    const { name, ...others } = value as { name?: string };
    const parsed = orThrow(parseCondition(others));
    expect(printCondition(name === undefined ? parsed : { ...parsed, name })).toBe(expected);
  });

  /** Any condition that can be. */
  const field = (one: Field): fc.Arbitrary<unknown> => {
    if (one.type === "choice") return fc.constantFrom(...one.of.filter((choice) => choice !== "table"));
    if (one.type === "text") return fc.constantFrom("/a/*", "*", "/x%2Fy");
    if (one.type === "table") return fc.constant(undefined);
    const { min = 0, max = { time: 86_400_000, size: 2 ** 40, rate: 125e9, share: 1, count: 1e9 }[one.type] } = one;
    if (one.type === "count") return fc.integer({ min, max });
    return fc.oneof(
      fc.double({ min, max, noNaN: true }),
      fc.double({ min, max: min + 3, noNaN: true }).map((value) => Math.min(value, max)),
    );
  };
  const condition = fc.constantFrom(...Object.values(KINDS)).chain(({ kind, fields }) =>
    fc
      .record({
        ...Object.fromEntries(
          Object.entries<Field>(fields).map(([key, one]) => [
            key,
            key === "method" ? fc.constant("GET") : fc.option(field(one), { nil: undefined, freq: 2 }),
          ]),
        ),
        direction: fc.constantFrom("up", "down", "both"),
        probability: fc.double({ min: 0, max: 1, noNaN: true }),
        name: fc.constantFrom(undefined, "first"),
      })
      .map((given) => parseCondition({ kind, ...given }))
      .filter((parsed): parsed is Condition => !isFault(parsed)),
  );

  test("what is printed reads back near enough, and prints the same again", () => {
    fc.assert(
      fc.property(condition, (one) => {
        const text = printCondition(one);
        expect(text).not.toMatch(/\d\.\d{13}|e[-+]\d/);
        const back = orThrow(readCondition(text));
        expect(printCondition(back)).toBe(text);
        const [was, is] = [one, back].map((values) => values as unknown as Record<string, unknown>);
        for (const [key, value] of Object.entries(was ?? {})) {
          if (typeof value !== "number") expect(is?.[key]).toEqual(value);
          // A thousandth, or the least that is printed.
          else expect(Math.abs(Number(is?.[key]) - value)).toBeLessThanOrEqual(Math.max(value * 0.001, 1e-9));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test("whatever a text or a value is, it is read or a fault: nothing is thrown", () => {
    const words = fc.constantFrom(
      "latency",
      "loss",
      "=",
      "±",
      "+-",
      ",",
      " ",
      "1e5",
      "constructor",
      "__proto__",
      "toString",
      "5ms",
      "probability",
      "name",
      "up",
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(words).map((all) => all.join("")),
    );
    const value = fc.oneof(
      fc.anything({ withBigInt: true, withNullPrototype: true }),
      fc.record(
        {
          kind: fc.constantFrom(...Object.keys(KINDS)),
          ms: fc.anything({ withBigInt: true }),
          direction: fc.anything({ withBigInt: true }),
          name: fc.anything(),
          path: fc.anything(),
        },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(text, value, (written, data) => {
        for (const result of [
          readCondition(written),
          readGiven(written),
          parseCondition(data),
          readGiven(data),
          readGiven([data]),
        ]) {
          if (isFault(result)) expect(result.fault).toBe("CONDITION_INVALID");
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test("they are plain data, and every kind says what it is", () => {
    for (const kind of Object.values(KINDS)) expect(kind.about.length).toBeGreaterThan(10);
    const all = orThrow(readConditions("latency=1±1,pareto loss=1% reset"));
    const back = (JSON.parse(JSON.stringify(all)) as unknown[]).map((one) => orThrow(parseCondition(one)));
    expect(back).toEqual(all);
  });

  test.each([
    ["latencyy=1", /no condition "latencyy" \| did you mean latency/],
    ["latency", /latency needs ms/],
    ["latency=-5", /ms must not be below 0ms/],
    ["latency=fast", /must be a time such as .* not 'fast'/],
    ["latency=99999999999", /must not be above 86400s/],
    ["bandwidth=-1", /rate must not be below 0B\/s/],
    ["bandwidth=5KB/s±1", /takes no ±/],
    ["loss=200%", /rate must not be above 100%/],
    ["loss", /either a rate or p/],
    ["loss=1%,p=2%", /not both/],
    ["slice=0", /size must not be below 1B/],
    ["slice=10±10", /variation must be below the size/],
    ["latency=5,sideways", /latency has no parameter sideways \| it has: ms, jitter/],
    ["refuse=1", /refuse takes no =/],
    ["latency=5,constructor=1", /no parameter constructor/],
    ["latency=5constructor", /must be a time/],
    ["latency=5,jitter=1,jitter=2", /jitter is given twice/],
    ["latency=5±1±2", /takes one ±/],
    ["latency=5,jiter=1", /no parameter jiter; did you mean "jitter"/],
    ["latency=5,table", /table and distribution=table need each other/],
    ["http-status", /http-status needs status/],
    ["http-status=99", /status must not be below 200/],
    ["http-status=200.5", /status must be a whole number/],
    ["http-status=503,path=api", /a path begins with \/ or \*, not 'api'/],
    ["http-drop,path=/a?b", /matched without \?/],
    ["http-drop,method=G3T", /'G3T' is no method/],
    ["http-slow", /http-slow needs rate/],
    ["http-corupt=1%", /did you mean http-corrupt/],
    ["reset,probability=2", /probability must not be above 100%/],
  ])("%s is a fault", (text, expected) => {
    expect(message(readCondition(text))).toMatch(expected);
  });

  test.each([
    [null, /must be an object/],
    [{}, /no condition undefined/],
    [{ kind: "constructor" }, /no condition "constructor"/],
    [{ kind: "latency", ms: Number.NaN }, /ms must be a time/],
    [{ kind: "latency", ms: 1, direction: "left" }, /direction must be up, down or both/],
    [{ kind: "latency", ms: 1, msec: 2 }, /no parameter msec/],
    [{ kind: "latency", ms: 1, jitter: 1, distribution: "table", table: [1, "x"] }, /2 to 65536 numbers/],
    [{ kind: "limit", bytes: [] }, /bytes must be a size/],
    [{ kind: "limit", bytes: 1, constructor: 1 }, /no parameter constructor/],
    [{ kind: "limit", bytes: 1, name: "a b" }, /name must be a text without white space/],
    [{ kind: 5n }, /no condition 5/],
    [{ kind: "limit", bytes: 1, direction: 5n }, /direction must be up, down or both, not 5/],
  ])("%o is a fault", (value, expected) => {
    expect(message(parseCondition(value))).toMatch(expected);
  });
});

describe("profiles", () => {
  test("have the published values, with their source", () => {
    const slow = orThrow(findProfile("slow-3g"));
    expect(slow.source).toMatch(/Chrome/);
    expect(slow.conditions.map(printCondition)).toEqual([
      "bandwidth=62.5KB/s,down",
      "bandwidth=62.5KB/s,up",
      "latency=200ms,both",
    ]);
    for (const name of ["offline", "flaky-wifi", "satellite", "train", "cable", "2g", "comcast-gprs"]) {
      expect(orThrow(findProfile(name)).conditions.length).toBeGreaterThan(0);
    }
    expect(message(findProfile("slow-3h"))).toMatch(/did you mean slow-3g/);
  });

  test("are understood wherever conditions are: alone, beside others, in lists, in profiles of one's own", () => {
    const slow = orThrow(findProfile("slow-3g")).conditions;
    expect(readGiven(" slow-3g ")).toMatchObject({ profile: "slow-3g", conditions: slow });
    expect(readGiven(["slow-3g"])).toMatchObject({ profile: "slow-3g", conditions: slow });
    expect(readGiven("slow-3g loss=1%")).toMatchObject({ profile: null, conditions: [...slow, { kind: "loss" }] });
    expect(readGiven(["slow-3g", { kind: "refuse" }])).toMatchObject({ conditions: [...slow, { kind: "refuse" }] });
    expect(parseProfile("mine", "slow-3g loss=1%")).toMatchObject({ conditions: [...slow, { kind: "loss" }] });
    const own = [orThrow(parseProfile("Office LAN", "latency=20")), orThrow(parseProfile("refuse", "latency=30"))];
    expect(readGiven("Office LAN", own)).toMatchObject({ profile: "Office LAN", conditions: [{ ms: 20 }] });
    expect(readGiven("refuse", own)).toMatchObject({ profile: "refuse", conditions: [{ ms: 30 }] });
    expect(message(readGiven("latency"))).toMatch(/latency needs ms/);
    expect(message(readGiven("slow-3h loss=1%"))).toMatch(/no profile slow-3h . did you mean slow-3g/);
    expect(message(readGiven(["refuse", "latency=x"]))).toMatch(/^condition 2: latency: ms must be/);
    expect(readGiven("")).toMatchObject({ conditions: [], profile: null, text: "" });
  });

  test("one's own come first, as texts or data", () => {
    const own = orThrow(parseProfile("office", ["latency=20 loss=1%", { kind: "limit", bytes: 5 }]));
    expect(findProfile("office", [own])).toMatchObject({ conditions: [{ ms: 20 }, { rate: 0.01 }, { bytes: 5 }] });
    expect(message(parseProfile("bad", ["latency=x"]))).toMatch(/profile bad: latency: ms must be/);
  });
});
