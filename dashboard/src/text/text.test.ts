import { expect, test } from "vitest";
import { place, shortPath, shortUrl } from "./place.ts";
import { count, size } from "./size.ts";
import { clock, duration, fine, since } from "./time.ts";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 KB"],
  [9_949, "9.9 KB"],
  [12_345, "12 KB"],
  [999_600, "1.0 MB"],
  [3_400_000_000, "3.4 GB"],
])("%i bytes are %s", (bytes, shown) => expect(size(bytes)).toBe(shown));

test("one is not many", () => {
  expect(count(1, "restart")).toBe("1 restart");
  expect(count(0, "restart")).toBe("0 restarts");
  expect(count(2, "match", "matches")).toBe("2 matches");
  expect(count(1200, "line")).toBe("1,200 lines");
});

test.each([
  [3.4, "3 ms"],
  [265.98, "0.3 s"],
  [1_049, "1.0 s"],
  [12_400, "12 s"],
  [125_000, "2 min 5 s"],
  [3_600_000, "1 h"],
  [200_000_000, "2 days"],
])("%d ms are %s", (ms, shown) => expect(duration(ms)).toBe(shown));

test("what is measured has three digits or so", () => {
  expect([0, 0.138, 3.21, 9.99, 412.4, 999.7, 1_240, 12_340, 61_000].map(fine)).toEqual([
    ...["0 ms", "0.14 ms", "3.2 ms", "10 ms", "412 ms", "1.00 s", "1.24 s", "12.3 s", "1 min 1 s"],
  ]);
});

test("an age is rough", () => {
  expect(since(0, 59_000)).toBe("just now");
  expect(since(0, 5 * 60_000)).toBe("5 min");
  expect(since(0, 3 * 3_600_000)).toBe("3 h");
  expect(since(0, 50 * 3_600_000)).toBe("2 days");
});

test("a log line's time has its milliseconds", () => {
  expect(clock(new Date(2026, 0, 2, 4, 5, 9, 7).getTime())).toBe("04:05:09.007");
});

test("addresses, URLs and paths read well", () => {
  expect(place({ host: "127.0.0.1", port: 61012 })).toBe("127.0.0.1:61012");
  expect(place({ host: "::1", port: 80 })).toBe("[::1]:80");
  expect(shortUrl("http://web.shop.localhost:62893/")).toBe("web.shop.localhost:62893");
  expect(shortUrl("postgres://cove@127.0.0.1:61007/shop")).toBe("postgres://cove@127.0.0.1:61007/shop");
  expect(shortPath("/home/ann/work/shop")).toBe("…/ann/work/shop");
  expect(shortPath("/srv/shop")).toBe("/srv/shop");
});
