import { describe, expect, test } from "vitest";
import { isApiError } from "./problem.ts";
import { changeToxic, conditionsOf, inOrder, readToxic, type Toxic } from "./toxic.ts";

function toxic(value: unknown): Toxic {
  const read = readToxic(value);
  if (isApiError(read)) throw new Error(read.error);
  return read;
}

describe("a toxic is a condition", () => {
  test.each([
    ["bandwidth", { rate: 30 }, { kind: "bandwidth", rate: 30_000, burst: 0 }],
    ["latency", { latency: 20, jitter: 5 }, { kind: "latency", ms: 20, jitter: 5, distribution: "uniform" }],
    ["limit_data", { bytes: 5 }, { kind: "limit", bytes: 5 }],
    ["reset_peer", { timeout: 5 }, { kind: "reset", ms: 5, from: "data" }],
    ["slow_close", { delay: 5 }, { kind: "slow-close", ms: 5 }],
    ["timeout", { timeout: 5 }, { kind: "timeout", ms: 5 }],
    [
      "slicer",
      { average_size: 9, size_variation: 2, delay: 1500 },
      { kind: "slice", size: 9, variation: 2, delay: 1.5 },
    ],
  ])("%s %o", (type, attributes, condition) => {
    const more = { name: `${type}_downstream`, direction: "down", probability: 1 };
    expect(conditionsOf([toxic({ type, attributes })])).toEqual([{ ...condition, ...more }]);
  });

  test("and what would crash Toxiproxy is refused, or does nothing", () => {
    expect(readToxic({ type: "bandwidth", attributes: { rate: -1 } })).toMatchObject({ status: 400 });
    expect(readToxic({ type: "slicer", attributes: { size_variation: -1 } })).toMatchObject({ status: 400 });
    expect(conditionsOf([toxic({ type: "slicer" })])).toMatchObject([{ size: Number.MAX_SAFE_INTEGER, variation: 0 }]);
    // More variation than size would cut before a chunk's begin.
    const [slice] = conditionsOf([toxic({ type: "slicer", attributes: { average_size: 5, size_variation: 50 } })]);
    expect(slice).toMatchObject({ size: 5, variation: 5 });
  });

  test("values that Toxiproxy takes and that mean nothing are taken as the nearest that does", () => {
    const odd = toxic({ type: "latency", toxicity: 5, attributes: { latency: -20, jitter: -1 } });
    expect(odd).toMatchObject({ toxicity: 5, attributes: { latency: -20, jitter: -1 } });
    expect(conditionsOf([odd])).toMatchObject([{ ms: 0, jitter: 0, probability: 1 }]);
    expect(conditionsOf([toxic({ type: "latency", toxicity: -1 })])).toMatchObject([{ probability: 0 }]);
    expect(conditionsOf([toxic({ type: "limit_data", attributes: { bytes: -9 } })])).toMatchObject([{ bytes: 0 }]);
    expect(conditionsOf([toxic({ type: "noop" })])).toEqual([]);
  });
});

test("each stream keeps the order of adding", () => {
  const all = ["down1", "UP1", "down2", "up2"].map((name) =>
    toxic({ name, type: "latency", stream: name.startsWith("down") ? "DOWNstream" : "upstream" }),
  );
  expect(inOrder(all).map(({ name }) => name)).toEqual(["UP1", "up2", "down1", "down2"]);
  expect(conditionsOf(all).map(({ name, direction }) => [name, direction])).toEqual([
    ["down1", "down"],
    ["UP1", "up"],
    ["down2", "down"],
    ["up2", "up"],
  ]);
});

test("a change is of attributes and toxicity alone, and takes what it says", () => {
  const before = toxic({ type: "latency", attributes: { latency: 20, jitter: 5 } });
  const changed = changeToxic(before, { type: "timeout", name: "x", Attributes: { JITTER: 1 }, toxicity: 0.5 });
  expect(changed).toEqual({ ...before, toxicity: 0.5, attributes: { latency: 20, jitter: 1 } });
  expect(changeToxic(before, { attributes: { latency: "1" } })).toMatchObject({ status: 400 });
  expect(before.attributes).toEqual({ latency: 20, jitter: 5 });
});
