import { expect, test } from "vitest";
import { numberOf } from "../../address/network.ts";
import { holdsAddress } from "./address-set.ts";

const elements = [
  "192.0.2.7",
  { prefix: { addr: "10.0.0.0", len: 8 } },
  { elem: { val: { prefix: { addr: "2001:db8::", len: 32 } }, timeout: 60 } },
  { range: ["198.51.100.10", "198.51.100.20"] },
];
const holds = (set: readonly unknown[], host: string) =>
  holdsAddress(set, numberOf(host) ?? { family: "IPv4", value: 0n });

test.each([
  ["192.0.2.7", true],
  ["192.0.2.8", false],
  ["10.255.255.255", true],
  ["11.0.0.0", false],
  ["9.255.255.255", false],
  ["2001:db8:ffff::1", true],
  ["2001:db9::", false],
  ["198.51.100.20", true],
  ["198.51.100.21", false],
])("%s: %s", (host, expected) => {
  expect(holds(elements, host)).toBe(expected);
});

test("a set of other things isn't decided here", () => {
  expect(holds([...elements, { concat: ["10.0.0.1", 80] }], "192.0.2.7")).toBeNull();
  expect(holds([], "192.0.2.7")).toBe(false);
});
