import { describe, expect, test } from "vitest";
import { type Fault, isFault, orThrow } from "../fault/fault.ts";
import { KINDS, parseCondition } from "./conditions.ts";
import { findProfile, PROFILES, parseProfile } from "./profiles.ts";
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
  ])("%j is a fault", (value, expected) => {
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

  test("one's own come first, as texts or data", () => {
    const own = orThrow(parseProfile("office", ["latency=20 loss=1%", { kind: "limit", bytes: 5 }]));
    expect(findProfile("office", [own])).toMatchObject({ conditions: [{ ms: 20 }, { rate: 0.01 }, { bytes: 5 }] });
    expect(message(parseProfile("bad", ["latency=x"]))).toMatch(/profile bad: latency: ms must be/);
  });
});
