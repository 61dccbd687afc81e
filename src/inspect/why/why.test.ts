import { expect, test } from "vitest";
import { stepsOf } from "./steps.fixture.ts";
import { type Why, whyOf } from "./why.ts";

type Said = Parameters<typeof stepsOf>[0];

function why(all: Said, of = 1): Why {
  const steps = stepsOf(all);
  const root = steps[of - 1];
  if (root === undefined) throw new Error("no such step");
  return whyOf(root, steps);
}

const path = ({ path }: Why) => path.map(({ seq, fromMs, toMs }) => [seq, fromMs, toMs]);
const parts = ({ parts }: Why) => parts.map(({ kind, edge, ms, count }) => [kind, edge, ms, count]);
const sum = ({ parts }: Why) => parts.reduce((whole, { ms }) => whole + ms, 0);
const selfOf = ({ self }: Why, seq: number) => self.find((one) => one.seq === seq)?.selfMs;

const query = (from: number, to: number, under: number) =>
  ({ edge: "api→db", from, to, under, protocol: "postgres", title: "SELECT * FROM orders WHERE id = $1" }) as const;

test("31 queries one after the other, two services down", () => {
  const n1 = { like: "q", table: "orders", notes: ["31 times in this trace: N+1?"] };
  const queries = Array.from({ length: 31 }, (_, n) => ({ ...query(10 + n * 7, 16 + n * 7, 2), ...n1 }));
  const found = why([
    { edge: "browser→web", from: 0, to: 230 },
    { edge: "web→api", from: 4, to: 228, under: 1 },
    ...queries,
  ]);
  expect(found.sentence).toBe("186 of 230 ms in 31 identical queries of api → db: N+1 of `orders`");
  expect(parts(found)).toEqual([
    ["call", "api→db", 186, 31],
    ["service", "web→api", 38, 1],
    ["service", "browser→web", 6, 1],
  ]);
  expect(sum(found)).toBe(230);
  expect(selfOf(found, 1)).toBe(6);
  expect(selfOf(found, 2)).toBe(38);
  expect(path(found).slice(0, 4)).toEqual([
    [1, 0, 4],
    [2, 4, 10],
    [3, 10, 16],
    [2, 16, 17],
  ]);
  expect(found.usual).toBeNull();
});

test("of calls that overlap the critical path has those that followed each other; each moment counts once", () => {
  const found = why([
    { edge: "browser→api", from: 0, to: 100 },
    { edge: "api→a", from: 5, to: 40, under: 1 },
    { edge: "api→b", from: 5, to: 60, under: 1 },
    { edge: "api→c", from: 62, to: 95, under: 1 },
  ]);
  // a ended before b did: it made nothing later.
  expect(path(found)).toEqual([
    [1, 0, 5],
    [3, 5, 60],
    [1, 60, 62],
    [4, 62, 95],
    [1, 95, 100],
  ]);
  expect(parts(found)).toEqual([
    ["call", "api→b", 55, 1],
    ["call", "api→c", 33, 1],
    ["service", "browser→api", 12, 1],
  ]);
  expect(selfOf(found, 1)).toBe(12);
});

test("a call that began while another was under way isn't said to have waited for it", () => {
  const found = why([
    { edge: "browser→api", from: 0, to: 50 },
    { edge: "api→a", from: 0, to: 30, under: 1 },
    { edge: "api→b", from: 20, to: 50, under: 1 },
  ]);
  expect(path(found)).toEqual([
    [1, 0, 20],
    [3, 20, 50],
  ]);
  // Though the service did nothing without a call.
  expect(selfOf(found, 1)).toBe(0);
  expect(parts(found)).toEqual([
    ["call", "api→b", 30, 1],
    ["call", "api→a", 20, 1],
  ]);
});

test("what goes on after the answer was waited for by nobody", () => {
  const found = why([
    { edge: "browser→api", from: 0, to: 20 },
    query(5, 10, 1),
    { ...query(12, 400, 1), title: "INSERT INTO audit" },
    { ...query(30, 40, 1), title: "DELETE FROM cart" },
  ]);
  expect(found.after.map(({ title }) => title)).toEqual(["INSERT INTO audit", "DELETE FROM cart"]);
  expect(path(found)).toEqual([
    [1, 0, 5],
    [2, 5, 10],
    [1, 10, 20],
  ]);
  expect(found.sentence).toBe(
    "15 of 20 ms in api itself, with no call under way that Cove saw, 5.0 ms in one query of api → db: SELECT * FROM orders WHERE id = $1",
  );
});

test("whoever broke off, or still waits, waited for what is under way", () => {
  const charge = { edge: "api→pay", from: 10, to: 900, under: 1, title: "POST /charge" } as const;
  const broken = why([{ edge: "browser→api", from: 0, to: 100, error: "closed" }, charge]);
  expect(broken.sentence).toBe("failed (closed): 90 of 100 ms in one request of api → pay: POST /charge");
  expect(path(broken)).toEqual([
    [1, 0, 10],
    [2, 10, 100],
  ]);
  // A status alone is no break: the answer came.
  expect(why([{ edge: "browser→api", from: 0, to: 100, ok: false, status: "500" }, charge]).after).toHaveLength(1);
  const open = why([
    { edge: "browser→api", from: 0, to: null },
    { edge: "api→pay", from: 10, to: null, under: 1, title: "POST /charge" },
  ]);
  expect(open.sentence).toBe("still under way: 990 ms of 1.0 s in one request of api → pay: POST /charge");
  expect(path(open)).toEqual([
    [1, 0, 10],
    [2, 10, 1_000],
  ]);
});

test("retries are counted, and how many failed", () => {
  const charge = { edge: "api→pay", under: 1, title: "POST /charge" } as const;
  const found = why([
    { edge: "browser→api", from: 0, to: 900 },
    { ...charge, from: 10, to: 300, ok: false, status: "503" },
    { ...charge, from: 310, to: 600, ok: false, status: "503" },
    { ...charge, from: 610, to: 890 },
  ]);
  expect(found.sentence).toBe("860 of 900 ms in 3 identical requests of api → pay, 2 of which failed: POST /charge");
});

test("different queries of one edge count as the edge's", () => {
  const queries = Array.from({ length: 10 }, (_, n) => ({
    ...query(n * 20, n * 20 + 19 + n / 10, 1),
    title: `SELECT ${n}`,
  }));
  const found = why([{ edge: "browser→api", from: 0, to: 210 }, ...queries]);
  expect(found.sentence).toBe("195 of 210 ms in 10 queries of api → db, 20 ms of it: SELECT 9");
});

test("a guess is told as one, and is in no part", () => {
  const found = why([
    { edge: "browser→api", from: 0, to: 100 },
    { edge: "browser→api", from: 0, to: 100 },
    { edge: "api→db", from: 10, to: 60, protocol: "postgres", perhaps: [1, 2] },
    { edge: "api→db", from: 20, to: 80, protocol: "postgres", perhaps: [1, 2] },
    query(70, 90, 1),
  ]);
  expect(parts(found)).toEqual([
    ["service", "browser→api", 80, 1],
    ["call", "api→db", 20, 1],
  ]);
  expect(found.perhaps).toEqual([{ edge: "api→db", protocol: "postgres", count: 2, ms: 60 }]);
  expect(found.sentence).toContain("perhaps 60 ms of it in 2 queries of api → db that may be another request's");
  expect(path(found).map(([seq]) => seq)).toEqual([1, 5, 1]);
});

test("an exchange's own time is told by what it waited for", () => {
  const found = why([
    { edge: "browser→api", from: 0, to: 3_000, timing: { queued: 400, connected: 410, firstByte: 500 } },
    { edge: "browser→api", from: 0, to: 100, timing: { firstByte: 100 } },
  ]);
  expect(parts(found)).toEqual([
    ["answer", "browser→api", 2_500, 1],
    ["queued", "browser→api", 400, 1],
    ["service", "browser→api", 90, 1],
    ["connect", "browser→api", 10, 1],
  ]);
  expect(found.sentence).toBe("2.5 of 3.0 s after the first byte of api's answer");
  expect(path(found)).toEqual([[1, 0, 3_000]]);
});

test("queries that run while an answer is streamed count, and so does the time between", () => {
  const found = why([
    { edge: "browser→api", from: 0, to: 100, timing: { firstByte: 10 } },
    query(20, 50, 1),
    { ...query(60, 99, 1), like: "other" },
  ]);
  expect(parts(found)).toEqual([
    ["call", "api→db", 39, 1],
    ["call", "api→db", 30, 1],
    ["answer", "browser→api", 21, 1],
    ["service", "browser→api", 10, 1],
  ]);
});

test("a connection, and a trace that names itself as its parent, stop nothing", () => {
  const found = why([
    { edge: "browser→api", from: 0, to: 50, under: 2 },
    { edge: "api→web", from: 10, to: 20, under: 1 },
    { edge: "api→mail", from: 1, to: null, under: 1, protocol: "tcp", isConnection: true },
  ]);
  expect(path(found).map(([seq]) => seq)).toEqual([1, 2, 1]);
  expect(sum(found)).toBe(50);
  const self = why([{ edge: "browser→api", from: 0, to: 50, under: 1 }]);
  expect(self.sentence).toBe("50 of 50 ms in api itself, with no call under way that Cove saw");
});

test("a query asked about itself", () => {
  const found = why(
    [
      { edge: "browser→api", from: 0, to: 50 },
      { ...query(10, 40, 1), timing: { firstByte: 38 } },
    ],
    2,
  );
  expect(found.sentence).toBe("28 of 30 ms in db itself");
});

test("the usual one of the route: what is slower here, and what wasn't there", () => {
  const q = { like: "q", table: "orders", notes: ["9 times in this trace: N+1?"] };
  const here = stepsOf([
    { edge: "browser→api", from: 0, to: 100 },
    ...Array.from({ length: 9 }, (_, n) => ({ ...query(n * 10, n * 10 + 9, 1), ...q })),
  ]);
  const usual = stepsOf([
    { edge: "browser→api", from: 0, to: 12 },
    { ...query(1, 10, 1), ...q },
  ]);
  const [root, other] = [here[0], usual[0]];
  if (root === undefined || other === undefined) throw new Error("no steps");
  const found = whyOf(root, here, { root: other, steps: usual, of: 42 });
  expect(found.usually).toBe("usually 12 ms (p50 of 42): 9.0 ms in 1 query of api → db, not 81 ms in 9");
  expect(found.usual?.differences[0]).toMatchObject({ ms: 81, usualMs: 9, count: 9, usualCount: 1 });
  const without = whyOf(root, here, { root: other, steps: [other], of: 3 });
  expect(without.usually).toBe("usually 12 ms (p50 of 3): without SELECT * FROM orders WHERE id = $1 of api → db");
});

test("ten thousand calls at once take no time to speak of, and add up", () => {
  const found = why([
    { edge: "browser→api", from: 0, to: 20_000 },
    ...Array.from({ length: 10_000 }, (_, n) => query(n, n + 5_000, 1)),
  ]);
  expect(sum(found)).toBeCloseTo(20_000, 3);
  expect(path(found).length).toBeLessThan(20);
});
