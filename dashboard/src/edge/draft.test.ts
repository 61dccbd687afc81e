import { expect, test } from "vitest";
import { type Condition, KINDS } from "../../../src/conditions/conditions.ts";
import { printCondition, readConditions } from "../../../src/conditions/text.ts";
import { orThrow } from "../../../src/fault/fault.ts";
import { begin, read, toDrafts, withValue } from "./draft.ts";
import { words } from "./words.ts";

const conditions = (text: string) => orThrow(readConditions(text));
const ends = { from: "api", to: "db" };

test.each(Object.keys(KINDS) as Condition["kind"][])("a new %s is complete, or says what it lacks", (kind) => {
  const draft = begin(kind);
  const { conditions: all, problems } = read([draft]);
  if (all === null) expect(problems.get(draft.id)).toMatch(kind);
  else expect(orThrow(readConditions(all.map(printCondition).join(" ")))).toEqual(all);
});

test("drafts lead back to their conditions, and keep their controls while others change", () => {
  const first = toDrafts(conditions("latency=200±50,normal,up loss=2%"));
  expect(read(first).conditions).toEqual(conditions("latency=200±50,normal,up loss=2%"));
  const second = toDrafts(conditions("latency=300 bandwidth=50KB/s"), first);
  expect(second[0]?.id).toBe(first[0]?.id);
  expect(second[1]?.id).not.toBe(first[1]?.id);
});

test("a value that can't be is named at its draft, and nothing is read", () => {
  const [draft = begin("loss")] = toDrafts(conditions("loss=2%"));
  const both = withValue(draft, "p", 0.1);
  expect(read([both])).toEqual({
    conditions: null,
    problems: new Map([[draft.id, expect.stringContaining("not both")]]),
  });
  expect(read([withValue(both, "rate", undefined)]).conditions).toHaveLength(1);
});

test.each([
  ["latency=200±50", "latency 200ms ± 50ms to api"],
  ["latency=200±50,normal,both,probability=10%", "latency 200ms ± 50ms both ways, normal, for 10% of connections"],
  ["bandwidth=50KB/s,up,burst=10KB", "bandwidth 50KB/s to db, burst 10KB"],
  ["loss,p=1%,r=20%", "loss both ways, p 1%, r 20%"],
  ["refuse", "refuse"],
  ["slow-close=50", "slow close 50ms to api"],
])("%s is said as %s", (text, said) => {
  expect(conditions(text).map((one) => words(one, ends))).toEqual([said]);
});
