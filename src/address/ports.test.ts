import { expect, test } from "vitest";
import { BROWSER_BLOCKED_PORTS, DOOR_PORT, LEASE_RANGE, OVERFLOW_RANGE, parsePort, portRange } from "./ports.ts";

test("fetch refuses every port on the list, and refuses it as a bad port", async () => {
  for (const port of BROWSER_BLOCKED_PORTS) {
    // Port 0 can't be connected to, whatever a list says.
    if (port === 0) continue;
    const error = await fetch(`http://127.0.0.1:${port}/`).then(
      () => null,
      (failure: unknown) => failure,
    );
    expect(error, `port ${port}`).toMatchObject({ cause: { message: "bad port" } });
  }
});

test("the list has the 82 ports of the Fetch standard, and 0", () => {
  expect(BROWSER_BLOCKED_PORTS.size).toBe(83);
});

test("the door and the leases are in the dynamic range, above Linux's ephemeral ports", () => {
  expect(portRange(DOOR_PORT)).toBe("dynamic");
  expect(LEASE_RANGE[0]).toBeGreaterThan(60999);
  expect(OVERFLOW_RANGE[1]).toBe(LEASE_RANGE[0] - 1);
  expect([0, 1023, 1024, 49151, 49152, 65535].map(portRange)).toEqual([
    "well-known",
    "well-known",
    "registered",
    "registered",
    "dynamic",
    "dynamic",
  ]);
});

test("a port is written in decimal digits alone", () => {
  expect(["0", "80", "65535", "00080"].map(parsePort)).toEqual([0, 80, 65535, 80]);
  expect(["", "65536", "-1", "+1", "1e3", "0x50", " 80", "８０"].map(parsePort)).toEqual(Array(8).fill(null));
});
