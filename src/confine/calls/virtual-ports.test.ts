import { expect, test } from "vitest";
import { type PortPlan, portInstead } from "./virtual-ports.ts";

const plan: PortPlan = {
  leased: new Map([
    [3000, 61_007],
    [4000, null],
  ]),
  real: [
    [1, 1_023],
    [32_768, 60_999],
  ],
};

test("a port that code chooses is the leased one, once it is known; all others are themselves", () => {
  expect(portInstead(plan, 3000)).toBe(61_007);
  expect(portInstead(plan, 4000)).toBe(4000);
  expect(portInstead(plan, 5000)).toBe("unknown");
  for (const port of [0, 80, 40_000, 61_007]) expect(portInstead(plan, port)).toBe(port);
  expect(portInstead(null, 3000)).toBe(3000);
});
